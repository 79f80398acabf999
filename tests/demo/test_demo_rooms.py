"""What can be booked in the demo, and what is."""

from sqlalchemy import select

from passapp.bookings.models import Booking, BookingState, Resource, Training
from passapp.demo.people import DOOR_PLACE, ROLE_EMAILS
from passapp.demo.places import ISLAND
from passapp.members.models import Member
from tests.demo.conftest import NOW


def test_there_is_something_to_book_in_eleven_places_and_in_reunion(demo):
    rooms = demo.session.scalars(select(Resource).where(Resource.pool_id.is_(None))).all()
    places = {room.place.code for room in rooms}
    assert len(places) == 11
    assert ISLAND in places
    assert {room.kind for room in rooms} == {"room", "desk", "equipment"}


def test_the_member_of_the_demo_has_a_morning_in_reunion_ahead_of_her(demo):
    lea = demo.session.scalars(select(Member).where(Member.email == ROLE_EMAILS["member"])).one()
    ahead = demo.session.scalars(select(Booking).where(Booking.member_id == lea.id, Booking.starts_at > NOW)).all()
    island = [booking for booking in ahead if booking.place.code == ISLAND]
    assert [(booking.zone, booking.local_start.hour, booking.starts_at.hour) for booking in island] == [
        ("Indian/Reunion", 9, 5)
    ]


def test_a_request_waits_for_the_manager_of_the_demo(demo):
    waits = demo.session.scalars(select(Booking).where(Booking.state == BookingState.REQUESTED)).all()
    assert waits
    assert {booking.place.code for booking in waits} == {DOOR_PLACE}


def test_a_series_waits_too_and_some_are_trained_on_a_machine_there(demo):
    waits = demo.session.scalars(select(Booking).where(Booking.state == BookingState.REQUESTED)).all()
    assert sum(booking.series_id is not None for booking in waits) >= 2
    trained = demo.session.scalars(select(Resource).join(Training, Training.resource_id == Resource.id)).all()
    assert {resource.place.code for resource in trained} == {DOOR_PLACE}
