"""Two deeds at the same moment that concern the same rooms or people: each comes wholly before the other, or after.

One is held up half-way, by a lock that the test has, so that the other comes in between. SQLite has one writer at a
time: there they come one after the other, and the outcome is the same.
"""

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import select, text

from passapp.accounts.rules import Role
from passapp.bookings import lapsing, service
from passapp.bookings.answers import answer_by_link, make_answer_link
from passapp.bookings.claims import lock_resources
from passapp.bookings.closures.service import Closing, close
from passapp.bookings.leaving import UNTITLED, leave_bookings
from passapp.bookings.models import Booking, Resource
from passapp.bookings.resources import service as resources
from passapp.bookings.rules import Approval, Policy
from passapp.bookings.service import get_resource
from passapp.kernel.audit import SYSTEM
from passapp.kernel.problems import Problem
from passapp.members.models import Member
from passapp.places.models import Place
from tests.bookings.rooms import ALWAYS, NINE, book, composite, do, pool, room, taken, wanted
from tests.privacy.lives import erase
from tests.scenes import rows

PATIENCE = 60


def until_they_wait(world, count):
    """Until so many transactions wait for a lock; on SQLite nobody sees who waits for the one writer."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = monotonic() + PATIENCE
    while not world.database.is_sqlite:
        with world.session() as session:
            if session.scalar(waiting) >= count:
                return
        assert monotonic() < until, "nobody waits"
        sleep(0.02)


@contextmanager
def meanwhile(world):
    """Have deeds begin while the block's own transaction is under way; gives its session, and what begins them."""
    with ThreadPoolExecutor(1 if world.database.is_sqlite else 4) as threads:
        begun = []

        def begin(deed, *args, **fields):
            """In a thread; gives what comes of it, once all that were begun wait."""
            begun.append(threads.submit(deed, *args, **fields))
            until_they_wait(world, len(begun))
            return begun[-1]

        with world.database.write() as session:
            yield session, begin
        wait(begun, timeout=PATIENCE)


def in_a_transaction(world, deed, *args, **fields):
    with world.database.write() as session:
        return deed(session, *args, now=world.now, **fields)


def closes(world, place, room_id):
    """Close a room for a morning, and have its bookings go elsewhere."""
    with world.database.write() as session:
        closing = Closing(
            session.get_one(Place, place.id), get_resource(session, room_id), NINE, NINE + timedelta(hours=4), "Travaux"
        )
        close(session, closing, cancel_bookings=True, now=world.now, actor=SYSTEM)


def hold_members(session, *members):
    """Have whoever books for them wait."""
    theirs = select(Member.id).where(Member.id.in_([each.id for each in members]))
    session.execute(theirs.with_for_update()).all()


def change(world, resource_id, **fields):
    """Say anew what something is made of."""
    with world.database.write() as session:
        attached = session.get_one(Resource, resource_id)
        said = resources.Wanted({}, (), ALWAYS, **fields)
        resources.change_resource(session, attached, said, at=world.now, actor=SYSTEM)


def test_two_closures_over_bookings_of_the_same_people_do_not_wait_for_each_other(world):
    members = [world.member(), world.member()]
    closing = []
    for place, order in ((world.moulin, members), (world.place("rouen", town="Rouen"), members[::-1])):
        blue, _spare = room(world, place), room(world, place)
        for number, member in enumerate(order):
            book(world, blue, member, number * 60)
        closing.append((place, blue))
    with meanwhile(world) as (session, begin):
        hold_members(session, *members)
        begun = [begin(closes, world, *each) for each in closing]
    for each in begun:
        each.result()
    states = [row.state for row in rows(world, Booking)]
    assert (states.count("cancelled"), states.count("held")) == (4, 4)


def test_moving_to_another_unit_of_a_pool_and_letting_go_of_holds_do_not_wait_for_each_other(world):
    desks = pool(world, 2)
    for _ in range(2):
        book(world, desks, world.member(), hold=True, people=1)
    book(world, desks, world.member(), 120, people=1)
    moving = book(world, desks, world.member(), 120, people=1)
    world.later(minutes=11)
    with meanwhile(world) as (session, begin):
        lock_resources(session, [min(each for each, *_ in taken(world))])
        expiring = begin(in_a_transaction, world, lapsing.expire)
        move = begin(do, world, service.move, moving, wanted(240, people=1))
    assert len(expiring.result()) == 2
    assert move.result().starts_at == NINE + timedelta(minutes=240)


def test_an_expired_hold_of_a_whole_keeps_nobody_from_its_parts(world):
    left, right = room(world), room(world)
    held = book(world, composite(world, left, right), world.member(), hold=True)
    members = [world.member(), world.member()]
    world.later(minutes=11)
    with meanwhile(world) as (session, begin):
        session.execute(select(Booking.id).where(Booking.id == held).with_for_update(key_share=True))
        booking = [begin(book, world, each, member) for each, member in zip((left, right), members, strict=True)]
    assert {each.result() for each in booking} < {row.id for row in rows(world, Booking)}
    assert [row.state for row in rows(world, Booking, Booking.id == held)] == ["cancelled"]


def test_whoever_comes_in_the_minute_of_the_no_show_keeps_the_room(world):
    made = book(world, room(world), world.member())
    world.now = NINE + timedelta(minutes=16)
    with meanwhile(world) as (session, begin):
        session.execute(select(Booking.id).where(Booking.id == made).with_for_update())
        coming = begin(do, world, service.come, made)
        released = begin(in_a_transaction, world, lapsing.release_no_shows, actor=SYSTEM)
    assert coming.result().came_at == world.now
    assert released.result() == []


def test_what_is_booked_while_its_person_is_erased_is_cancelled_with_the_rest(world):
    member, blue, green = world.member(), room(world), room(world)
    client = world.as_member(member)
    book(world, blue, member)
    with meanwhile(world) as (session, begin):
        attached = session.get_one(Member, member.id)
        what = wanted(title="Secret")
        service.book(session, get_resource(session, green), attached, what, now=world.now, actor=SYSTEM)
        session.flush()
        erasing = begin(erase, client, member.email)
    assert erasing.result().status_code == 204
    assert [(row.state, row.title, row.member_id) for row in rows(world, Booking)] == [
        ("cancelled", UNTITLED, None)
    ] * 2
    assert taken(world) == []


def test_whoever_is_erased_meanwhile_books_nothing_more(world):
    member, blue = world.member(), room(world)
    with meanwhile(world) as (session, begin):
        leave_bookings(session, member.id, now=world.now, actor=SYSTEM)
        booking = begin(book_as_seen, world, blue, member)
        session.delete(session.get_one(Member, member.id))
    with pytest.raises(Problem) as refused:
        booking.result()
    assert refused.value.kind.code == "member_unknown"
    assert rows(world, Booking) == []


def book_as_seen(world, room_id, member):
    """As somebody does who was still there when they asked."""
    with world.database.write() as session:
        what = wanted()
        return service.book(session, get_resource(session, room_id), member, what, now=world.now, actor=SYSTEM).id


def test_a_room_that_is_being_booked_as_part_of_a_larger_one_is_not_made_of_others_under_it(world):
    one, two, three = (room(world) for _ in range(3))
    inner = composite(world, one, two)
    outer, member = composite(world, inner, three), world.member()
    with meanwhile(world) as (session, begin):
        attached = session.get_one(Member, member.id)
        service.book(session, get_resource(session, outer), attached, wanted(), now=world.now, actor=SYSTEM)
        changing = begin(change, world, inner, parts=[one])
    with pytest.raises(Problem) as refused:
        changing.result()
    assert refused.value.kind.code == "has_bookings"


def test_a_room_that_is_becoming_part_of_another_is_not_retired(world):
    part, other = room(world), room(world)
    whole = composite(world, other)
    with meanwhile(world) as (session, begin):
        attached = session.get_one(Resource, whole)
        resources.change_resource(
            session, attached, resources.Wanted({}, (), ALWAYS, parts=[part, other]), at=world.now, actor=SYSTEM
        )
        session.flush()
        retiring = begin(retire, world, part)
    with pytest.raises(Problem) as refused:
        retiring.result()
    assert refused.value.kind.code == "is_a_part"


def retire(world, resource_id):
    """Have nobody book it any more."""
    with world.database.write() as session:
        resources.retire(session, session.get_one(Resource, resource_id), at=world.now, actor=SYSTEM)


def test_whoever_waits_to_book_a_room_books_what_it_is_made_of_by_then(world):
    one, two, three = (room(world) for _ in range(3))
    whole, member = composite(world, one, two), world.member()
    with meanwhile(world) as (session, begin):
        attached = session.get_one(Resource, whole)
        resources.change_resource(
            session, attached, resources.Wanted({}, (), ALWAYS, parts=[two, three]), at=world.now, actor=SYSTEM
        )
        session.flush()
        booking = begin(book, world, whole, member)
    booking.result()
    assert [resource for resource, *_ in taken(world)] == [two, three]


def test_a_request_that_is_being_moved_is_not_answered_by_the_mail_about_its_former_time(world):
    account = world.account(Role.MANAGER, world.moulin)
    asked = book(world, room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS)), world.member())
    with world.database.write() as session:
        secret = make_answer_link(session, session.get_one(Booking, asked), account.id)
    with meanwhile(world) as (session, begin):
        service.move(session, session.get_one(Booking, asked), wanted(120), now=world.now, actor=SYSTEM)
        fields = {"seen": {asked: 1}, "accept": True, "reason": None, "address": None}
        answering = begin(in_a_transaction, world, answer_by_link, secret, **fields)
    with pytest.raises(Problem) as refused:
        answering.result()
    assert refused.value.kind.code == "answer_link_not_valid"
    assert [row.state for row in rows(world, Booking)] == ["requested"]
