"""What a month would have cost under draft rules, beside what it did cost."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from passapp.door.models import Visit
from passapp.network.rules import FIRST_CONVENTION
from passapp.places.models import Place
from tests.scenes import rows
from tests.settlement.conventions import document, rule
from tests.settlement.months import agree, make_visit, month_of

OCTOBER = datetime(2026, 10, 14, 9, tzinfo=UTC)


def draft(world, **fields):
    """Rules that the coordination writes; gives their id."""
    body = {"starts_on": "2027-01-01", "document": document(**fields)}
    answer = world.as_coordinator().post("/api/v1/convention-drafts", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def example(client, draft_id, **params):
    answer = client.get(f"/api/v1/convention-drafts/{draft_id}/example", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_place(shown):
    return {row["place"]["code"]: (row["did_cents"], row["would_cents"]) for row in shown["rows"]}


@pytest.fixture
def october(world):
    """Two visits of Le Hangar's members at Le Moulin, one the other way."""
    for home, host in ((world.hangar, world.moulin), (world.hangar, world.moulin), (world.moulin, world.hangar)):
        make_visit(world, home, host, OCTOBER)


@pytest.mark.usefixtures("october")
def test_last_month_is_shown_under_the_draft_beside_what_it_cost(world):
    shown = example(world.as_coordinator(), draft(world))
    assert (shown["month"], shown["money"]) == ("2026-10", True)
    assert by_place(shown) == {"hangar": (0, -500), "moulin": (0, 500)}
    assert (shown["did"], shown["would"]) == (
        {"payments": 0, "total_cents": 0},
        {"payments": 1, "total_cents": 500},
    )


@pytest.mark.parametrize(
    "zone, now, month",
    [
        ("Indian/Reunion", datetime(2026, 10, 31, 21, tzinfo=UTC), "2026-10"),  # one in the morning, on the 1st
        ("America/Martinique", datetime(2026, 11, 1, 2, tzinfo=UTC), "2026-09"),  # ten in the evening, on the 31st
    ],
)
@pytest.mark.usefixtures("october")
def test_last_month_is_the_one_that_is_over_where_the_places_are(world, zone, now, month):
    with world.database.write() as session:
        session.execute(update(Place).values(zone=zone))
    wanted = draft(world)
    world.now = now
    assert example(world.as_coordinator(), wanted)["month"] == month


@pytest.mark.usefixtures("october")
def test_the_visits_are_those_of_the_month_whatever_the_rules(world):
    rows_ = example(world.as_coordinator(), draft(world))["rows"]
    assert [(row["place"]["code"], row["visits_received"], row["visits_made"]) for row in rows_] == [
        ("hangar", 1, 2),
        ("moulin", 2, 1),
    ]


def test_a_month_with_euros_is_shown_with_both_amounts(world):
    agree(world, starts_on=date(2026, 10, 1))
    make_visit(world, world.hangar, world.moulin, OCTOBER)
    dearer = draft(world, tariff=[rule(800, host=["moulin"]), rule(100)], fund_basis_points=1000)
    assert by_place(example(world.as_coordinator(), dearer)) == {
        "@fund": (0, 80),
        "hangar": (-500, -800),
        "moulin": (500, 720),
    }


@pytest.mark.usefixtures("october")
def test_allowance_and_cap_of_the_draft_count(world):
    free = draft(world, allowance=1)
    assert by_place(example(world.as_coordinator(), free)) == {"hangar": (0, 0), "moulin": (0, 0)}


@pytest.mark.usefixtures("october")
def test_another_month_is_asked_for_by_its_name(world):
    assert by_place(example(world.as_coordinator(), draft(world), month="2026-11")) == {}
    answer = world.as_coordinator().get(f"/api/v1/convention-drafts/{draft(world)}/example?month=2026-13")
    assert (answer.status_code, answer.json()["code"]) == (422, "month_not_valid")


@pytest.mark.usefixtures("october")
def test_days_that_were_counted_whole_are_half_a_day_at_least(world):
    assert example(world.as_coordinator(), draft(world, unit="half_day"))["at_least"] is True
    assert example(world.as_coordinator(), draft(world))["at_least"] is False


@pytest.mark.usefixtures("october")
def test_trying_rules_out_changes_nothing(world):
    coordinator = world.as_coordinator()
    before, visits = month_of(coordinator, "2026-10"), rows(world, Visit)
    example(coordinator, draft(world))
    after = month_of(coordinator, "2026-10")
    assert (after["sha256"], after["conventions"][0]["document"]) == (before["sha256"], FIRST_CONVENTION)
    assert [visit.convention_version for visit in rows(world, Visit)] == [v.convention_version for v in visits]


@pytest.mark.usefixtures("october")
def test_places_see_the_example_once_the_rules_are_proposed(world):
    manager, draft_id = world.as_manager(), draft(world)
    path = f"/api/v1/convention-drafts/{draft_id}"
    assert manager.get(f"{path}/example").json()["code"] == "convention_draft_unknown"
    world.as_coordinator().post(f"{path}/propose", headers={"If-Match": '"1"'})
    assert by_place(example(manager, draft_id)) == {"hangar": (0, -500), "moulin": (0, 500)}
