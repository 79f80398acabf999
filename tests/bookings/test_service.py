"""What people do with bookings, one at a time."""

from datetime import timedelta

import pytest

from passapp.bookings import lapsing, service
from passapp.bookings.models import Booking
from passapp.bookings.policies import policy_of_booking, set_policy
from passapp.bookings.rules import Approval, Policy, Rate, Tier
from passapp.bookings.said import NotAllowed
from passapp.kernel.audit import SYSTEM
from passapp.kernel.problems import Problem
from passapp.members.models import Member
from passapp.members.paying import mark_unpaid
from passapp.places.models import Place
from tests.bookings.rooms import ALWAYS, NINE, book, composite, do, home_pays, pool, room, taken, wanted
from tests.scenes import suspend


def booking(world, booking_id):
    with world.session() as session:
        return session.get_one(Booking, booking_id)


def test_a_booking_takes_its_room_from_set_up_to_tear_down(world):
    blue = room(world, policy=Policy(is_always_open=True, set_up=15, tear_down=30))
    made = booking(world, book(world, blue, world.member()))
    assert taken(world) == [(blue, -15, 90)]
    assert (made.state, made.sequence, f"{made.local_start:%H:%M}") == ("booked", 0, "09:00")


def test_a_room_that_is_taken_is_refused_and_nothing_is_left_of_the_attempt(world):
    blue, member = room(world), world.member()
    book(world, blue, member)
    with pytest.raises(Problem) as refused:
        book(world, blue, member, 30)
    assert refused.value.kind.code == "slot_taken"
    with world.session() as session:
        assert session.query(Booking).count() == 1


def test_what_the_policy_refuses_is_said_at_once(world):
    blue = room(world, policy=Policy(is_always_open=True, longest=30, needs_training=True))
    with pytest.raises(NotAllowed) as refused:
        book(world, blue, world.member(), people=30)
    assert [flaw.code for flaw in refused.value.flaws] == ["too_long", "not_trained", "too_many_people"]


def test_outside_the_hours_of_the_place_nothing_is_booked(world):
    with pytest.raises(NotAllowed) as refused:
        book(world, room(world, policy=Policy()), world.member())
    assert [flaw.code for flaw in refused.value.flaws] == ["outside_opening_hours"]


def test_what_is_booked_already_counts_for_the_quotas(world):
    blue, member = room(world, policy=Policy(is_always_open=True, weekly_minutes=90, upcoming=5)), world.member()
    book(world, blue, member)
    with pytest.raises(NotAllowed) as refused:
        book(world, blue, member, 120)
    assert refused.value.flaws[0].params == {"minutes": 90, "left": 30}
    book(world, blue, member, 120, 30)


def test_a_hold_keeps_the_room_for_ten_minutes(world):
    blue, first, second = room(world), world.member(), world.member()
    held = book(world, blue, first, hold=True)
    world.later(minutes=9)
    with pytest.raises(Problem):
        book(world, blue, second)
    world.later(minutes=1)
    book(world, blue, second)
    assert booking(world, held).state == "cancelled"
    with pytest.raises(Problem) as refused:
        do(world, service.confirm, held)
    assert refused.value.kind.code == "hold_expired"


def test_a_hold_that_lapsed_counts_for_no_quota_and_no_ceiling_though_nobody_let_go_of_it_yet(world):
    policy = Policy(is_always_open=True, upcoming=1, weekly_minutes=60)
    blue, member = room(world, policy=policy, rates=[Rate(hour=1000)]), world.member(world.hangar)
    home_pays(world, world.hangar, ceiling=1000)
    book(world, blue, member, hold=True)
    world.later(minutes=9)
    with pytest.raises(NotAllowed):
        book(world, blue, member, 120)
    world.later(minutes=1)
    assert booking(world, book(world, blue, member, 120)).payer == "home"


def test_a_request_that_nobody_answered_in_time_counts_for_no_quota_either(world):
    blue, member = room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS, upcoming=1)), world.member()
    book(world, blue, member)
    world.later(days=2)
    book(world, blue, member, 120)


def test_a_hold_that_is_confirmed_in_time_stays(world):
    blue = room(world)
    held = book(world, blue, world.member(), hold=True)
    assert do(world, service.confirm, held).state == "booked"
    assert do(world, service.confirm, held).sequence == 1
    world.later(minutes=30)
    with pytest.raises(Problem):
        book(world, blue, world.member())


def test_a_pool_gives_one_of_its_units_until_there_is_none(world):
    desks = pool(world, 3)
    for _ in range(3):
        book(world, desks, world.member(), people=1)
    assert len({resource for resource, *_ in taken(world)}) == 3
    with pytest.raises(Problem):
        book(world, desks, world.member(), people=1)


def test_a_composite_takes_every_part_and_no_part_can_be_booked_beside_it(world):
    left, right = room(world), room(world)
    whole = composite(world, left, right)
    book(world, whole, world.member())
    assert taken(world) == [(left, 0, 60), (right, 0, 60)]
    with pytest.raises(Problem):
        book(world, right, world.member())


def test_a_part_that_is_booked_keeps_the_whole_from_being_booked(world):
    left, right = room(world), room(world)
    book(world, right, world.member())
    with pytest.raises(Problem):
        book(world, composite(world, left, right), world.member())


def test_a_booking_is_moved_onto_a_part_of_its_own_time(world):
    blue = room(world)
    made = book(world, blue, world.member())
    moved = do(world, service.move, made, wanted(30, 90))
    assert (moved.uid, moved.sequence, moved.id) == (booking(world, made).uid, 1, made)
    assert taken(world) == [(blue, 30, 120)]


def test_a_move_onto_another_booking_leaves_everything_as_it_was(world):
    blue, member = room(world), world.member()
    made = book(world, blue, member)
    book(world, blue, member, 60)
    with pytest.raises(Problem):
        do(world, service.move, made, wanted(30))
    assert taken(world) == [(blue, 0, 60), (blue, 60, 120)]
    assert booking(world, made).sequence == 0


def test_a_cancellation_costs_what_the_policy_said_when_it_was_booked(world):
    policy = Policy(is_always_open=True, tiers=(Tier(48, 0),), late_fee_percent=50)
    blue = room(world, policy=policy, rates=[Rate(hour=1201)])
    made = book(world, blue, world.member())
    world.now = NINE - timedelta(hours=2)
    cancelled = do(world, service.cancel, made, reason="Empêchée")
    assert (cancelled.state, cancelled.fee, cancelled.price) == ("cancelled", 601, 1201)
    assert taken(world) == []
    assert do(world, service.cancel, made, reason=None).sequence == 1


def test_a_request_waits_for_the_place_and_is_let_go_of_when_nobody_answers(world):
    blue = room(world, policy=Policy(is_always_open=True, approval=Approval.VISITORS))
    asked = book(world, blue, world.member())
    assert booking(world, asked).state == "requested"
    world.later(days=2)
    book(world, blue, world.member(world.moulin))
    assert booking(world, asked).state == "cancelled"


@pytest.mark.parametrize("accept,state", [(True, "booked"), (False, "rejected")])
def test_a_request_is_answered_once(world, accept, state):
    blue = room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS))
    asked = book(world, blue, world.member())
    assert do(world, service.answer, asked, accept=accept, reason=None).state == state
    assert do(world, service.answer, asked, accept=accept, reason=None).sequence == 1
    with pytest.raises(Problem):
        do(world, service.answer, asked, accept=not accept, reason=None)
    assert bool(taken(world)) == accept


def test_leaving_early_frees_the_room_and_the_price_stays(world):
    blue = room(world, rates=[Rate(hour=1000)])
    made = book(world, blue, world.member(), minutes=120)
    world.now = NINE + timedelta(minutes=45)
    ended = do(world, service.end_early, made)
    assert (taken(world), ended.price) == ([(blue, 0, 45)], 2000)
    book(world, blue, world.member(), 60)


def test_a_room_to_which_nobody_comes_is_free_after_the_grace_time(world):
    blue, green = room(world), room(world)
    absent, present = book(world, blue, world.member()), book(world, green, world.member())
    world.now = NINE + timedelta(minutes=10)
    do(world, service.come, present)
    world.now = NINE + timedelta(minutes=15)
    with world.database.write() as session:
        assert [each.id for each in lapsing.release_no_shows(session, now=world.now, actor=SYSTEM)] == [absent]
    assert taken(world) == [(green, 0, 60)]


def test_a_visitor_pays_the_host_unless_their_home_advances_it_up_to_its_ceiling(world):
    blue, member = room(world, rates=[Rate(hour=1000, is_home=False)]), world.member(world.hangar)
    assert booking(world, book(world, blue, member)).payer == "member"
    home_pays(world, world.hangar, ceiling=1500)
    advanced = booking(world, book(world, blue, member, 60))
    assert (advanced.payer, advanced.home_id, advanced.price) == ("home", world.hangar.id, 1000)
    assert booking(world, book(world, blue, member, 120)).payer == "member"


def test_a_member_of_the_place_pays_its_own_price_there(world):
    blue = room(world, rates=[Rate(hour=1000), Rate(hour=300, is_home=True)])
    made = booking(world, book(world, blue, world.member(world.moulin)))
    assert (made.price, made.payer) == (300, "member")


def test_what_is_over_cannot_be_changed(world):
    made = book(world, room(world), world.member())
    world.now = NINE + timedelta(hours=2)
    for deed, args in ((service.cancel, {"reason": None}), (service.end_early, {})):
        with pytest.raises(Problem) as refused:
            do(world, deed, made, **args)
        assert refused.value.kind.code == "booking_over"


def test_a_policy_that_changes_leaves_what_was_agreed(world):
    blue = room(world)
    made = book(world, blue, world.member())
    with world.database.write() as session:
        set_policy(session, service.get_resource(session, blue), Policy(grace=None), at=world.now)
    with world.session() as session:
        assert policy_of_booking(session, session.get_one(Booking, made)) == ALWAYS
        assert service.get_resource(session, blue).policy == 2


def test_a_hold_that_has_lapsed_is_not_moved(world):
    blue, member = room(world), world.member()
    held = book(world, blue, member, hold=True)
    world.later(minutes=10)
    with pytest.raises(Problem) as refused:
        do(world, service.move, held, wanted(120))
    assert refused.value.kind.code == "hold_expired"
    book(world, blue, world.member())


def test_who_moves_their_booking_after_they_came_has_not_come_to_the_other(world):
    made = book(world, room(world), world.member())
    world.now = NINE - timedelta(minutes=10)
    assert do(world, service.come, made).came_at == world.now
    assert do(world, service.move, made, wanted(24 * 60)).came_at is None


def test_what_is_not_paid_for_books_nothing_and_pays_for_nothing(world):
    blue, member = room(world), world.member()
    with world.database.write() as session:
        mark_unpaid(session, session.get_one(Member, member.id).memberships[0], at=world.now, actor=SYSTEM)
    with pytest.raises(NotAllowed) as refused:
        book(world, blue, member)
    assert [flaw.code for flaw in refused.value.flaws] == ["not_for_you"]


def test_who_is_suspended_books_nothing_at_home_either(world):
    blue, member = room(world, world.hangar), world.member()
    suspend(world, member)
    with pytest.raises(NotAllowed) as refused:
        book(world, blue, member)
    assert [flaw.code for flaw in refused.value.flaws] == ["not_active"]


def test_a_place_is_booked_on_the_days_on_which_it_is_in_the_network(world):
    blue = room(world)
    with world.database.write() as session:
        session.get_one(Place, world.moulin.id).left_on = NINE.date()
    with pytest.raises(NotAllowed) as refused:
        book(world, blue, world.member())
    assert [flaw.code for flaw in refused.value.flaws] == ["place_not_there"]
    book(world, blue, world.member(), -24 * 60)
