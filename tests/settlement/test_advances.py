"""Bookings that a home advances: what it owes the hosts for them, apart from the visits."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passapp.bookings import service
from passapp.bookings.models import Booking, BookingAdvance
from passapp.bookings.rules import Policy, Rate, Tier
from passapp.network.rules import Netting
from passapp.settlement.rules.advances import AdvancedBooking, BookingCredit, booking_lines
from passapp.settlement.rules.month import Former, Terms, settle
from passapp.settlement.rules.reading import differences, read_document
from passapp.settlement.service import recompute
from tests.bookings.rooms import book, do, room
from tests.settlement.conventions import convention, partners, visit
from tests.settlement.months import MONTH, agree, month_of, statement_of

LATE = Policy(is_always_open=True, tiers=(Tier(48, 0),), late_fee_percent=50)


def booking(home="a", host="b", cents=1200, *, day=1, number=1, is_cancelled=False):
    return AdvancedBooking(str(UUID(int=number)), home, host, date(2026, 10, day), is_cancelled, cents)


def settled(bookings, visits=(), among=None, **fields):
    rules = {1: convention(**fields)}
    return settle("2026-10", visits, rules, among or partners(), Terms(Netting.BILATERAL), bookings)


def test_a_line_adds_up_the_bookings_of_a_pair():
    [line] = booking_lines([booking(), booking(cents=600, is_cancelled=True, number=2)], partners())
    assert (line.home, line.host, len(line.bookings), line.cancelled, line.total_cents) == ("a", "b", 2, 1, 1800)


def test_the_price_that_was_shown_includes_the_tax_of_the_host():
    taxed = partners(vat=((date(2020, 1, 1), 2000),))
    [line] = booking_lines([booking(cents=1200)], taxed)
    assert (line.net_cents, line.vat_cents, line.total_cents) == (1000, 200, 1200)


@given(cents=st.lists(st.integers(1, 10**7), min_size=1, max_size=20), points=st.integers(0, 3000))
def test_tax_is_rounded_once_and_nothing_is_lost(cents, points):
    taxed = partners(vat=((date(2020, 1, 1), points),))
    [line] = booking_lines([booking(cents=c, number=n) for n, c in enumerate(cents)], taxed)
    assert line.net_cents + line.vat_cents == line.total_cents == sum(cents)
    assert abs(line.net_cents * (10_000 + points) - sum(cents) * 10_000) * 2 <= 10_000 + points


def test_a_booking_when_one_of_both_took_no_part_is_told_and_worth_nothing():
    left = partners(left_on=date(2026, 10, 15))
    month = settled([booking(day=14), booking(day=15, number=2)], among=left)
    assert [(line.not_settled, line.total_cents) for line in month.bookings] == [("took_no_part", 0), ("", 1200)]
    assert month.positions == {"a": -1200, "b": 1200}


def test_bookings_and_visits_of_a_pair_are_one_debt():
    month = settled([booking(cents=1200)], [visit(), visit("b", "a")])
    assert [(owed.debtor, owed.creditor, owed.amount_cents) for owed in month.obligations] == [
        ("a", "b", 1700),
        ("b", "a", 500),
    ]
    assert [(paid.debtor, paid.amount_cents) for paid in month.transfers] == [("a", 1200)]


@pytest.mark.parametrize("mode", Netting)
def test_what_is_given_back_of_a_booking_is_taken_off_what_the_visits_cost(mode):
    back = BookingCredit(str(UUID(int=9)), "a", "b", "2026-09", 0, 400)
    terms = Terms(mode)
    month = settle("2026-10", [visit()], {1: convention()}, partners(), terms, (), Former(booking_credits=(back,)))
    assert [(paid.debtor, paid.creditor, paid.amount_cents) for paid in month.transfers] == [("a", "b", 100)]


def test_the_common_fund_takes_no_share_of_a_booking():
    month = settled([booking()], [visit()], fund_basis_points=1000)
    assert month.fund == {"b": 50}


@pytest.fixture
def advanced(world):
    """The hangar advances; its member booked the moulin's room for 12 euros, on the 23rd of November at nine."""
    agree(world)
    with world.database.write() as session:
        session.add(BookingAdvance(place_id=world.hangar.id, ceiling=None))
    world.member_of_the_hangar = world.member(world.hangar, given_name="Zoé", family_name="Quignard")
    world.booked = book(world, room(world, world.moulin, LATE, [Rate(hour=1200)]), world.member_of_the_hangar)
    return world


def bookings_behind(client, place, direction, partner):
    path = f"/api/v1/places/{place.id}/statements/{MONTH}/bookings"
    answer = client.get(path, params={"direction": direction, "partner": partner})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_both_statements_show_it_apart_from_the_visits(advanced):
    made = statement_of(advanced.as_manager(advanced.hangar), advanced.hangar)
    received = statement_of(advanced.as_manager(advanced.moulin), advanced.moulin)
    assert (made["made"], received["received"], made["money"]) == ([], [], True)
    [row], [same] = made["bookings_made"], received["bookings_received"]
    assert (row["partner"]["code"], row["bookings"], row["cancelled"], row["total_cents"]) == ("moulin", 1, 0, 1200)
    assert (same["partner"]["code"], same["total_cents"]) == ("hangar", 1200)
    assert (made["position_cents"], received["position_cents"]) == (-1200, 1200)


def test_the_month_shows_it_to_everybody(advanced):
    month = month_of(advanced.as_coordinator())
    [row] = month["bookings"]
    assert (row["home"]["code"], row["host"]["code"], row["bookings"], row["total_cents"]) == (
        "hangar",
        "moulin",
        1,
        1200,
    )
    assert advanced.as_coordinator().get("/api/v1/months").json()["items"][0]["month"] == MONTH


def test_the_home_sees_whose_it_is_and_the_host_does_not(advanced):
    [own] = bookings_behind(advanced.as_manager(advanced.hangar), advanced.hangar, "made", "moulin")
    [other] = bookings_behind(advanced.as_manager(advanced.moulin), advanced.moulin, "received", "hangar")
    assert (own["resource"], own["local_date"], own["member"]["family_name"]) == (
        "Salle Bleue",
        "2026-11-23",
        "Quignard",
    )
    assert (other["amount_cents"], other["member"]) == (1200, None)


@pytest.mark.parametrize("scope, status", [("settlement:read", 403), ("visits:read", 200)])
def test_a_key_for_months_alone_reads_the_name_of_nobody_who_booked(advanced, scope, status):
    made = advanced.as_coordinator().post("/api/v1/api-keys", json={"name": "Compta", "scopes": [scope]}).json()
    key = advanced.client()
    key.headers["Authorization"] = f"Bearer {made['secret']}"
    path = f"/api/v1/places/{advanced.hangar.id}/statements/{MONTH}/bookings"
    answer = key.get(path, params={"direction": "made", "partner": "moulin"})
    assert (answer.status_code, "Quignard" in answer.text) == (status, status == 200)


def test_what_was_cancelled_in_time_is_owed_by_nobody(advanced):
    do(advanced, service.cancel, advanced.booked, reason=None)
    assert month_of(advanced.as_coordinator())["bookings"] == []


def test_what_was_cancelled_too_late_is_owed_as_a_fee(advanced):
    advanced.now = advanced.now.replace(day=22, hour=9)
    do(advanced, service.cancel, advanced.booked, reason=None)
    [row] = month_of(advanced.as_coordinator())["bookings"]
    assert (row["bookings"], row["cancelled"], row["total_cents"]) == (1, 1, 600)


def test_it_stays_owed_once_the_persons_data_are_erased(advanced):
    with advanced.database.write() as session:
        session.get_one(Booking, advanced.booked).member_id = None
    [own] = bookings_behind(advanced.as_manager(advanced.hangar), advanced.hangar, "made", "moulin")
    assert (own["amount_cents"], own["member"]) == (1200, None)


def test_the_documents_say_it_and_are_recomputed(advanced):
    manager = advanced.as_manager(advanced.hangar)
    text = manager.get(f"/api/v1/places/{advanced.hangar.id}/statements/{MONTH}/document.json").content
    document = read_document(text)
    [row] = document["bookings_made"]
    assert row["bookings_detail"] == [
        {"id": str(advanced.booked), "local_date": "2026-11-23", "cancelled": False, "amount_cents": 1200}
    ]
    with advanced.session() as session:
        assert differences(document, recompute(session, document, at=advanced.now)) == []


def test_the_csv_has_a_line_of_its_own_for_them(advanced):
    manager = advanced.as_manager(advanced.hangar)
    csv = manager.get(f"/api/v1/places/{advanced.hangar.id}/statements/{MONTH}/statement.csv").content
    assert csv.decode("utf-8-sig").splitlines()[1] == (
        "2026-11;Salles réservées;hangar;Le Hangar;moulin;Le Moulin;;;;1;;;;;;0,00;12,00;;-12,00"
    )


def test_a_document_of_a_month_without_any_says_no_word_of_it(world):
    agree(world)
    manager = world.as_manager(world.hangar)
    assert b"bookings" not in manager.get(f"/api/v1/places/{world.hangar.id}/statements/{MONTH}/document.json").content


def test_a_month_to_come_is_not_listed_for_what_is_booked_in_it(advanced):
    with advanced.database.write() as session:
        booked = session.get_one(Booking, advanced.booked)
        booked.local_start, booked.local_end = (at.replace(year=2027) for at in (booked.local_start, booked.local_end))
    assert advanced.as_coordinator().get("/api/v1/months").json()["items"] == []
