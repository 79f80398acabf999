"""Why a host let somebody in, added or judged a visit: words that may name a person, and go with them."""

from datetime import UTC, datetime

from passapp.door.models import FollowUp, FollowUpReason, VisitIdentity
from tests.door.following import override, page, refused
from tests.privacy.lives import OCTOBER, erase, exported_data, forget, my_data
from tests.scenes import everything_stored, rows, visits

LONG_AFTER = datetime(2027, 3, 1, tzinfo=UTC)
REASON = "Zoélie a oublié de renouveler"


def let_in(world, **fields):
    """A member whom a host let in all the same; gives their browser."""
    world.now = OCTOBER
    door = world.as_door(world.moulin)
    override(door, refused(world, door, **fields)["check_in_id"], REASON)
    [identity] = rows(world, VisitIdentity)
    with world.session() as session:
        return world.signed_in(session.get_one(VisitIdentity, identity.visitor_key).member.account_id)


def test_the_reason_is_forgotten_with_who_it_was_and_the_visit_stays(world):
    let_in(world)
    assert forget(world, LONG_AFTER)["follow_up_reasons"] == 1
    assert (rows(world, FollowUpReason), len(rows(world, FollowUp)), len(visits(world))) == ([], 1, 1)


def test_until_then_it_stays(world):
    let_in(world)
    assert "follow_up_reasons" not in forget(world, OCTOBER.replace(month=11))


def test_who_is_erased_takes_it_with_them(world):
    client = let_in(world, email="zoelie@example.org", given_name="Zoélie")
    assert erase(client, "zoelie@example.org").status_code == 204
    assert "Zoélie" not in everything_stored(world)
    assert (len(rows(world, FollowUp)), len(visits(world))) == (1, 1)


def test_afterwards_the_history_still_shows_the_override_and_nobody(world):
    client = let_in(world, email="zoelie@example.org")
    erase(client, "zoelie@example.org")
    [scan] = page(world.as_manager(world.moulin), world.moulin, "check-ins")["items"]
    assert (scan["name"], [(each["kind"], each["reason"]) for each in scan["follow_ups"]]) == (
        None,
        [("override", None)],
    )


def test_the_member_reads_it_among_their_data_and_takes_it_along(world):
    client = let_in(world)
    for known in (my_data(client), exported_data(client)):
        [scan] = known["scans"]
        assert [(each["kind"], each["reason"]) for each in scan["follow_ups"]] == [("override", REASON)]
        assert (scan["device_scanned_at"], scan["received_at"]) == ("2026-10-06T08:00:00Z", "2026-10-06T08:00:00Z")
        assert [(visit["evidence"], visit["waived"]) for visit in known["visits"]] == [("card", None)]
