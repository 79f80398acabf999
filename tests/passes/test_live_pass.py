"""A live pass from the phone that it is bound to, to the next one: bound, extended, moved, revoked."""

import jwt
import pytest

from passapp.door.models import CheckIn
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.passes import service
from passapp.passes.keys import rotate_keys
from passapp.passes.models import IssuedPass
from passapp.passes.service import erase_passes
from passapp.passes.status_list import Status, status_at
from tests.at_once import at_once
from tests.mails import mails, text_of_mail
from tests.phones import Phone
from tests.scenes import add_plan, check_in, membership, revoke, rows, suspend
from tests.world import NOW

ANDROID = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def ask(client, phone, **wanted):
    return client.post("/api/v1/me/live-pass", json={"public_key": phone.public_key} | wanted)


def bind(client, phone, **wanted):
    answer = ask(client, phone, **wanted)
    assert answer.status_code == 200, answer.text
    return answer.json()


def claims(given):
    return jwt.decode(given["text"], options={"verify_signature": False})


def status(world, index):
    token = world.as_door().get("/api/v1/status-list").text
    return Status(status_at(jwt.decode(token, options={"verify_signature": False})["status_list"]["lst"], index))


def test_a_phone_gets_a_pass_for_its_key_that_is_good_for_a_month(world):
    member, phone = world.member(), Phone()
    given = bind(world.as_member(member), phone)
    said = claims(given)
    assert said["cnf"] == {"x": phone.public_key}
    assert (said["nbf"], said["exp"]) == (int(NOW.timestamp()), int(NOW.timestamp()) + 30 * 86_400)
    assert given["not_before"] == given["server_now"] == "2026-11-18T10:00:00Z"
    assert given["expires_at"] == "2026-12-18T10:00:00Z"
    assert given["pass"]["form"] == "live"


def test_what_the_phone_shows_opens_the_door_and_is_evidence_of_a_live_pass(world, door):
    phone = Phone()
    given = bind(world.as_member(world.member()), phone)
    assert check_in(door, world.scan(phone.show(given["text"], world.now)))["verdict"] == "ok"
    assert [row.form for row in rows(world, CheckIn)] == ["live"]


def test_asking_again_extends_the_same_pass_and_revokes_nothing(world, door):
    member, phone = world.member(), Phone()
    mine = world.as_member(member)
    first = bind(mine, phone)
    world.later(days=12)
    again = bind(mine, phone)
    assert again["pass"]["id"] == first["pass"]["id"]
    assert claims(again) == claims(first) | {"exp": claims(first)["exp"] + 12 * 86_400}
    for text in (first["text"], again["text"]):
        assert check_in(door, world.scan(phone.show(text, world.now)))["verdict"] in {"ok", "ok_again"}
        world.later(minutes=1)
    assert len(rows(world, IssuedPass)) == 1


def test_a_pass_extended_for_years_is_still_signed(world):
    member, phone = world.member(), Phone()
    for _ in range(25):
        given = bind(world.as_member(member), phone)
        world.later(days=30)
    said = claims(given)
    assert said["exp"] - said["nbf"] > 700 * 86_400
    assert len(rows(world, IssuedPass)) == 1


def test_after_a_rotation_the_next_asking_is_signed_by_the_new_key(world):
    mine, phone = world.as_member(world.member()), Phone()
    first = bind(mine, phone)
    world.later(days=8)
    with world.database.write() as session:
        rotate_keys(session, world.settings.keys_dir, compromised=False, at=world.now, actor=SYSTEM)
    again = bind(mine, phone)
    kids = [jwt.get_unverified_header(each["text"])["kid"] for each in (first, again)]
    assert kids[0] != kids[1]
    assert claims(first)["jti"] == claims(again)["jti"]


def test_a_pass_that_ran_out_on_its_phone_goes_on_under_the_same_index(world):
    member, phone = world.member(), Phone()
    first = bind(world.as_member(member), phone)
    world.later(days=40)
    assert claims(bind(world.as_member(member), phone))["jti"] == claims(first)["jti"]


def test_a_pass_whose_index_was_given_away_gets_another(world, monkeypatch):
    member, phone = world.member(), Phone()
    drawn = iter([7, 7, 8])
    monkeypatch.setattr(service.secrets, "randbelow", lambda _: next(drawn))
    bind(world.as_member(member), phone)
    world.later(days=140)
    bind(world.as_member(world.member()), Phone())
    again = bind(world.as_member(member), phone)
    assert claims(again)["jti"] == "8"
    assert check_in(world.as_door(), world.scan(phone.show(again["text"], world.now)))["verdict"] == "ok"


def test_another_phone_is_told_which_one_has_the_pass_and_gets_none(world):
    member = world.member()
    first = world.as_member(member)
    first.headers["User-Agent"] = ANDROID
    bind(first, Phone())
    answer = ask(world.as_member(member), Phone())
    assert (answer.status_code, answer.json()["code"]) == (409, "live_pass_elsewhere")
    assert "Firefox, Android" in answer.json()["detail"]
    assert len(rows(world, IssuedPass)) == 1


def test_moved_to_another_phone_the_pass_of_the_first_is_superseded_everywhere(world, door):
    member, old, new = world.member(), Phone(), Phone()
    mine = world.as_member(member)
    first = bind(mine, old)
    world.later(minutes=5)
    second = bind(mine, new, move=True)
    world.later(minutes=5)
    assert check_in(door, world.scan(old.show(first["text"], world.now)))["verdict"] == "superseded"
    assert check_in(door, world.scan(new.show(second["text"], world.now)))["verdict"] == "ok"
    [former] = rows(world, IssuedPass, IssuedPass.superseded_at.is_not(None))
    assert status(world, former.status_index) is Status.SUPERSEDED
    states = {item["id"]: item["state"] for item in mine.get("/api/v1/me/passes").json()["items"]}
    assert states == {first["pass"]["id"]: "superseded", second["pass"]["id"]: "active"}


def test_a_scan_made_before_the_move_and_sent_after_it_is_good(world, door):
    mine, old = world.as_member(world.member()), Phone()
    text = old.show(bind(mine, old)["text"], world.now)
    scan = world.scan(text)
    world.later(minutes=10)
    bind(mine, Phone(), move=True)
    late = scan | {"device_now": world.now.isoformat()}
    assert check_in(door, late)["verdict"] == "ok"


def test_the_first_phone_is_told_so_and_may_take_its_pass_back(world):
    mine, old, new = world.as_member(world.member()), Phone(), Phone()
    bind(mine, old)
    bind(mine, new, move=True)
    assert ask(mine, old).json()["code"] == "live_pass_elsewhere"
    back = bind(mine, old, move=True)
    assert ask(mine, new).json()["code"] == "live_pass_elsewhere"
    assert len({row.status_index for row in rows(world, IssuedPass)}) == 3
    assert back["pass"]["state"] == "active"


def test_a_move_is_written_down_and_the_member_gets_a_mail(world):
    member = world.member(given_name="Léa", locale="fr")
    mine = world.as_member(member)
    mine.headers["User-Agent"] = ANDROID
    bind(mine, Phone())
    assert mails(world) == []
    bind(mine, Phone(), move=True)
    [mail] = mails(world)
    assert mail["Subject"] == "Votre pass est passé sur un autre appareil"
    assert "Firefox, Android" in text_of_mail(mail)
    deeds = [entry.action for entry in rows(world, AuditEntry, AuditEntry.subject_kind == "pass")]
    assert deeds == ["pass.bind", "pass.move"]


def test_what_is_written_down_of_a_binding_names_neither_person_nor_phone(world):
    mine = world.as_member(world.member(given_name="Zoé"))
    mine.headers["User-Agent"] = ANDROID
    phone = Phone()
    bind(mine, phone)
    written = str([vars(entry) for entry in rows(world, AuditEntry, AuditEntry.action == "pass.bind")])
    assert not any(word in written for word in ("Zoé", "Firefox", phone.public_key))


def test_a_pass_that_ran_out_on_a_lost_phone_keeps_nobody_from_binding_the_next(world):
    member = world.member()
    bind(world.as_member(member), Phone())
    world.later(days=31)
    assert bind(world.as_member(member), Phone())["pass"]["state"] == "active"


def end(world, given, reason="Téléphone perdu"):
    """The manager ends a pass, and a minute goes by."""
    answer = world.as_manager(world.hangar).post(
        f"/api/v1/passes/{given['pass']['id']}/revoke", json={"reason": reason}
    )
    assert answer.json()["state"] == "revoked"
    world.later(minutes=1)


def test_a_revoked_live_pass_is_dead_and_the_next_phone_gets_another(world, door):
    member, lost, found = world.member(world.hangar), Phone(), Phone()
    given = bind(world.as_member(member), lost)
    end(world, given)
    assert check_in(door, world.scan(lost.show(given["text"], world.now)))["verdict"] == "revoked"
    new = bind(world.as_member(member), found)
    assert claims(new)["jti"] != claims(given)["jti"]
    assert check_in(door, world.scan(found.show(new["text"], world.now)))["verdict"] == "ok"


@pytest.mark.parametrize("move", [False, True])
@pytest.mark.parametrize("has_another_key", [False, True])
def test_the_session_of_a_lost_phone_gets_no_pass_any_more(world, has_another_key, move):
    phone = Phone()
    mine = world.as_member(world.member(world.hangar))
    end(world, bind(mine, phone))
    answer = ask(mine, Phone() if has_another_key else phone, move=move)
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_again")
    assert "sign in again" in answer.json()["detail"]
    short = mine.post("/api/v1/me/short-lived-pass", json={})
    assert (short.status_code, short.json()["code"]) == (403, "sign_in_again")


def test_a_session_of_the_moment_of_the_revocation_is_not_after_it(world):
    member, phone = world.member(world.hangar), Phone()
    given = bind(world.as_member(member), phone)
    world.as_manager(world.hangar).post(f"/api/v1/passes/{given['pass']['id']}/revoke", json={"reason": "Perdu"})
    assert ask(world.as_member(member), phone).json()["code"] == "sign_in_again"


def test_who_signs_in_again_on_the_same_phone_has_a_pass_at_once_and_gets_a_mail(world):
    member, phone = world.member(world.hangar), Phone()
    given = bind(world.as_member(member), phone)
    end(world, given)
    mails(world)
    mine = world.as_member(member)
    new = bind(mine, phone)
    assert new["pass"]["id"] != given["pass"]["id"]
    assert [mail["Subject"] for mail in mails(world)] == ["Votre pass est passé sur un autre appareil"]
    world.later(days=1)
    assert bind(mine, phone)["pass"]["id"] == new["pass"]["id"]
    assert len(mails(world)) == 1


def test_the_next_phone_after_a_lost_one_is_told_by_mail(world):
    member = world.member(world.hangar)
    end(world, bind(world.as_member(member), Phone()))
    bind(world.as_member(member), Phone())
    assert [mail["Subject"] for mail in mails(world)] == ["Votre pass est passé sur un autre appareil"]


def test_a_phone_that_goes_on_with_its_own_pass_signs_in_for_no_other_that_was_ended(world):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin)])
    mine, phone = world.as_member(member), Phone()
    named = str(member.memberships[1].id)
    kept = bind(mine, phone, membership_id=named)
    end(world, bind(mine, Phone()))
    assert bind(mine, phone, membership_id=named)["pass"]["id"] == kept["pass"]["id"]


def test_a_lost_card_keeps_no_phone_from_its_pass(world):
    member = world.member(world.hangar)
    mine = world.as_member(member)
    revoke(world, world.card(member))
    assert bind(mine, Phone())["pass"]["state"] == "active"
    assert mails(world) == []


def test_a_manager_who_reissues_a_live_pass_gives_a_card_in_its_place(world):
    member, manager = world.member(world.hangar), world.as_manager(world.hangar)
    given = bind(world.as_member(member), Phone())
    new = manager.post(f"/api/v1/passes/{given['pass']['id']}/reissue", json={"reason": "Téléphone perdu"})
    assert (new.status_code, new.json()["form"]) == (201, "card")
    items = manager.get(f"/api/v1/members/{member.id}/passes").json()["items"]
    assert {(item["form"], item["state"]) for item in items} == {("live", "revoked"), ("card", "active")}


@pytest.mark.parametrize("what", ["qr.svg", "qr.png", "card.pdf"])
def test_a_live_pass_is_neither_drawn_by_the_server_nor_printed(world, what):
    member = world.member(world.hangar)
    mine = world.as_member(member)
    given = bind(mine, Phone())
    answer = mine.get(f"/api/v1/passes/{given['pass']['id']}/{what}")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_card")


def test_a_sheet_of_cards_leaves_live_passes_out(world):
    member, manager = world.member(world.hangar), world.as_manager(world.hangar)
    bind(world.as_member(member), Phone())
    answer = manager.post(f"/api/v1/places/{world.hangar.id}/cards.pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_cards")


def test_who_has_only_a_live_pass_still_misses_a_card(world):
    bind(world.as_member(world.member(world.hangar)), Phone())
    assert world.as_manager(world.hangar).post("/api/v1/passes/missing").json() == {"issued": 1}


def test_the_short_code_of_a_live_pass_opens_as_any_does(world, door):
    given = bind(world.as_member(world.member()), Phone())
    typed = {"short_code": given["pass"]["short_code"].lower()}
    assert check_in(door, world.scan(**typed))["verdict"] == "ok"


def test_each_membership_that_is_named_has_a_live_pass_of_its_own(world):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin)])
    mine = world.as_member(member)
    first, second = (str(each.id) for each in member.memberships)
    given = [bind(mine, Phone(), **wanted) for wanted in ({}, {"membership_id": first}, {"membership_id": second})]
    assert [each["pass"]["membership_id"] for each in given] == [None, first, second]
    assert len({claims(each)["jti"] for each in given}) == 3


def test_a_live_pass_names_no_membership_of_somebody_else(world):
    mine, other = world.as_member(world.member()), world.member()
    answer = ask(mine, Phone(), membership_id=str(other.memberships[0].id))
    assert (answer.status_code, answer.json()["code"]) == (404, "membership_unknown")


def pause(world, member):
    suspend(world, member)


def leave_unpaid(world, member):
    where = f"/api/v1/members/{member.id}/memberships/{member.memberships[0].id}/unpaid"
    assert world.as_manager(world.hangar).post(where).status_code == 200


def let_end(world, member):
    where = f"/api/v1/members/{member.id}/memberships/{member.memberships[0].id}"
    manager = world.as_manager(world.hangar)
    body = {"last_day": NOW.date().isoformat()}
    assert manager.patch(where, json=body, headers={"If-Match": '"1"'}).status_code == 200
    world.later(days=1)


STOPS = pytest.mark.parametrize("stop", [pause, leave_unpaid, let_end])


@STOPS
def test_who_may_not_come_in_gets_no_new_pass_that_an_old_list_would_not_know(world, stop):
    member = world.member(world.hangar)
    mine = world.as_member(member)
    stop(world, member)
    answers = [ask(mine, Phone()), ask(mine, Phone(), move=True), mine.post("/api/v1/me/short-lived-pass", json={})]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "member_not_active")}
    assert "Ask your place" in answers[0].json()["detail"]
    assert rows(world, IssuedPass) == []


@STOPS
def test_a_pass_is_not_extended_meanwhile_and_doors_refuse_it(world, door, stop):
    member, phone = world.member(world.hangar), Phone()
    mine = world.as_member(member)
    given = bind(mine, phone)
    stop(world, member)
    assert ask(mine, phone).json()["code"] == "member_not_active"
    [issued] = rows(world, IssuedPass)
    assert issued.expires_at.timestamp() == claims(given)["exp"]
    [item] = mine.get("/api/v1/me/passes").json()["items"]
    assert item["state"] == "inactive"
    assert check_in(door, world.scan(phone.show(given["text"], world.now)))["colour"] == "red"
    assert status(world, issued.status_index) is Status.SUSPENDED


def test_who_may_come_in_again_goes_on_with_the_same_pass(world):
    member, phone = world.member(world.hangar), Phone()
    mine = world.as_member(member)
    given = bind(mine, phone)
    suspend(world, member)
    world.as_coordinator().post(f"/api/v1/members/{member.id}/resume")
    assert claims(bind(mine, phone))["jti"] == claims(given)["jti"]


def test_a_pass_says_what_the_membership_that_is_paid_for_opens(world):
    add_plan(world, "SOIR")
    homes = [membership(world.hangar), membership(world.moulin, plan="SOIR", priority=2)]
    member = world.member(memberships=homes)
    leave_unpaid(world, member)
    assert claims(bind(world.as_member(member), Phone()))["pl"] == "SOIR"


def test_a_membership_that_is_over_is_named_by_no_pass(world):
    homes = [membership(world.hangar, last_day=NOW.date()), membership(world.moulin)]
    member = world.member(memberships=homes)
    world.later(days=1)
    answer = ask(world.as_member(member), Phone(), membership_id=str(member.memberships[0].id))
    assert (answer.status_code, answer.json()["code"]) == (409, "no_membership")


@pytest.mark.parametrize(
    "key",
    [
        "A" * 43,  # zeros: a point of order 4
        "AQ" + "A" * 41,  # the neutral point
        "Ag" + "A" * 41,  # no point
        "7f" + "_" * 39 + "38",  # at least the prime
        "B" * 43,  # not canonical base64url
        "=" * 43,
        "é" * 43,
    ],
)
def test_what_is_no_key_is_refused_and_said_to_be_none(world, key):
    answer = world.as_member(world.member()).post("/api/v1/me/live-pass", json={"public_key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_key")


def test_the_answer_is_kept_by_no_cache(world):
    answer = ask(world.as_member(world.member()), Phone())
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_nobody_moves_their_pass_all_day_long(world):
    mine = world.as_member(world.member())
    answers = [ask(mine, Phone(), move=True) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].json()["code"] == "too_many_tries"
    world.later(days=1, minutes=1)
    assert ask(mine, Phone(), move=True).status_code == 200


def test_two_phones_that_ask_at_the_same_moment_do_not_both_get_it(world):
    member = world.member()
    where = "/api/v1/me/live-pass"
    calls = [(world.as_member(member), "POST", where, {"json": {"public_key": Phone().public_key}}) for _ in range(4)]
    answers = at_once(world, calls)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


def test_a_live_pass_goes_with_its_member_and_its_index_stays_revoked(world, door):
    member, phone = world.member(), Phone()
    given = bind(world.as_member(member), phone)
    with world.database.write() as session:
        erase_passes(session, member.id, at=world.now)
    assert check_in(door, world.scan(phone.show(given["text"], world.now)))["verdict"] == "revoked"


def test_my_data_says_on_which_phone_my_pass_is_and_not_its_key(world):
    mine, phone = world.as_member(world.member()), Phone()
    mine.headers["User-Agent"] = ANDROID
    bind(mine, phone)
    answer = mine.get("/api/v1/my-data")
    [known] = answer.json()["passes"]
    assert (known["form"], known["device"], known["superseded_at"]) == ("live", "Firefox, Android", None)
    assert phone.public_key not in answer.text
