"""Visits of members of a place that has left, which the fund bears for a while (settlement R13)."""

from datetime import timedelta

import pytest

from passapp.settlement.contests.models import CreditRow
from tests.scenes import rows
from tests.settlement.files.judges import words_of
from tests.settlement.living import OVER, close, code_of, pass_time
from tests.settlement.months import MONTH, agree, make_visit, month_of, statement_of, visits_behind
from tests.settlement.reporting import answer, report
from tests.world import NOW


@pytest.fixture
def phare(world):
    """A place that leaves on 10 November; a member of it goes to the moulin on the 18th, at 5 euros."""
    agree(world, transition_days=30, fund_basis_points=500)
    phare = world.place("phare", "Le Phare")
    make_visit(world, phare, world.moulin, NOW)
    leave(world, phare)
    pass_time(world, OVER)
    return phare


def leave(world, place, day="2026-11-10"):
    client = world.as_coordinator()
    tag = client.get(f"/api/v1/places/{place.id}").headers["etag"]
    changed = client.patch(f"/api/v1/places/{place.id}", json={"left_on": day}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text


@pytest.mark.parametrize("path", ["months/{month}/lines.csv", "places/{place}/statements/{month}/statement.csv"])
def test_a_spreadsheet_names_the_fund(world, phare, path):
    found = world.as_coordinator().get("/api/v1/" + path.format(month=MONTH, place=world.moulin.id))
    assert found.status_code == 200, found.text
    assert ";CAISSE;Caisse commune;moulin;" in found.text


def test_the_place_that_was_visited_sees_the_visits_behind_the_funds_line(world, phare):
    [visit] = visits_behind(world.as_manager(world.moulin), world.moulin, "received", "@fund")
    assert (visit["amount_cents"], visit["member"]) == (500, None)


@pytest.mark.parametrize("partner", ["@fund", "phare"])
def test_the_place_that_was_visited_reports_an_error_and_the_visitors_own_home_is_asked(world, phare, partner):
    contest = report(world.as_manager(world.moulin), world.moulin, partner, "received").json()
    assert (contest["home"]["code"], contest["host"]["code"]) == ("phare", "moulin")
    assert answer(world.as_manager(phare), contest, agrees=True).json()["state"] == "accepted"
    assert month_of(world.as_coordinator())["rows"] == []


def test_the_home_that_left_may_report_an_error_too(world, phare):
    contest = report(world.as_manager(phare), phare, "moulin", "made").json()
    assert answer(world.as_manager(world.moulin), contest, agrees=True).json()["state"] == "accepted"


def test_the_home_that_left_sees_what_the_fund_pays_for_its_members_counted_and_owed_by_no_place(world, phare):
    shown = statement_of(world.as_manager(phare), phare)
    [row] = shown["borne_by_fund"]
    assert (row["partner"]["code"], row["visits"]) == ("moulin", 1)
    assert row["days"] == [{"local_date": "2026-11-18", "visits": 1, "amount_cents": 0}]
    assert (shown["made"], shown["visits_made"], shown["position_cents"]) == ([], 0, 0)


@pytest.mark.poppler
@pytest.mark.parametrize("is_closed", [False, True])
def test_the_page_that_the_home_that_left_keeps_says_it_too(world, phare, tmp_path, is_closed):
    if is_closed:
        close(world)
    address = f"/api/v1/places/{phare.id}/statements/{MONTH}/statement.pdf"
    words = words_of(world.as_manager(phare).get(address).content, tmp_path)
    part = words.split("Passages de vos membres que la caisse commune paie")[1]
    assert part.split()[:5] == ["Lieu", "Passages", "Le", "Moulin", "1"]


def test_the_home_that_left_sees_whose_visits_they_are_and_at_no_price(world, phare):
    [visit] = visits_behind(world.as_manager(phare), phare, "made", "moulin")
    assert (visit["borne_by_fund"], visit["amount_cents"], visit["rate_cents"]) == (True, 0, 0)
    assert visit["member"] is not None


def test_what_a_place_owed_before_it_left_stands_apart_from_what_the_fund_pays(world, phare):
    make_visit(world, phare, world.moulin, NOW.replace(day=9))
    shown = statement_of(world.as_manager(phare), phare)
    assert [(row["visits"], row["total_cents"]) for row in shown["made"]] == [(1, 500)]
    assert [row["visits"] for row in shown["borne_by_fund"]] == [1]


def test_other_places_are_shown_nothing_of_it_as_their_own(world, phare):
    for place in (world.hangar, world.moulin):
        assert statement_of(world.as_manager(place), place)["borne_by_fund"] == []


def test_what_the_fund_paid_for_a_closed_month_is_given_back_to_the_fund(world, phare):
    close(world)
    contest = report(world.as_manager(phare), phare, "moulin", "made").json()
    answer(world.as_manager(world.moulin), contest, agrees=True)
    [credit] = rows(world, CreditRow)
    assert (credit.home_id, credit.host_id, credit.amount_cents) == (None, world.moulin.id, 500)


def test_visits_of_members_of_two_places_that_left_are_reported_place_by_place(world, phare):
    quai = world.place("quai", "Le Quai")
    make_visit(world, quai, world.moulin, NOW + timedelta(hours=1))
    leave(world, quai)
    pass_time(world, OVER + timedelta(minutes=1))
    moulin = world.as_manager(world.moulin)
    assert code_of(report(moulin, world.moulin, "@fund", "received")) == (409, "one_home_at_a_time")
    assert report(moulin, world.moulin, "quai", "received").status_code == 201
    assert report(moulin, world.moulin, "phare", "received").status_code == 201
