"""What a door decided by itself is judged again as of the scan's time; its word decides no rule (door.md, The door)."""

from datetime import UTC, datetime, timedelta

import pytest

from passapp.door.models import FollowUp, FollowUpReason
from passapp.kernel.audit import SYSTEM
from passapp.passes.keys import rotate_keys
from passapp.passes.models import SigningKey
from tests.door.following import kept_out, page, refused, review, stale
from tests.scenes import (
    check_in,
    membership,
    pass_text,
    receive_as,
    resume,
    revoke,
    rows,
    scan_at,
    signed_by_a_stranger,
    suspend,
    undo,
    visits,
)


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def revoked_since(world):
    """A pass revoked two hours ago, of which a door that has been offline since the morning cannot know."""
    return revoked(world)


def revoked(world, **fields):
    card = world.card(world.member(**fields))
    text = world.text(card)
    revoke(world, card)
    world.later(hours=2)
    return text


def made(world, hours):
    """``list_iat`` of a list made so many hours ago."""
    return int((world.now - timedelta(hours=hours)).timestamp())


def test_who_was_rightly_let_in_is_accepted_and_nothing_more_is_said(world, door):
    answer = check_in(door, scan_at(world, pass_text(world), world.now, shown="ok"))
    assert (answer["verdict"], answer["outcome"]) == ("ok", None)
    assert rows(world, FollowUp) == []


def test_a_revoked_pass_that_an_offline_door_accepted_is_rejected_late_and_the_home_pays(world, door, revoked_since):
    answer = check_in(door, world.scan(revoked_since, shown="ok", list_iat=made(world, 23)))
    assert (answer["verdict"], answer["outcome"]) == ("revoked", "rejected_late")
    [visit] = visits(world)
    assert (visit.home_id, visit.host_id, visit.waived) == (world.hangar.id, world.moulin.id, None)


def test_a_door_that_went_by_a_list_of_the_day_before_costs_the_home_nothing(world, door, revoked_since):
    assert stale(world, door, revoked_since)["outcome"] == "rejected_late"
    assert [visit.waived for visit in visits(world)] == ["stale_list"]


def test_a_door_without_any_list_costs_the_home_nothing_either(world, door, revoked_since):
    check_in(door, world.scan(revoked_since, shown="ok"))
    assert [visit.waived for visit in visits(world)] == ["stale_list"]


def test_a_suspended_member_whom_an_offline_door_accepted_is_rejected_late(world, door):
    member = world.member()
    text = world.text(world.card(member))
    suspend(world, member)
    world.later(minutes=5)
    assert check_in(door, world.scan(text, shown="ok"))["outcome"] == "rejected_late"


def test_what_a_door_could_have_known_is_left_to_a_manager_and_makes_no_visit(world, door):
    answer = check_in(door, world.scan(kept_out(world), shown="ok"))
    assert (answer["verdict"], answer["outcome"]) == ("plan", "conflict")
    assert visits(world) == []


@pytest.mark.parametrize("text", ["https://example.org", "eyJ.eyJ.xx"])
def test_a_door_cannot_make_a_pass_of_what_is_none(world, door, text):
    answer = check_in(door, world.scan(text, shown="ok"))
    assert (answer["verdict"], answer["outcome"]) == ("invalid", None)


def test_a_door_cannot_talk_an_expired_pass_in_but_a_manager_learns_who_came(world, door):
    text = pass_text(world)
    world.later(days=500)
    answer = check_in(door, world.scan(text, shown="ok"))
    assert (answer["verdict"], answer["outcome"], answer["member"]["given_name"]) == ("expired", "conflict", "Léa")
    assert visits(world) == []


def test_nor_a_card_where_cards_were_switched_off_meanwhile(world, door):
    text = pass_text(world)
    receive_as(world, world.moulin, cards=False)
    answer = check_in(door, world.scan(text, shown="ok"))
    assert (answer["verdict"], answer["outcome"]) == ("proof_missing", "conflict")
    assert visits(world) == []


def test_nor_a_pass_of_tomorrow(world, door):
    text = pass_text(world)
    answer = check_in(door, scan_at(world, text, world.now - timedelta(days=1), shown="ok"))
    assert (answer["verdict"], answer["outcome"]) == ("not_yet_valid", "conflict")


def leak(world):
    with world.database.write() as session:
        rotate_keys(session, world.settings.keys_dir, compromised=True, at=world.now, actor=SYSTEM)


def test_a_key_that_leaked_since_opens_no_door_whatever_date_is_given_and_a_manager_judges(world, door):
    scan = world.scan(pass_text(world), shown="ok")
    world.later(hours=1)
    leak(world)
    world.later(hours=1)
    scan["device_now"] = world.now.isoformat()
    answer = check_in(door, scan)
    assert (answer["verdict"], answer["outcome"]) == ("unknown_key", "conflict")
    assert visits(world) == []


def test_a_key_that_ended_as_keys_do_still_speaks_for_scans_of_its_time(world, door):
    scan = world.scan(pass_text(world), shown="ok")
    with world.database.write() as session:
        rotate_keys(session, world.settings.keys_dir, compromised=True, at=world.now, actor=SYSTEM)
        for key in session.query(SigningKey).filter(SigningKey.retired_at.is_not(None)):
            key.published_until = world.now + timedelta(days=7)
    world.later(days=8)
    scan["device_now"] = world.now.isoformat()
    assert check_in(door, scan)["verdict"] == "ok"


def test_after_it_leaked_a_manager_judges_whom_a_door_without_network_let_in(world, door):
    text = pass_text(world)
    leak(world)
    world.later(minutes=1)
    assert check_in(door, world.scan(text))["verdict"] == "unknown_key"
    answer = check_in(door, world.scan(text, shown="ok"))
    assert (answer["verdict"], answer["outcome"]) == ("unknown_key", "conflict")
    assert (answer["member"], answer["may_override"]) == (None, False)  # whoever has the key learns no name by it
    assert visits(world) == []


def test_a_key_that_was_never_the_networks_is_nobodys(world, door):
    text = signed_by_a_stranger(world, world.card(world.member()), kid="zzz")
    answer = check_in(door, world.scan(text, shown="ok"))
    assert (answer["verdict"], answer["outcome"], answer["member"]) == ("unknown_key", None, None)


def test_what_comes_long_after_the_refusal_is_for_a_manager_and_costs_nobody_anything_yet(world, door, revoked_since):
    scan = world.scan(revoked_since, list_iat=made(world, 3))
    check_in(door, scan)
    world.later(minutes=11)
    again = check_in(door, scan | {"shown": "ok"})
    assert (again["verdict"], again["outcome"]) == ("revoked", "conflict")
    assert visits(world) == []


@pytest.mark.parametrize("hours,waived", [(3, None), (30, "stale_list")])
def test_where_a_manager_accepts_it_the_home_pays_as_it_would_have_at_once(world, door, revoked_since, hours, waived):
    scan = world.scan(revoked_since, list_iat=made(world, hours))
    check_in(door, scan)
    world.later(minutes=11)
    answer = check_in(door, scan | {"shown": "ok"})
    [item] = page(world.as_manager(world.moulin), world.moulin, "reviews")["items"]
    assert (item["name"]["given_name"], item["verdict"]) == ("Léa", "inactive")
    review(world.as_manager(world.moulin), answer["check_in_id"], accept=True)
    assert [visit.waived for visit in visits(world)] == [waived]


def test_of_two_homes_that_could_pay_for_a_revoked_pass_a_manager_names_one(world, door):
    third = world.place("lune")
    text = revoked(world, memberships=[membership(world.hangar), membership(third)])
    answer = stale(world, door, text)
    assert (answer["verdict"], answer["outcome"]) == ("revoked", "conflict")
    review(world.as_manager(world.moulin), answer["check_in_id"], accept=True, home_id=str(third.id))
    assert [(visit.home_id, visit.waived) for visit in visits(world)] == [(third.id, "stale_list")]


def test_what_was_over_before_the_scan_says_nothing_of_what_a_door_knew(world, door):
    member = world.member()
    card = world.card(member)
    text = world.text(card)
    suspend(world, member)
    world.later(hours=1)
    resume(world, member)
    world.later(hours=1)
    revoke(world, card)
    world.later(hours=1)
    answer = check_in(door, world.scan(text, shown="ok", list_iat=made(world, 1.5)))
    assert (answer["verdict"], answer["outcome"]) == ("revoked", "rejected_late")


def test_a_scan_sent_again_cannot_say_either_that_it_did_not_know_what_its_list_named(world, door, revoked_since):
    scan = world.scan(revoked_since, list_iat=made(world, 1))
    check_in(door, scan)
    again = check_in(door, scan | {"shown": "ok", "list_iat": made(world, 30)})
    assert (again["outcome"], visits(world)) == (None, [])


@pytest.mark.parametrize("shown", ["revoked", "invalid", "plan", "error"])
def test_who_was_sent_away_stays_out(world, door, shown):
    assert check_in(door, world.scan(kept_out(world), shown=shown))["outcome"] is None


def test_a_host_may_have_let_somebody_in_all_the_same_while_offline(world, door):
    answer = check_in(door, world.scan(kept_out(world), shown="plan", override={"reason": "Je la connais"}))
    assert (answer["verdict"], answer["outcome"], answer["may_override"]) == ("plan", None, False)
    assert [row.kind for row in rows(world, FollowUp)] == ["override"]
    assert [row.reason for row in rows(world, FollowUpReason)] == ["Je la connais"]
    assert len(visits(world)) == 1


def test_what_the_host_did_before_the_first_answer_came_is_taken_when_the_scan_comes_again(world, door, revoked_since):
    scan = world.scan(revoked_since, list_iat=made(world, 3))
    assert check_in(door, scan)["outcome"] is None
    assert visits(world) == []
    again = check_in(door, scan | {"shown": "ok"})
    assert (again["verdict"], again["outcome"], again["replayed"]) == ("revoked", "rejected_late", True)
    assert len(visits(world)) == 1
    assert check_in(door, scan | {"shown": "ok"})["outcome"] == "rejected_late"
    assert len(rows(world, FollowUp)) == 1


def test_another_scan_under_the_same_id_changes_nothing(world, door):
    answer = refused(world, door)
    other = world.scan(pass_text(world), id=answer["id"], shown="ok", override={"reason": "Essai"})
    assert door.post("/api/v1/check-ins", json=other).status_code == 409
    assert rows(world, FollowUp) == []


def test_who_was_rejected_late_can_be_taken_back(world, door, revoked_since):
    undo(door, check_in(door, world.scan(revoked_since, shown="ok"))["check_in_id"])
    assert visits(world) == []


def test_a_later_scan_of_who_was_let_in_all_the_same_is_a_welcome_back_or_a_refusal_but_no_second_visit(world, door):
    text = kept_out(world)
    check_in(door, world.scan(text, shown="plan", override={"reason": "Je la connais"}))
    world.later(minutes=10)
    assert check_in(door, world.scan(text))["verdict"] == "plan"
    assert len(visits(world)) == 1


def test_a_full_place_says_so_and_one_who_is_in_is_welcome_back(world, door):
    receive_as(world, world.moulin, capacity=1)
    first, second = pass_text(world), pass_text(world)
    assert check_in(door, world.scan(first))["verdict"] == "ok"
    world.later(minutes=1)
    answer = check_in(door, world.scan(second))
    assert (answer["verdict"], answer["colour"], answer["may_override"]) == ("capacity", "amber", True)
    assert check_in(door, world.scan(first))["verdict"] == "ok_again"


def test_a_batch_fills_a_place_in_the_order_of_its_scans(world, door):
    receive_as(world, world.moulin, capacity=2)
    at = [world.now + timedelta(minutes=n) for n in range(4)]
    texts = [pass_text(world) for _ in at]
    world.later(hours=1)
    scans = [scan_at(world, text, when) for text, when in zip(texts, at, strict=True)]
    outcomes = door.post("/api/v1/check-ins/batch", json={"items": scans[::-1]}).json()["outcomes"]
    assert [each["answer"]["verdict"] for each in outcomes[::-1]] == ["ok", "ok", "capacity", "capacity"]


def test_a_door_whose_list_named_the_pass_cannot_say_that_it_did_not_know(world, door, revoked_since):
    answer = check_in(door, world.scan(revoked_since, shown="ok", list_iat=made(world, 1)))
    assert (answer["verdict"], answer["outcome"]) == ("revoked", None)
    assert visits(world) == []


def test_a_list_of_the_future_is_no_fresh_list(world, door, revoked_since):
    scan = world.scan(revoked_since)
    check_in(door, scan)
    check_in(door, scan | {"shown": "ok", "list_iat": made(world, -48)})
    assert {visit.waived for visit in visits(world)} <= {"stale_list"}


def test_what_somebody_typed_was_not_scanned_unattended(world, door):
    card = world.card(world.member())
    typed = world.scan(short_code=card.short_code, attended=False)
    assert door.post("/api/v1/check-ins", json=typed).status_code == 422


def test_whoever_stays_over_midnight_is_one_person_when_the_month_changes(world, door):
    receive_as(world, world.moulin, capacity=2)
    with_hours(world, world.moulin, opens="18:00", closes="28:00")
    stays, other, third = pass_text(world), pass_text(world), pass_text(world)
    world.now = datetime(2026, 11, 30, 22, 0, tzinfo=UTC)
    assert check_in(door, world.scan(stays))["verdict"] == "ok"
    world.later(hours=2)
    said = [check_in(door, world.scan(text))["verdict"] for text in (stays, other, third)]
    assert said == ["ok", "ok", "capacity"]


def with_hours(world, place, **opening):
    client = world.as_manager(place)
    etag = client.get(f"/api/v1/places/{place.id}").headers["ETag"]
    hours = [{"weekday": day} | opening for day in range(7)]
    answer = client.put(f"/api/v1/places/{place.id}/hours", json={"hours": hours}, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
