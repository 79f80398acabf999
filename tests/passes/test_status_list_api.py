"""The list of passes that are revoked or suspended, as doors fetch it."""

from datetime import date, timedelta

import jwt
import pytest

from passapp.kernel.audit import SYSTEM
from passapp.passes.keys import rotate_keys
from passapp.passes.status_list import Status, status_at
from tests.scenes import membership, revoke, seconds, suspend
from tests.world import NOW


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def fetch(door, **headers):
    return door.get("/api/v1/status-list", headers=headers)


def verified(world, token):
    """The list's claims, verified with what the network publishes."""
    keys = jwt.PyJWKSet.from_dict(world.client().get("/.well-known/jwks.json").json())
    header = jwt.get_unverified_header(token)
    # The library reads the machine's clock, and the world has its own.
    unclocked = {"verify_exp": False, "verify_iat": False}
    return header, jwt.decode(token, keys[header["kid"]], ["EdDSA"], options=unclocked)


def statuses(world, door, *cards):
    """What the list says of these passes."""
    _, claims = verified(world, fetch(door).text)
    return [Status(status_at(claims["status_list"]["lst"], card.status_index)) for card in cards]


def test_the_list_is_signed_by_the_network_and_says_what_it_is(world, door):
    answer = fetch(door)
    assert answer.headers["Content-Type"] == "application/statuslist+jwt"
    header, claims = verified(world, answer.text)
    assert (header["typ"], header["alg"]) == ("statuslist+jwt", "EdDSA")
    assert claims["sub"] == "http://testserver/api/v1/status-list"
    assert claims["status_list"]["bits"] == 2


def test_the_list_is_good_for_seven_days_and_asks_to_be_fetched_again_before(world, door):
    _, claims = verified(world, fetch(door).text)
    assert claims["exp"] - claims["iat"] == 7 * 24 * 3600
    assert seconds(world.now) - 300 < claims["iat"] <= seconds(world.now)
    assert 0 < claims["ttl"] <= 3600


def test_the_list_is_for_doors_only(world):
    callers = [world.as_coordinator(), world.as_manager(), world.as_member(world.member())]
    assert [fetch(caller).status_code for caller in callers] == [403] * 3
    assert fetch(world.client()).status_code == 401


def test_no_shared_cache_may_keep_the_list(door):
    assert "private" in fetch(door).headers["Cache-Control"]


def test_a_good_pass_is_valid_in_the_list(world, door):
    assert statuses(world, door, world.card(world.member())) == [Status.VALID]


def test_a_revoked_pass_is_revoked_in_the_list_and_its_neighbours_are_not(world, door):
    member = world.member()
    kept, lost = world.card(member), world.card(member)
    revoke(world, lost)
    assert statuses(world, door, kept, lost) == [Status.VALID, Status.REVOKED]


def test_every_pass_of_a_suspended_member_is_suspended_in_the_list(world, door):
    member = world.member()
    cards = [world.card(member), world.card(member), world.card(world.member())]
    suspend(world, member)
    assert statuses(world, door, *cards) == [Status.SUSPENDED, Status.SUSPENDED, Status.VALID]
    world.as_coordinator().post(f"/api/v1/members/{member.id}/resume")
    assert statuses(world, door, *cards) == [Status.VALID] * 3


def test_a_pass_that_was_revoked_stays_revoked_when_its_member_is_suspended_too(world, door):
    member = world.member()
    card = world.card(member)
    suspend(world, member)
    revoke(world, card)
    assert statuses(world, door, card) == [Status.REVOKED]


def test_the_pass_of_somebody_without_a_membership_today_is_suspended_in_the_list(world, door):
    card = world.card(world.member(memberships=[membership(world.hangar, last_day=NOW.date())]))
    assert statuses(world, door, card) == [Status.VALID], "the last day is included"
    world.later(days=1)
    assert statuses(world, door, card) == [Status.SUSPENDED]


def test_a_membership_ends_in_the_list_by_the_date_at_its_own_place(world, door):
    island = world.place("ilet", zone="Indian/Reunion", subdivision="974")
    cards = [
        world.card(world.member(memberships=[membership(place, last_day=NOW.date())]))
        for place in (world.hangar, island)
    ]
    world.later(hours=11)  # 22:00 in Paris, and tomorrow in Saint-Denis
    assert statuses(world, door, *cards) == [Status.VALID, Status.SUSPENDED]


def test_somebody_with_another_membership_is_not_suspended_in_the_list(world, door):
    homes = [membership(world.hangar, last_day=date(2026, 11, 18)), membership(world.moulin)]
    card = world.card(world.member(memberships=homes))
    world.later(days=1)
    assert statuses(world, door, card) == [Status.VALID]


def test_a_list_that_has_not_changed_is_not_sent_again(door):
    first = fetch(door)
    again = fetch(door, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_a_list_that_changed_is_sent_at_once(world, door):
    card = world.card(world.member())
    etag = fetch(door).headers["ETag"]
    world.later(seconds=1)
    revoke(world, card)
    changed = fetch(door, **{"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_an_old_list_is_dated_anew_so_that_a_door_in_use_never_holds_a_stale_one(world, door):
    first = fetch(door)
    world.later(minutes=5)
    again = fetch(door, **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert verified(world, again.text)[1]["iat"] > verified(world, first.text)[1]["iat"]


def test_a_list_signed_before_a_rotation_is_verified_after_it(world, door):
    world.later(days=7)
    kept = fetch(door).text
    with world.database.write() as session:
        rotate_keys(session, world.settings.keys_dir, compromised=False, at=world.now, actor=SYSTEM)
    world.later(days=6, hours=23)
    assert verified(world, kept)[1]["status_list"]["bits"] == 2


def test_the_list_names_nobody_and_tells_not_how_many_passes_there_are(world, door):
    empty = verified(world, fetch(door).text)[1]
    for _ in range(3):
        world.card(world.member())
    assert verified(world, fetch(door).text)[1] == empty


def test_a_pass_leaves_the_list_a_week_after_its_end(world, door):
    card = world.card(world.member(), months=1)
    revoke(world, card)
    world.now = card.expires_at + timedelta(days=6)
    assert statuses(world, door, card) == [Status.REVOKED]
    world.later(days=1)
    assert statuses(world, door, card) == [Status.VALID]
