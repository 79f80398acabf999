"""The pass of a phone that can hold no key: fetched again and again, each good for 90 seconds at most."""

from datetime import datetime, timedelta

import jwt
import pytest

from passapp.passes import devices
from passapp.passes.models import IssuedPass
from passapp.passes.qr import version_of
from passapp.passes.status_list import Status, status_at
from tests.mails import mails, text_of_mail
from tests.phones import Phone
from tests.scenes import check_in, membership, receive_as, rows, scan_at, suspend


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


def end(world, given):
    """The manager ends a pass, and a minute goes by."""
    manager = world.as_manager(world.hangar)
    manager.post(f"/api/v1/passes/{given['pass']['id']}/revoke", json={"reason": "Téléphone perdu"})
    world.later(minutes=1)


def test_revoked_it_is_dead_and_who_signs_in_again_has_another_under_another_index(world, door):
    member = world.member(world.hangar)
    given = fetch(world.as_member(member))
    end(world, given)
    assert check_in(door, world.scan(given["text"]))["verdict"] == "revoked"
    assert check_in(door, world.scan(fetch(world.as_member(member))["text"]))["verdict"] == "ok"


def test_the_session_that_had_it_gets_no_other_once_it_is_revoked(world):
    mine = world.as_member(world.member(world.hangar))
    end(world, fetch(mine))
    answer = mine.post("/api/v1/me/short-lived-pass", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_again")


def test_a_lost_phone_goes_on_with_no_short_lived_pass_of_before_its_live_one_was_revoked(world):
    mine = world.as_member(world.member(world.hangar))
    fetch(mine)
    live = mine.post("/api/v1/me/live-pass", json={"public_key": Phone().public_key}).json()
    end(world, live)
    assert mine.post("/api/v1/me/short-lived-pass", json={}).json()["code"] == "sign_in_again"


def test_the_first_one_after_a_revocation_is_told_by_mail_and_says_where_it_is(world):
    member = world.member(world.hangar, locale="fr")
    end(world, fetch(world.as_member(member)))
    assert mails(world) == []
    mine = world.as_member(member)
    mine.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    fetch(mine)
    world.later(seconds=45)
    fetch(mine)
    [mail] = mails(world)
    assert mail["Subject"] == "Votre pass est passé sur un autre appareil"
    assert "Firefox, Linux" in text_of_mail(mail)


def test_new_ones_are_counted_with_live_passes(world, monkeypatch):
    monkeypatch.setattr(devices, "NEW_IN_A_DAY", 1)
    mine = world.as_member(world.member())
    assert mine.post("/api/v1/me/live-pass", json={"public_key": Phone().public_key}).status_code == 200
    answer = mine.post("/api/v1/me/short-lived-pass", json={})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    world.later(days=1, minutes=1)
    assert [fetch(mine)["pass"]["id"] for _ in range(3)] == [fetch(mine)["pass"]["id"]] * 3


def status(world, index):
    token = world.as_door().get("/api/v1/status-list").text
    return Status(status_at(jwt.decode(token, options={"verify_signature": False})["status_list"]["lst"], index))


def known_to(door):
    return [each["index"] for person in door.get("/api/v1/door/sync").json()["roster"] for each in person["passes"]]


def test_for_a_week_after_its_end_doors_go_on_knowing_it(world, door):
    member = world.member(world.moulin)
    fetch(world.as_member(member))
    [issued] = rows(world, IssuedPass)
    suspend(world, member)
    world.later(days=7)
    assert known_to(door) == [issued.status_index]
    assert status(world, issued.status_index) is Status.SUSPENDED
    world.later(minutes=2)
    assert known_to(door) == []
    assert status(world, issued.status_index) is Status.VALID


def test_it_names_the_membership_that_pays(world, door):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin)])
    mine = world.as_member(member)
    named = str(member.memberships[1].id)
    assert fetch(mine, membership_id=named)["pass"]["membership_id"] == named
    assert fetch(mine)["pass"]["membership_id"] is None


def test_the_answer_is_kept_by_no_cache(world):
    answer = world.as_member(world.member()).post("/api/v1/me/short-lived-pass", json={})
    assert answer.headers["Cache-Control"] == "private, no-store"
