"""What is asked each minute, or by every calendar program, is found by an index however many bookings there are."""

from datetime import timedelta

from sqlalchemy import event, insert, text

from passapp.bookings.calendars.feeds import contents_at, make_feed
from passapp.bookings.claims import expired_resources
from passapp.bookings.lapsing import no_shows
from passapp.bookings.models import Claim, ClaimKind, Resource
from passapp.kernel.audit import SYSTEM
from passapp.kernel.ids import new_id
from tests.bookings.rooms import NINE, book, room


def plans(world, of, ask):
    """How the database finds what ``ask(session)`` selects from that table first."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        if f"FROM {of}" in statement:
            asked.append((statement, parameters))

    event.listen(world.database.engine, "before_cursor_execute", note)
    try:
        with world.database.read() as session:
            ask(session)
    finally:
        event.remove(world.database.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if world.database.is_sqlite else "EXPLAIN"
    with world.database.read() as session:
        if not world.database.is_sqlite:  # a handful of rows is sooner read than looked up
            session.execute(text("SET LOCAL enable_seqscan = off"))
        rows = session.connection().exec_driver_sql(f"{explain} {asked[0][0]}", asked[0][1])
        return "\n".join(str(row[-1]) for row in rows)


def test_what_expires_is_found_by_when_it_does(world):
    blue = room(world)
    book(world, blue, world.member(), hold=True)
    usual = {"resource_id": blue, "kind": ClaimKind.CLOSURE, "booking_id": None, "closure_id": None}
    hours = [NINE + timedelta(hours=hour) for hour in range(2, 1000)]
    others = [usual | {"id": new_id(), "starts_at": at, "ends_at": at + timedelta(hours=1)} for at in hours]
    with world.database.write() as session:
        session.execute(insert(Claim), others)
        session.execute(text("ANALYZE"))
    assert "ix_claim_expires_at" in plans(world, "claim", lambda session: expired_resources(session, world.now))


def test_to_what_nobody_came_is_found_by_when_it_began(world):
    book(world, room(world), world.member())
    assert "ix_booking_awaited" in plans(world, "booking", lambda session: no_shows(session, world.now))


def test_the_calendar_of_a_room_looks_at_what_is_of_it_and_at_nothing_else(world):
    blue = room(world)
    book(world, blue, world.member())
    with world.database.write() as session:
        _, secret = make_feed(session, "resource", at=world.now, actor=SYSTEM, resource=session.get_one(Resource, blue))
    plan = plans(world, "booking", lambda session: contents_at(session, secret, "https://example.org", world.now))
    assert "ix_booking_resource" in plan
    assert "ix_claim_resource" in plan
    assert "SCAN booking" not in plan
