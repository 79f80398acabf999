"""The pass of a phone that can hold no key: fetched again and again, each good for 90 seconds at most."""

from datetime import datetime, timedelta

import jwt
import pytest

from passapp.passes.models import IssuedPass
from passapp.passes.qr import version_of
from tests.scenes import check_in, membership, receive_as, rows, scan_at
from tests.world import NOW


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def fetch(client, **wanted):
    answer = client.post("/api/v1/me/short-lived-pass", json=wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_has_no_beginning_and_ends_within_ninety_seconds(world):
    world.later(microseconds=999_999)
    given = fetch(world.as_member(world.member()))
    claims = jwt.decode(given["text"], options={"verify_signature": False})
    assert set(claims) == {"iss", "jti", "exp", "pl"}
    assert 0 < claims["exp"] - world.now.timestamp() <= 90
    assert datetime.fromisoformat(given["expires_at"]).timestamp() == claims["exp"]
    assert given["pass"]["form"] == "short_lived"
    assert version_of(given["text"]) <= 11


@pytest.mark.parametrize("seconds,verdict", [(0, "ok"), (89, "ok"), (149, "ok"), (150, "expired"), (3600, "expired")])
def test_it_opens_for_its_ninety_seconds_and_a_minute_of_leeway(world, door, seconds, verdict):
    text = fetch(world.as_member(world.member()))["text"]
    world.later(seconds=seconds)
    assert check_in(door, world.scan(text))["verdict"] == verdict


def test_nobody_shows_it_as_of_days_before_it_was_made(world, door):
    text = fetch(world.as_member(world.member()))["text"]
    assert check_in(door, scan_at(world, text, world.now - timedelta(days=1)))["verdict"] == "not_yet_valid"


def test_it_opens_where_cards_do_not(world):
    receive_as(world, world.moulin, cards=False)
    member = world.member()
    door = world.as_door(world.moulin)
    assert check_in(door, world.scan(world.text(world.card(member))))["verdict"] == "proof_missing"
    assert check_in(door, world.scan(fetch(world.as_member(member))["text"]))["verdict"] == "ok"


def test_fetched_all_day_long_it_takes_one_index_of_the_status_list(world):
    mine = world.as_member(world.member())
    codes = set()
    for _ in range(20):
        codes.add(fetch(mine)["pass"]["short_code"])
        world.later(seconds=45)
    assert len(codes) == len(rows(world, IssuedPass)) == 1


def test_revoked_it_is_dead_and_the_next_has_another_index(world, door):
    member = world.member(world.hangar)
    mine = world.as_member(member)
    given = fetch(mine)
    manager = world.as_manager(world.hangar)
    manager.post(f"/api/v1/passes/{given['pass']['id']}/revoke", json={"reason": "Téléphone perdu"})
    assert check_in(door, world.scan(given["text"]))["verdict"] == "revoked"
    assert check_in(door, world.scan(fetch(mine)["text"]))["verdict"] == "ok"


def test_it_names_the_membership_that_pays(world, door):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin)])
    mine = world.as_member(member)
    named = str(member.memberships[1].id)
    assert fetch(mine, membership_id=named)["pass"]["membership_id"] == named
    assert fetch(mine)["pass"]["membership_id"] is None


def test_without_a_membership_today_there_is_none(world):
    mine = world.as_member(world.member(memberships=[membership(world.hangar, last_day=NOW.date())]))
    world.later(days=1)
    answer = mine.post("/api/v1/me/short-lived-pass", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_membership")


def test_the_answer_is_kept_by_no_cache(world):
    answer = world.as_member(world.member()).post("/api/v1/me/short-lived-pass", json={})
    assert answer.headers["Cache-Control"] == "private, no-store"
