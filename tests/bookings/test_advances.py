"""Bookings elsewhere that a home pays first, and what it charges back (booking.md 20)."""

import pytest

from passapp.bookings import service
from passapp.bookings.models import BookingAdvance
from passapp.bookings.rules import Policy, Rate, Tier
from passapp.kernel.audit import AuditEntry
from tests.bookings.rooms import book, do, room
from tests.scenes import rows
from tests.settlement.months import agree

pytestmark = pytest.mark.usefixtures("with_money")
PAID = Policy(is_always_open=True, tiers=(Tier(48, 0),), late_fee_percent=50)


@pytest.fixture
def with_money(world):
    """The network settles money."""
    agree(world)


def advance(client, place, version, **said):
    return client.put(f"/api/v1/places/{place.id}/booking-advance", json=said, headers={"If-Match": f'"{version}"'})


def charged(client, place, month="2026-11", ending=""):
    return client.get(f"/api/v1/places/{place.id}/advanced-bookings{ending}", params={"month": month})


def test_a_home_says_whether_it_pays_first_and_how_much_a_month(world):
    manager, address = world.as_manager(), f"/api/v1/places/{world.hangar.id}/booking-advance"
    assert manager.get(address).json() == {"advances": False, "ceiling": None, "version": 0}
    said = advance(manager, world.hangar, 0, advances=True, ceiling=5000).json()
    assert said == {"advances": True, "ceiling": 5000, "version": 1} == manager.get(address).json()
    assert advance(manager, world.hangar, 1, advances=True).json() == {"advances": True, "ceiling": None, "version": 2}
    assert advance(manager, world.hangar, 2, advances=False, ceiling=1).json() == {
        "advances": False,
        "ceiling": None,
        "version": 0,
    }
    said = [entry.detail for entry in rows(world, AuditEntry, AuditEntry.action == "booking_advance.change")]
    assert said == [{"advances": True}, {"advances": True}, {"advances": False}]


def test_a_change_from_what_was_seen_before_is_refused(world):
    manager = world.as_manager()
    advance(manager, world.hangar, 0, advances=True)
    for version in (0, 2):
        assert advance(manager, world.hangar, version, advances=True, ceiling=1).status_code == 412
    assert [row.ceiling for row in rows(world, BookingAdvance)] == [None]


@pytest.mark.parametrize("ceiling", [-1, 10_000_001, "beaucoup"])
def test_a_ceiling_that_makes_no_sense_is_refused(world, ceiling):
    answer = advance(world.as_manager(), world.hangar, 0, advances=True, ceiling=ceiling)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/ceiling")


def test_the_list_to_charge_back_says_who_booked_what_where_and_what_it_came_to(world):
    blue, manager = room(world, policy=PAID, rates=[Rate(hour=1200)]), world.as_manager()
    before, member = world.member(), world.member(family_name="Zola", reference="M-7")
    book(world, blue, before, -60)  # paid by the member: nothing was advanced then
    advance(manager, world.hangar, 0, advances=True, ceiling=5000)
    kept = book(world, blue, member)
    late = book(world, blue, member, 60)
    book(world, blue, member, 120, hold=True)
    free = book(world, blue, member, 180)
    do(world, service.cancel, free, reason=None)
    world.later(days=4)
    do(world, service.cancel, late, reason=None)
    found = charged(world.as_manager(), world.hangar).json()
    assert [(each["booking_id"], each["state"], each["amount"]) for each in found["items"]] == [
        (str(kept), "booked", 1200),
        (str(late), "cancelled", 600),
    ]
    assert found["total"] == 1800
    assert found["items"][0] | {"booking_id": None} == {
        "booking_id": None,
        "member": {"id": str(member.id), "given_name": "Léa", "family_name": "Zola", "reference": "M-7"},
        "host": {"id": str(world.moulin.id), "name": "Le Moulin"},
        "resource": "Salle Bleue",
        "local_start": "2026-11-23T09:00",
        "state": "booked",
        "amount": 1200,
    }


def test_a_month_is_by_the_wall_of_the_host(world):
    east = world.place("est", zone="Indian/Reunion")
    blue, manager = room(world, place=east, policy=PAID, rates=[Rate(hour=1200)]), world.as_manager()
    advance(manager, world.hangar, 0, advances=True)
    # From the 30th of November at 23:00 in Paris: the 1st of December at 2:00 in Réunion.
    book(world, blue, world.member(), 7 * 24 * 60 + 14 * 60, zone="Indian/Reunion")
    assert charged(manager, world.hangar, "2026-11").json() == {"month": "2026-11", "items": [], "total": 0}
    assert charged(manager, world.hangar, "2026-12").json()["total"] == 1200


def test_past_the_ceiling_the_member_pays_again(world):
    blue, manager, member = room(world, policy=PAID, rates=[Rate(hour=1200)]), world.as_manager(), world.member()
    advance(manager, world.hangar, 0, advances=True, ceiling=2000)
    for number in range(2):
        book(world, blue, member, 60 * number)
    assert charged(manager, world.hangar).json()["total"] == 1200


def test_a_spreadsheet_reads_the_same_and_runs_nothing_of_it(world):
    blue, manager = room(world, name="=1+1", policy=PAID, rates=[Rate(hour=1250)]), world.as_manager()
    advance(manager, world.hangar, 0, advances=True)
    book(world, blue, world.member(given_name="=SUM(A1)", family_name="Zola"))
    answer = charged(manager, world.hangar, ending=".csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "month;member;reference;host;resource;date;start;state;amount",
        "2026-11;'=SUM(A1) Zola;;Le Moulin;'=1+1;2026-11-23;09:00;booked;12,50",
    ]


@pytest.mark.parametrize("month", ["2026-13", "26-01", "2026-1", "1999-01", "octobre"])
def test_a_month_that_is_none_is_refused(world, month):
    assert charged(world.as_manager(), world.hangar, month).status_code == 422


def test_what_a_home_charges_back_is_for_its_own_office(world):
    assert charged(world.as_manager(world.moulin), world.hangar).status_code == 403
