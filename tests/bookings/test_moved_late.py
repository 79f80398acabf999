"""What a booking comes to that was moved or shortened when cancelling it would have cost something."""

from dataclasses import replace
from datetime import timedelta

import pytest

from passapp.bookings import lapsing, service
from passapp.bookings.models import Booking, BookingAdvance
from passapp.bookings.policies import set_policy
from passapp.bookings.rules import Approval, Policy, Rate, Tier
from tests.bookings.dates import cancel, change, make, outcomes
from tests.bookings.desk import API
from tests.bookings.desk import book as book_it
from tests.bookings.desk import deed as deed_of
from tests.bookings.rooms import NINE, book, do, home_pays, room, wanted
from tests.mails import mails, text_of_mail

NEXT_MONTH = 28 * 24 * 60
LATE = Policy(is_always_open=True, tiers=(Tier(48, 0), Tier(24, 50)), late_fee_percent=100)
RATE = Rate(hour=1000)


@pytest.fixture
def booked(world):
    """Two hours at 20.00, tomorrow; half of that if it is cancelled now."""
    made = book(world, room(world, policy=LATE, rates=[RATE]), world.member(), minutes=120)
    world.now = NINE - timedelta(hours=30)
    return made


def test_moved_away_it_costs_as_much_to_cancel_as_before(world, booked):
    moved = do(world, service.move, booked, wanted(NEXT_MONTH, 120))
    assert (moved.price, moved.state) == (2000, "booked")
    assert do(world, service.cancel, booked, reason=None).fee == 1000


def test_shortened_it_comes_to_no_less_than_cancelling_it(world, booked):
    assert do(world, service.move, booked, wanted(minutes=90)).price == 1500
    assert do(world, service.move, booked, wanted(minutes=15)).price == 1000


def test_moved_again_what_it_cost_before_is_not_forgotten(world, booked):
    do(world, service.move, booked, wanted(NEXT_MONTH, 120))
    do(world, service.move, booked, wanted(2 * NEXT_MONTH, 15))
    assert do(world, service.cancel, booked, reason=None).fee == 1000


def test_moved_in_time_it_is_free_to_cancel_and_shorter_is_cheaper(world, booked):
    world.now = NINE - timedelta(hours=48)
    assert do(world, service.move, booked, wanted(NEXT_MONTH, 15)).price == 250
    assert do(world, service.cancel, booked, reason=None).fee == 0


def test_another_title_makes_nothing_dearer(world, booked):
    do(world, service.move, booked, wanted(minutes=120, title="Autre chose"))
    world.now = NINE - timedelta(hours=50)
    assert do(world, service.cancel, booked, reason=None).fee == 0


def test_what_the_place_moves_starts_anew(world, booked):
    do(world, service.move, booked, wanted(NEXT_MONTH, 120))
    assert do(world, service.move, booked, wanted(NEXT_MONTH, 15), by_place=True).price == 250
    assert do(world, service.cancel, booked, reason=None).fee == 0


def test_once_it_has_begun_its_price_stays_however_short_it_is_made(world, booked):
    world.now = NINE + timedelta(minutes=10)
    assert do(world, service.move, booked, wanted(minutes=30)).price == 2000


@pytest.fixture
def asked(world, booked):
    """The same, moved to next month, where the place has to answer."""
    with world.database.write() as session:
        made = session.get_one(Booking, booked)
        set_policy(session, made.resource, replace(LATE, approval=Approval.ALWAYS), at=world.now)
    assert do(world, service.move, booked, wanted(NEXT_MONTH, 120)).state == "requested"
    return booked


def test_while_the_place_has_not_answered_it_costs_as_much_to_cancel(world, asked):
    assert do(world, service.cancel, asked, reason=None).fee == 1000


def test_what_the_place_refuses_costs_nothing(world, asked):
    assert do(world, service.answer, asked, accept=False, reason=None).fee == 0


def test_what_the_place_leaves_unanswered_costs_what_cancelling_it_cost(world, asked):
    world.later(days=2)
    with world.database.write() as session:
        [lapsed] = lapsing.expire(session, now=world.now)
        assert (lapsed.id, lapsed.state, lapsed.fee) == (asked, "cancelled", 1000)


def test_whoever_asked_for_another_time_late_is_told_what_silence_cost(world, asked):
    world.later(days=2)
    with world.database.write() as session:
        lapsing.expire(session, now=world.now)
    [told] = [mail for mail in mails(world) if mail["Subject"].startswith("Demande sans réponse")]
    assert "Frais d'annulation : 10 €" in " ".join(text_of_mail(told).split())


def test_a_request_that_was_never_accepted_lapses_at_no_cost(world):
    blue = room(world, policy=replace(LATE, approval=Approval.ALWAYS), rates=[RATE])
    world.now = NINE - timedelta(hours=2)
    asked = book(world, blue, world.member())
    do(world, service.move, asked, wanted(60))
    world.now = NINE + timedelta(hours=1)
    with world.database.write() as session:
        [lapsed] = lapsing.expire(session, now=world.now)
        assert (lapsed.id, lapsed.fee) == (asked, 0)


@pytest.fixture
def accepted(world):
    """Two hours at 20.00 where the place answers, accepted; two hours before it begins, all of it is due."""
    blue = room(world, policy=replace(LATE, approval=Approval.ALWAYS), rates=[RATE])
    made = book(world, blue, world.member(), minutes=120)
    do(world, service.answer, made, accept=True, reason=None)
    world.now = NINE - timedelta(hours=2)
    return made


def test_more_people_are_asked_for_and_it_costs_as_much_to_cancel(world, accepted):
    more = do(world, service.move, accepted, wanted(minutes=120, people=3))
    assert (more.state, more.at_least) == ("requested", 2000)
    assert do(world, service.cancel, accepted, reason=None).fee == 2000


def test_the_place_notes_how_many_come_and_what_it_costs_is_not_forgotten(world, booked):
    do(world, service.move, booked, wanted(NEXT_MONTH, 120))
    do(world, service.move, booked, wanted(NEXT_MONTH, 120, people=5), by_place=True)
    assert do(world, service.cancel, booked, reason=None).fee == 1000


def test_a_quote_for_more_people_says_what_it_comes_to_at_least(world, accepted):
    with world.session() as session:
        made = session.get_one(Booking, accepted)
        client, blue = world.as_member(made.member), made.resource_id
    times = {"start": "2026-11-23T09:00", "end": "2026-11-23T11:00", "people": 3}
    said = client.post(f"{API}/resources/{blue}/quote", json=times | {"booking_id": str(accepted)}).json()
    assert (said["at_least"], said["cancellation"]) == (2000, [{"until": None, "fee": 2000}])


def test_a_series_for_more_people_costs_as_much_to_cancel(world):
    client, manager = world.as_member(world.member()), world.as_manager(world.moulin)
    series = make(client, room(world, policy=replace(LATE, approval=Approval.ALWAYS), rates=[RATE]))
    for each in series["occurrences"]:
        seen = manager.get(f"{API}/bookings/{each['booking_id']}").json()
        assert deed_of(manager, seen, "answer", accept=True).status_code == 200
    world.now = NINE - timedelta(hours=1)
    assert outcomes(change(client, series, people=3).json()) == ["requested"] * 4
    costs = [each["price"] for each in cancel(client, series, dry_run=True).json()["occurrences"]]
    assert costs == [1000, 0, 0, 0]


def test_the_dates_of_a_series_that_are_moved_come_to_no_less_either(world):
    client = world.as_member(world.member())
    series = make(client, room(world, policy=LATE, rates=[RATE]))
    world.now = NINE - timedelta(hours=1)
    moved = change(client, series, start="2026-11-24T09:00", end="2026-11-24T09:15")
    assert [each["price"] for each in moved.json()["occurrences"]] == [1000, 250, 250, 250]


def test_what_a_home_advances_keeps_to_its_ceiling_with_it(world):
    home_pays(world, world.hangar, ceiling=1200)
    member, blue = world.member(world.hangar), room(world, policy=LATE, rates=[RATE])
    first = book(world, blue, member)
    with world.database.write() as session:
        session.get_one(BookingAdvance, world.hangar.id).ceiling = 800
    world.now = NINE - timedelta(hours=1)
    moved = do(world, service.move, first, wanted(minutes=15))
    assert (moved.price, moved.payer) == (1000, "member")


def test_a_quote_for_a_booking_that_moves_says_what_it_comes_to_and_that_it_is_not_in_its_own_way(world):
    client = world.as_member(world.member())
    blue = room(world, policy=LATE, rates=[RATE])
    made = book_it(client, blue)
    world.now = NINE - timedelta(hours=1)
    times = {"start": "2026-11-23T09:00", "end": "2026-11-23T09:15"}
    said = client.post(f"{API}/resources/{blue}/quote", json=times | {"booking_id": made["id"]}).json()
    assert (said["price"], said["at_least"], said["is_free"], said["problems"]) == (1000, 1000, True, [])
    assert said["cancellation"] == [{"until": None, "fee": 1000}]
    assert deed_of(client, made, "change", **times).json()["price"] == 1000


def test_a_quote_is_for_a_booking_of_ones_own_of_that_room(world):
    client, other = (world.as_member(world.member()) for _ in range(2))
    blue = room(world)
    mine, theirs = book_it(client, room(world)), book_it(other, blue)
    for booking in (mine, theirs):
        body = {"start": "2026-11-23T09:00", "end": "2026-11-23T10:00", "booking_id": booking["id"]}
        refused = client.post(f"{API}/resources/{blue}/quote", json=body)
        assert (refused.status_code, refused.json()["code"]) == (404, "booking_unknown")
