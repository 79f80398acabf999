"""The convention: what is refused before it is published, and how versions follow one another (settlement R7)."""

from datetime import UTC, date, datetime

import pytest

from passapp.kernel.audit import SYSTEM
from passapp.kernel.problems import Problem
from passapp.network.models import ConventionVersion, Period
from passapp.network.rules import FIRST_CONVENTION, Convention, hash_document, timeline_flaws
from passapp.network.service import conventions, in_force, in_force_between, publish_convention, read_conventions
from tests.scenes import rows
from tests.settlement.conventions import document, flaws, rule
from tests.settlement.months import make_visit, month_of
from tests.world import NOW

SOON = date(2026, 12, 1)


def test_what_a_network_starts_with_is_a_convention():
    convention = Convention.model_validate(FIRST_CONVENTION)
    assert (convention.money, convention.unit, convention.allowance) == (False, "visit", None)


def test_a_tariff_that_does_not_end_in_a_catch_all_leaves_a_gap():
    assert "leaves a gap" in flaws(tariff=[rule(500, plan=["TOUT"])])
    assert "tariff" in flaws(tariff=[])


@pytest.mark.parametrize(
    "tariff, never, always",
    [
        ([rule(500), rule(400, plan=["TOUT"]), rule(1)], 2, 1),
        ([rule(500), rule(400)], 2, 1),
        ([rule(1, plan=["A", "B"]), rule(2, plan=["B"]), rule(3)], 2, 1),
        ([rule(1, host_class=["subsidised", "standard"]), rule(2, plan=["A"]), rule(3)], 2, 1),
        ([rule(1, plan=["A"]), rule(2, host=["x"]), rule(3, host=["x"], plan=["B"]), rule(4)], 3, 2),
    ],
)
def test_a_rule_that_never_matches_is_named(tariff, never, always):
    assert f"rule {never} of the tariff never matches: rule {always} always comes first" in flaws(tariff=tariff)


def test_a_rule_that_two_others_leave_nothing_for_is_named_with_both():
    tariff = [rule(1, host_class=["standard"]), rule(2, host_class=["subsidised"]), rule(3, plan=["A"]), rule(4)]
    assert "rule 3 of the tariff never matches: rules 1 and 2 always come first" in flaws(tariff=tariff)
    assert not flaws(tariff=[*tariff[:2], tariff[3]])


@pytest.mark.parametrize(
    "before, never, numbers",
    [
        ([rule(1, plan=["A"]), rule(2, plan=["B"])], rule(3, plan=["A", "B"]), "1 and 2"),
        ([rule(1, home=["a", "b"]), rule(2, home=["c"])], rule(3, home=["b", "c"], plan=["A"]), "1 and 2"),
        (
            [rule(1, home=["a"], host=["x"]), rule(2, home=["b"]), rule(3, host=["y"])],
            rule(4, home=["a", "b"], host=["x", "y"]),
            "1, 2 and 3",
        ),
        (
            [rule(1, plan=["A"], host_class=["standard"]), rule(2, plan=["B"]), rule(3, host_class=["subsidised"])],
            rule(4, plan=["A", "B"]),
            "1, 2 and 3",
        ),
    ],
)
def test_a_rule_that_several_before_it_leave_nothing_for_is_named_with_all_of_them(before, never, numbers):
    said = f"rule {len(before) + 1} of the tariff never matches: rules {numbers} always come first"
    assert said in flaws(tariff=[*before, never, rule(9)])
    for left_out in range(len(before)):
        without = [each for n, each in enumerate(before) if n != left_out]
        assert not flaws(tariff=[*without, never, rule(9)])


def test_rules_that_overlap_only_in_part_are_fine():
    tariff = [rule(1, plan=["A"], host=["x"]), rule(2, plan=["A"]), rule(3, host=["x"]), rule(4)]
    assert not flaws(tariff=tariff)


@pytest.mark.parametrize(
    "fields",
    [
        {"tariff": [rule(-1)]},
        {"tariff": [rule(10**9)]},
        {"tariff": [rule(5.5)]},
        {"tariff": [rule("500")]},
        {"tariff": [rule(rate_cents=True)]},
        {"tariff": [rule(1, tier=["solidaire"]), rule(1)]},
        {"tariff": [rule(1, plan=[]), rule(1)]},
        {"tariff": [rule(1, host_class=["rich"]), rule(1)]},
        {"tariff": [rule(n, plan=[str(n)]) for n in range(60)] + [rule(1)]},
        {"allowance": -1},
        {"cap": "3"},
        {"cap": 1.5},
        {"fund_basis_points": 10_001},
        {"fund_basis_points": -1},
        {"netting": "by_hand"},
        {"unit": "hour"},
        {"schema": 2},
        {"schema": True},
        {"schema": 1.0},
        {"schema_": 1},
        {"money": "yes"},
        {"money": False},
        {"surprise": 1},
    ],
)
def test_what_makes_no_sense_is_refused(fields):
    assert flaws(**fields)


def test_a_solidarity_tier_cannot_be_a_condition():
    assert "tier: Extra inputs are not permitted" in flaws(tariff=[rule(1, tier=["solidaire"]), rule(1)])


def test_versions_neither_overlap_nor_leave_a_gap():
    january, march = date(2026, 1, 1), date(2026, 3, 1)
    assert timeline_flaws([(2, march), (1, january)]) == []
    assert timeline_flaws([(1, march), (2, march)]) == [
        "version 2 begins on 2026-03-01, not after version 1 (2026-03-01)"
    ]
    assert timeline_flaws([(1, march), (2, january)])
    assert timeline_flaws([(1, january), (3, march)]) == ["between the versions 1 and 3 one is missing"]
    assert timeline_flaws([]) == ["there is no convention version at all"]


def publish(world, starts_on=SOON, at=NOW, **fields):
    with world.database.write() as session:
        return publish_convention(session, document(**fields), starts_on=starts_on, at=at, actor=SYSTEM)


def refused(world, *args, **fields):
    with pytest.raises(Problem) as problem:
        publish(world, *args, **fields)
    assert len(rows(world, ConventionVersion)) == 1, "nothing was published"
    return problem.value


def test_a_version_is_published_with_its_hash_and_holds_until_the_next(world):
    version = publish(world)
    assert (version.number, version.sha256) == (2, hash_document(document()))
    publish(world, date(2027, 1, 1), tariff=[rule(700)])
    with world.session() as session:
        versions = conventions(session)
        assert [in_force(versions, day).number for day in (date(2026, 11, 30), SOON, date(2026, 12, 31))] == [1, 2, 2]
        assert [v.number for v in in_force_between(versions, SOON, date(2026, 12, 31))] == [2]
        assert [v.number for v in in_force_between(versions, date(2026, 11, 1), date(2026, 12, 1))] == [1, 2]


def test_what_is_wrong_with_a_version_is_told_flaw_by_flaw(world):
    problem = refused(world, tariff=[rule(-5)], cap=-1)
    assert problem.kind.code == "convention_not_valid"
    assert {error.pointer for error in problem.errors} == {"/tariff/0/rate_cents", "/cap"}


COVERED = [rule(100, host_class=["standard"]), rule(200, host_class=["subsidised"]), rule(300, plan=["TOUT"])]


def test_a_rule_that_never_matches_is_refused_before_it_is_published_and_pointed_at(world):
    problem = refused(world, tariff=[*COVERED, rule(400)])
    assert (problem.kind.code, [error.pointer for error in problem.errors]) == ("convention_not_valid", ["/tariff/2"])


@pytest.mark.parametrize(
    "fields",
    [
        {"tariff": [*COVERED, rule(400)]},
        {"allowance": 3, "cap": 2},
        {"money": False, "tariff": [rule(100)]},
        {"currency": "a" * 21},
    ],
)
def test_rules_that_were_published_before_we_looked_for_their_flaw_are_read_and_settled_by(world, fields):
    assert flaws(**fields)
    said = document(**fields)
    with world.database.write() as session:
        sha256 = hash_document(said)
        day = date(2026, 11, 1)
        session.add(ConventionVersion(number=2, starts_on=day, document=said, sha256=sha256, published_at=NOW))
    _, answered = make_visit(world, world.hangar, world.moulin)
    assert answered["verdict"] == "ok"
    assert [row["visits"] for row in month_of(world.as_coordinator())["rows"]] == [1]


@pytest.mark.parametrize("name, value", [("plan", "GOLD"), ("host", "x"), ("home", "x"), ("zone", "Mars/One")])
def test_a_rule_for_what_does_not_exist_never_matches(world, name, value):
    problem = refused(world, tariff=[rule(1, **{name: [value]}), rule(2)])
    assert problem.errors[0].en == f"rule 1 of the tariff never matches: there is no {name} {value}"


@pytest.mark.parametrize("day", [date(2026, 11, 18), date(2026, 11, 19), date(2020, 1, 1)])
def test_a_version_begins_on_a_day_that_has_begun_nowhere(world, day):
    at = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # the 19th in Kiritimati
    assert refused(world, day, at).kind.code == "convention_too_late"


def test_a_version_begins_after_the_last_one(world):
    publish(world, date(2027, 1, 1))
    with pytest.raises(Problem) as problem:
        publish(world, date(2027, 1, 1))
    assert problem.value.kind.code == "convention_overlaps"
    assert len(rows(world, ConventionVersion)) == 2


def test_versions_with_a_hole_are_not_settled_by(world):
    publish(world)
    with world.session() as session:
        first, second = conventions(session)
        second.number = 4
        with pytest.raises(Problem) as problem:
            read_conventions([first, second])
        session.rollback()
    assert problem.value.kind.code == "convention_gap"


def test_a_day_before_the_first_version_has_no_rules(world):
    with world.session() as session, pytest.raises(Problem) as problem:
        in_force(conventions(session), date(1999, 12, 31))
    assert problem.value.kind.code == "no_convention"


def test_publishing_changes_no_month(world):
    publish(world)
    assert rows(world, Period) == []
