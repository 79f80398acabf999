from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from passapp.door.models import CheckIn
from tests.scenes import (
    add_plan,
    check_in,
    membership,
    move_home,
    pass_text,
    revoke,
    rows,
    scan_at,
    seconds,
    signed,
    signed_by_a_stranger,
    suspend,
    visits,
    without_pseudonym,
)
from tests.world import LONG_AGO, NOW

YESTERDAY = date(2026, 11, 17)


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def test_a_member_of_another_place_is_let_in_with_a_welcome(world, door):
    answer = check_in(door, scan := world.scan(pass_text(world, world.hangar)))
    assert (answer["verdict"], answer["colour"]) == ("ok", "green")
    assert answer["id"] == scan["id"]
    assert answer["local_date"] == "2026-11-18"
    assert answer["first_check_in_at"] is None
    assert answer["choices"] == []
    assert answer["replayed"] is False
    assert answer["check_name"] is True, "anybody could hold a card"


def test_a_second_scan_of_the_day_is_a_welcome_back_and_no_second_visit(world, door):
    shown = pass_text(world)
    first = check_in(door, world.scan(shown))
    world.later(hours=3)
    again = check_in(door, world.scan(shown))
    assert (again["verdict"], again["colour"]) == ("ok_again", "green")
    assert again["first_check_in_at"] == first["scanned_at"]
    assert [visit.id.hex for visit in visits(world)] == [first["check_in_id"].replace("-", "")]


def test_the_other_door_of_a_place_knows_who_is_in(world, door):
    shown = pass_text(world)
    check_in(door, world.scan(shown))
    assert check_in(world.as_door(world.moulin), world.scan(shown))["verdict"] == "ok_again"


def test_what_is_not_a_pass_is_invalid(world, door):
    shown = pass_text(world)
    header, payload, signature = shown.split(".")
    token = door.headers["Authorization"].removeprefix("Bearer ")
    flipped = f"{header}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    for text in ("bonjour", "https://example.org/menu", flipped, f"{header}.{payload}", token, "é" * 300, "\u0000"):
        answer = check_in(door, world.scan(text))
        assert (answer["verdict"], answer["colour"], answer["member"]) == ("invalid", "red", None), text


def test_a_pass_of_another_network_is_said_to_be_so_whoever_signed_it(world, door):
    card = world.card(world.member())
    for shown in (signed(world, card, iss="AUTRE"), signed(world, card, iss="AUTRE", kid="zz9")):
        answer = check_in(door, world.scan(shown))
        assert (answer["verdict"], answer["member"]) == ("wrong_network", None)


def test_a_pass_signed_by_a_key_that_the_network_never_published_is_of_an_unknown_key(world, door):
    answer = check_in(door, world.scan(signed_by_a_stranger(world, world.card(world.member()), kid="zz9")))
    assert (answer["verdict"], answer["member"]) == ("unknown_key", None)


def test_a_pass_that_claims_the_networks_key_but_was_signed_by_another_is_invalid(world, door):
    answer = check_in(door, world.scan(signed_by_a_stranger(world, world.card(world.member()))))
    assert (answer["verdict"], answer["member"]) == ("invalid", None)


def test_a_guest_pass_opens_its_own_place_and_no_other(world, door):
    guest = signed(world, world.card(world.member()), aud="hangar")
    assert check_in(door, world.scan(guest))["verdict"] == "wrong_place"
    assert check_in(world.as_door(world.hangar), world.scan(guest))["verdict"] == "ok"


def test_a_pass_is_expired_a_minute_after_its_end(world, door):
    card = world.card(world.member(), months=1)
    shown = world.text(card)
    world.now = card.expires_at + timedelta(seconds=59)
    assert check_in(door, world.scan(shown))["verdict"] == "ok"
    world.later(seconds=1)
    assert check_in(door, world.scan(shown))["verdict"] == "expired"


def test_a_pass_is_not_yet_valid_until_a_minute_before_it_begins(world, door):
    begins = NOW + timedelta(hours=1)
    shown = signed(world, world.card(world.member()), nbf=seconds(begins))
    world.now = begins - timedelta(seconds=61)
    assert check_in(door, world.scan(shown))["verdict"] == "not_yet_valid"
    world.later(seconds=1)
    assert check_in(door, world.scan(shown))["verdict"] == "ok"


def test_a_revoked_pass_is_refused_from_then_on(world, door):
    card = world.card(world.member())
    shown = world.text(card)
    world.later(hours=1)
    revoke(world, card)
    answer = check_in(door, world.scan(shown))
    assert (answer["verdict"], answer["colour"]) == ("revoked", "red")


def test_a_pass_that_the_network_signed_but_never_issued_is_revoked(world, door):
    card = world.card(world.member())
    answer = check_in(door, world.scan(signed(world, card, jti="0" if card.status_index else "1")))
    assert (answer["verdict"], answer["member"]) == ("revoked", None)


def test_a_suspended_member_is_refused_and_let_in_again_when_the_suspension_ends(world, door):
    member = world.member()
    shown = world.text(world.card(member))
    suspend(world, member)
    assert check_in(door, world.scan(shown))["verdict"] == "suspended"
    world.later(hours=1)
    world.as_coordinator().post(f"/api/v1/members/{member.id}/resume")
    assert check_in(door, world.scan(shown))["verdict"] == "ok"


def test_somebody_without_a_membership_today_is_suspended(world, door):
    member = world.member(memberships=[membership(world.hangar, last_day=date(2026, 11, 18))])
    shown = world.text(world.card(member))
    assert check_in(door, world.scan(shown))["verdict"] == "ok", "the last day is included"
    world.later(days=1)
    assert check_in(door, world.scan(shown))["verdict"] == "suspended"


def test_a_scan_made_before_the_pass_was_revoked_and_sent_afterwards_stands(world, door):
    card = world.card(world.member())
    shown = world.text(card)
    made = world.later(hours=1)
    world.later(hours=1)
    revoke(world, card)
    assert check_in(door, scan_at(world, shown, made))["verdict"] == "ok"
    assert check_in(door, world.scan(shown))["verdict"] == "revoked"


def test_a_scan_made_during_a_suspension_and_sent_after_it_is_refused(world, door):
    member = world.member()
    shown = world.text(world.card(member))
    suspend(world, member)
    made = world.later(hours=1)
    world.later(hours=1)
    world.as_coordinator().post(f"/api/v1/members/{member.id}/resume")
    assert check_in(door, scan_at(world, shown, made))["verdict"] == "suspended"


def test_a_plan_for_weekdays_does_not_open_on_saturday(world, door):
    add_plan(world, "SEM", weekdays=[0, 1, 2, 3, 4])
    shown = pass_text(world, memberships=[membership(world.hangar, "SEM")])
    assert check_in(door, world.scan(shown))["verdict"] == "ok"
    world.later(days=3)
    assert check_in(door, world.scan(shown))["verdict"] == "plan"


def test_a_plan_for_the_day_does_not_open_in_the_evening_by_the_hosts_clock(world, door):
    add_plan(world, "JOUR", from_time="08:00", to_time="20:00")
    shown = pass_text(world, memberships=[membership(world.hangar, "JOUR")])
    world.now = datetime(2026, 11, 18, 18, 59, tzinfo=UTC)
    assert check_in(door, world.scan(shown))["verdict"] == "ok"
    world.later(minutes=1)
    assert check_in(door, world.scan(shown))["verdict"] == "plan"


def test_a_plan_for_the_home_opens_the_home_only(world, door):
    add_plan(world, "MAIS", opens="home")
    shown = pass_text(world, memberships=[membership(world.hangar, "MAIS")])
    assert check_in(door, world.scan(shown))["verdict"] == "plan"
    assert check_in(world.as_door(world.hangar), world.scan(shown))["verdict"] == "ok"


def test_the_servers_plan_prevails_over_what_the_pass_says(world, door):
    add_plan(world, "MAIS", opens="home")
    card = world.card(world.member(memberships=[membership(world.hangar, "MAIS")]))
    assert check_in(door, world.scan(signed(world, card, pl="TOUT")))["verdict"] == "plan"


def test_a_host_that_left_the_network_receives_nobody(world):
    left = world.place("ancien", left_on=NOW.date())
    assert check_in(world.as_door(left), world.scan(pass_text(world)))["verdict"] == "place_left"


def test_a_member_whose_home_left_the_network_is_received_nowhere(world, door):
    left = world.place("ancien", left_on=NOW.date())
    shown = pass_text(world, left)
    assert check_in(door, world.scan(shown))["verdict"] == "place_left"


def test_the_last_day_of_a_place_in_the_network_still_counts(world):
    leaving = world.place("partant", left_on=NOW.date() + timedelta(days=1))
    assert check_in(world.as_door(leaving), world.scan(pass_text(world)))["verdict"] == "ok"


@pytest.fixture
def two_homes(world):
    third = world.place("phare")
    return world.member(memberships=[membership(world.hangar, tier="solidaire"), membership(third)])


def test_two_homes_that_could_pay_are_listed_to_choose_from(world, door, two_homes):
    answer = check_in(door, world.scan(world.text(world.card(two_homes))))
    assert (answer["verdict"], answer["colour"]) == ("ambiguous", "amber")
    assert {choice["home"] for choice in answer["choices"]} == {"Le Hangar", "Phare"}
    assert {choice["home_id"] for choice in answer["choices"]} == {str(m.place_id) for m in two_homes.memberships}
    assert visits(world) == []


def test_the_home_that_the_host_chose_pays(world, door, two_homes):
    shown = world.text(world.card(two_homes))
    choices = {choice["home"]: choice for choice in check_in(door, world.scan(shown))["choices"]}
    answer = check_in(door, world.scan(shown, home_id=choices["Phare"]["home_id"]))
    assert (answer["verdict"], answer["member"]["home"]) == ("ok", "Phare")
    [visit] = visits(world)
    assert visit.home_id == two_homes.memberships[1].place_id


def test_who_pays_for_the_day_is_asked_once(world, door, two_homes):
    shown = world.text(world.card(two_homes))
    chosen = check_in(door, world.scan(shown))["choices"][0]
    check_in(door, world.scan(shown, home_id=chosen["home_id"]))
    again = check_in(door, world.scan(shown))
    assert (again["verdict"], again["member"]["home"]) == ("ok_again", chosen["home"])


def test_somebody_elses_membership_cannot_be_chosen(world, door, two_homes):
    stranger = world.member().memberships[0].id
    shown = world.text(world.card(two_homes))
    for home_id in (str(stranger), str(uuid4())):
        assert check_in(door, world.scan(shown, home_id=home_id))["verdict"] == "ambiguous"


def test_only_homes_whose_plan_opens_this_place_are_listed_to_choose_from(world, door):
    add_plan(world, "MAIS", opens="home")
    homes = [membership(world.hangar), membership(world.place("phare")), membership(world.place("usine"), "MAIS")]
    answer = check_in(door, world.scan(pass_text(world, memberships=homes)))
    assert {choice["home"] for choice in answer["choices"]} == {"Le Hangar", "Phare"}


def test_the_membership_that_the_pass_was_issued_for_pays_before_any_other(world, door, two_homes):
    named = two_homes.memberships[1]
    card = world.card(two_homes, membership_id=named.id)
    assert check_in(door, world.scan(world.text(card)))["verdict"] == "ok"
    assert visits(world)[0].home_id == named.place_id


def test_without_a_named_membership_the_first_by_priority_pays(world, door):
    third = world.place("phare")
    homes = [membership(world.hangar, priority=2), membership(third, priority=1)]
    assert check_in(door, world.scan(pass_text(world, memberships=homes)))["verdict"] == "ok"
    assert visits(world)[0].home_id == third.id


def test_moving_home_changes_nothing_on_the_card_that_is_in_a_pocket(world, door):
    member = world.member(world.hangar)
    printed = world.text(world.card(member))
    move_home(world, member, world.place("phare", "Le Phare"), NOW.date())
    answer = check_in(door, world.scan(printed))
    assert (answer["verdict"], answer["member"]["home"]) == ("ok", "Le Phare")


def test_a_host_sees_a_first_name_an_initial_and_a_home(world, door):
    member = world.member(
        given_name="Zoé",
        family_name="étienne-Dubois",
        email="zoe.dubois@example.org",
        reference="HGR-0042",
        memberships=[membership(world.hangar, tier="solidaire")],
    )
    shown = world.text(world.card(member))
    answer = door.post("/api/v1/check-ins", json=world.scan(shown))
    seen = without_pseudonym(answer.json()["member"])
    assert seen == {"given_name": "Zoé", "initial": "É", "home": "Le Hangar"}
    for private in ("tienne", "zoe.dubois", "solidaire", "HGR-0042", "TOUT", str(member.id)):
        assert private not in answer.text, private


def test_a_host_is_not_told_why_a_pass_is_refused(world, door):
    member = world.member(memberships=[membership(world.hangar, tier="solidaire")])
    card = world.card(member)
    shown = world.text(card)
    suspend(world, member, "N'a pas payé octobre")
    suspended = door.post("/api/v1/check-ins", json=world.scan(shown))
    revoke(world, card, "Carte volée")
    revoked = door.post("/api/v1/check-ins", json=world.scan(shown))
    assert (suspended.json()["verdict"], revoked.json()["verdict"]) == ("suspended", "revoked")
    for private in ("octobre", "volée", "Bertin", "@", "solidaire"):
        assert private not in suspended.text + revoked.text, private


def test_a_refused_scan_is_kept_and_makes_no_visit(world, door):
    card = world.card(world.member())
    shown = world.text(card)
    revoke(world, card)
    answer = check_in(door, world.scan(shown))
    [kept] = rows(world, CheckIn)
    assert (kept.verdict, str(kept.id)) == ("revoked", answer["check_in_id"])
    assert visits(world) == []


def test_each_check_in_keeps_how_it_was_shown_and_when_the_doors_list_was_made(world, door):
    listed = NOW - timedelta(hours=5)
    check_in(door, world.scan(pass_text(world), list_iat=seconds(listed)))
    [kept] = rows(world, CheckIn)
    assert (kept.form, kept.list_iat) == ("card", listed)


def test_a_place_receives_members_of_a_home_without_a_door(world, door):
    employer = world.place("employeur", "Mairie", has_door=False)
    answer = check_in(door, world.scan(pass_text(world, memberships=[membership(employer, first_day=LONG_AGO)])))
    assert (answer["verdict"], answer["member"]["home"]) == ("ok", "Mairie")
