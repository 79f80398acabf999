"""One place's month is read and rated for it alone, and comes to what the whole month says of it."""

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from passapp.network.rules import Netting
from passapp.settlement.rules.documents import Documents, with_payments
from passapp.settlement.rules.month import Former, Opening, Terms, settle
from passapp.settlement.rules.netting import NETTED_IN_PAIRS
from passapp.settlement.rules.rating import Credit
from tests.scenes import check_in, close_month, scan_at
from tests.settlement.invented import AMONG, months, places
from tests.settlement.living import OVER, close, november, pass_time, statements
from tests.settlement.months import agree, make_visit, old_pass, statement_of, visits_behind
from tests.world import NOW

cents = st.integers(1, 900)
pairs = st.tuples(places, places).filter(lambda pair: pair[0] != pair[1])


@st.composite
def former_months(draw):
    """Debts and credits that a month takes over."""
    openings = [Opening(*draw(pairs), draw(cents), "2026-09") for _ in range(draw(st.integers(0, 2)))]
    numbers = range(draw(st.integers(0, 2)))
    credits_ = [Credit(f"{n:032}", *draw(pairs), "2026-09", 1, 0, draw(cents)) for n in numbers]
    return Former(tuple(openings), tuple(credits_), {"visitor 1": (1, 1)})


def whole_and_alone(month, former, terms, place):
    """The month, and what it is of one place, settled from the visits of those who have to do with it."""
    visits, versions = month
    known = {v.visitor for v in visits if place in {v.home, v.host} and not v.at_home}
    theirs = [v for v in visits if v.visitor in known and not v.at_home]
    at_home = sum(v.at_home and v.host == place for v in visits)
    whole = settle("2026-10", visits, versions, AMONG, terms, (), former)
    alone = settle(
        "2026-10", theirs, versions, AMONG, terms, (), former, at_home={place: at_home} if at_home else {}, of=place
    )
    return whole, alone


terms = st.builds(
    Terms, st.sampled_from(list(Netting)), st.sampled_from([0, 500]), st.sampled_from([{}, {"b": Netting.GROSS}])
)


@given(months(), former_months(), terms, places)
def test_what_a_place_owes_and_is_owed_is_the_same_alone_as_in_the_whole_month(month, former, terms, place):
    whole, alone = whole_and_alone(month, former, terms, place)
    assert alone.rated == tuple(r for r in whole.rated if place in {r.visit.home, r.visit.host})
    assert alone.pairs == tuple(pair for pair in whole.pairs if place in {pair.home, pair.host})
    assert alone.not_settled == tuple(each for each in whole.not_settled if place in {each.home, each.host})
    assert alone.openings == tuple(each for each in whole.openings if place in {each.debtor, each.creditor})
    assert alone.obligations == tuple(o for o in whole.obligations if place in {o.debtor, o.creditor})
    assert alone.fund == {host: owed for host, owed in whole.fund.items() if host == place}
    assert alone.positions.get(place, 0) == whole.positions.get(place, 0)
    assert alone.at_home == {code: count for code, count in whole.at_home.items() if code == place}


@given(months(), former_months(), terms, places)
def test_a_place_alone_knows_its_payments_where_they_follow_from_its_own_debts(month, former, terms, place):
    whole, alone = whole_and_alone(month, former, terms, place)
    for name in ("transfers", "carried"):
        own = tuple(t for t in getattr(whole, name) if place in {t.debtor, t.creditor})
        assert getattr(alone, name) == (own if terms.netting in NETTED_IN_PAIRS else ())


@given(months(), former_months(), terms, places)
def test_with_what_the_network_adds_the_statement_of_a_place_alone_has_the_bytes_of_the_whole(
    month, former, terms, place
):
    whole, alone = whole_and_alone(month, former, terms, place)
    documents = Documents("NETWORK", whole, [])
    kept = documents.from_the_network(place)
    theirs = Documents("NETWORK", with_payments(alone, kept), [], documents.month_sha256)
    assert theirs.statement_bytes(place) == documents.statement_bytes(place)
    assert theirs.statement(place) == documents.statement(place)


@pytest.mark.parametrize("netting", ["bilateral", "multilateral"])
def test_payments_grouped_over_the_network_come_when_the_month_is_published(world, netting):
    agree(world, netting=netting)
    make_visit(world, world.hangar, world.moulin)
    running = statement_of(world.as_coordinator(), world.moulin)
    assert (running["position_cents"], running["sha256"]) == (500, None)
    assert (running["has_payments"], len(running["transfers"])) == ((True, 1) if netting == "bilateral" else (False, 0))
    pass_time(world, OVER)
    published = statement_of(world.as_coordinator(), world.moulin)
    assert (published["has_payments"], len(published["transfers"])) == (True, 1)
    assert published["sha256"] == statements(world, 1)[world.moulin.id].sha256


def test_after_a_change_the_page_counts_it_and_is_no_published_statement_until_the_next_version(world):
    agree(world, netting="multilateral")
    shown = old_pass(world, world.hangar)
    november(world)
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW))
    changed = statement_of(world.as_coordinator(), world.moulin)
    assert (changed["visits_received"], changed["sha256"], changed["has_payments"]) == (2, None, False)
    pass_time(world, OVER + timedelta(minutes=1))
    assert statement_of(world.as_coordinator(), world.moulin)["sha256"] == statements(world, 2)[world.moulin.id].sha256


def test_a_closed_month_is_shown_as_it_was_signed_whatever_is_renamed_since(world):
    agree(world, netting="multilateral")
    november(world)
    close(world)
    with world.database.write() as session:
        session.get_one(type(world.moulin), world.moulin.id).code = "le-moulin"
    shown = statement_of(world.as_coordinator(), world.moulin)
    assert (shown["place"]["code"], len(shown["transfers"])) == ("moulin", 1)
    assert shown["sha256"] == statements(world, 2)[world.moulin.id].sha256


def test_what_a_visitor_did_elsewhere_counts_for_their_allowance_here(world):
    agree(world, allowance=1)
    phare = world.place("phare", "Le Phare")
    shown = old_pass(world, world.hangar)
    make_visit(world, world.hangar, phare, NOW - timedelta(hours=2), shown)
    make_visit(world, world.hangar, world.moulin, NOW, shown)
    moulin = statement_of(world.as_coordinator(), world.moulin)
    assert (moulin["received"][0]["paid_units"], moulin["position_cents"]) == (1, 500)
    assert [row["partner"]["code"] for row in moulin["received"] + moulin["made"]] == ["hangar"]
    [behind] = visits_behind(world.as_coordinator(), world.moulin, "received", "hangar")
    assert (behind["free_units"], behind["amount_cents"]) == (0, 500)


def test_a_late_visit_is_priced_on_its_places_page_by_what_was_left_of_its_own_month(world):
    agree(world, date(2026, 10, 1), allowance=1)
    shown, october = old_pass(world, world.hangar), datetime(2026, 10, 20, 9, tzinfo=UTC)
    check_in(world.as_door(world.moulin), scan_at(world, shown, october))
    close_month(world, "2026-10")
    check_in(world.as_door(world.moulin), scan_at(world, shown, october + timedelta(days=1)))
    [row] = statement_of(world.as_coordinator(), world.moulin)["received"]
    assert (row["visits"], row["paid_units"], row["net_cents"]) == (1, 1, 500)


def test_a_month_that_is_closed_as_it_was_published_says_the_same_statements_again(world):
    agree(world)
    november(world)
    close(world)
    assert [each.sha256 for each in statements(world, 2).values()] == [
        statements(world, 1)[place].sha256 for place in statements(world, 2)
    ]
