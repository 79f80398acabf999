"""A card from its first day to its last: issued, drawn, lost, replaced."""

from datetime import timedelta
from io import BytesIO

import jwt
import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError

from passapp.kernel.audit import AuditEntry
from passapp.kernel.outbox import OutboxMessage
from passapp.passes import service
from passapp.passes.encoding import encode_index
from passapp.passes.models import IssuedPass
from passapp.passes.qr import QUIET_ZONE, version_of
from passapp.passes.rules import read_short_code
from tests.pictures import CAMERAS, opened, rasterised, read
from tests.scenes import check_in, membership, rows, signed, suspend
from tests.world import NOW


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def issue(client, member, **wanted):
    answer = client.post(f"/api/v1/members/{member.id}/passes", json=wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()


def png(client, card):
    answer = client.get(f"/api/v1/passes/{card['id']}/qr.png")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    return answer.content


def svg(client, card):
    answer = client.get(f"/api/v1/passes/{card['id']}/qr.svg")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    return answer.content


def test_a_card_is_good_for_thirteen_months_unless_said_otherwise(world):
    manager, member = world.as_manager(world.hangar), world.member()
    assert issue(manager, member)["expires_at"] == "2027-12-18T10:00:00Z"
    assert issue(manager, member, months=1)["expires_at"] == "2026-12-18T10:00:00Z"


def test_a_card_for_longer_than_thirteen_months_is_refused(world):
    member = world.member()
    for months in (0, 14, -1, "x", 1.5):
        answer = world.as_manager().post(f"/api/v1/members/{member.id}/passes", json={"months": months})
        assert answer.status_code == 422, months
    assert rows(world, IssuedPass) == []


def test_a_card_says_who_issued_it_and_what_it_opens_and_nothing_about_its_member(world):
    card = world.card(world.member(family_name="Bertin"))
    claims = jwt.decode(world.text(card), options={"verify_signature": False})
    assert claims == {
        "iss": "RESEAU",
        "jti": encode_index(card.status_index),
        "nbf": int(NOW.timestamp()),
        "exp": int(card.expires_at.timestamp()),
        "pl": "TOUT",
    }
    assert jwt.get_unverified_header(world.text(card))["typ"] == "cp+jwt"


def test_a_card_is_a_code_of_version_11_even_in_a_network_with_a_long_code(world):
    card = world.card(world.member())
    assert version_of(world.text(card)) == 11
    assert version_of(signed(world, card, iss="RESEAUXX", jti="4GFB")) == 11


@pytest.mark.parametrize(
    "camera", ["straight", "turned by 17 degrees", "blurred", "small", "turned, blurred and noisy"]
)
def test_the_picture_that_a_member_shows_is_read_by_a_camera_and_opens_the_door(world, door, camera):
    member = world.member()
    card = issue(world.as_manager(world.hangar), member)
    [text] = read(CAMERAS[camera](opened(png(world.as_member(member), card))))
    assert check_in(door, world.scan(text))["verdict"] == "ok"


def test_the_svg_opens_the_door_as_the_png_does(world, door):
    member = world.member()
    card = issue(world.as_manager(world.hangar), member)
    phone = world.as_member(member)
    [drawn] = read(rasterised(svg(phone, card)))
    [painted] = read(opened(png(phone, card)))
    assert drawn == painted
    assert check_in(door, world.scan(drawn))["verdict"] == "ok"


def test_no_code_is_too_dense_for_a_small_camera(world):
    card = issue(world.as_manager(world.hangar), member := world.member())
    picture = Image.open(BytesIO(png(world.as_member(member), card)))
    modules = picture.width // 8 - 2 * QUIET_ZONE
    assert (modules - 17) // 4 <= 15


def test_a_drawn_pass_is_kept_by_no_cache(world):
    member = world.member()
    card = issue(world.as_manager(world.hangar), member)
    answer = world.as_member(member).get(f"/api/v1/passes/{card['id']}/qr.svg")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_pass_is_drawn_for_its_member_and_those_who_look_after_them_only(world):
    card = issue(world.as_manager(world.hangar), world.member(world.hangar))
    for kind in ("svg", "png"):
        where = f"/api/v1/passes/{card['id']}/qr.{kind}"
        assert world.as_member(world.member()).get(where).status_code == 404
        assert world.as_manager(world.moulin).get(where).status_code == 404
        assert world.as_door(world.hangar).get(where).status_code == 403
        assert world.client().get(where).status_code == 401
        assert world.as_manager(world.hangar).get(where).status_code == 200


def test_a_lost_card_is_dead_at_every_door_and_its_replacement_opens(world, door):
    manager, member = world.as_manager(world.hangar), world.member(world.hangar)
    old = issue(manager, member)
    [lost] = read(opened(png(manager, old)))
    world.later(days=2)
    new = manager.post(f"/api/v1/passes/{old['id']}/reissue", json={"reason": "Téléphone perdu"})
    assert new.status_code == 201
    [kept] = read(opened(png(manager, new.json())))
    assert check_in(door, world.scan(lost))["verdict"] == "revoked"
    assert check_in(door, world.scan(kept))["verdict"] == "ok"
    assert new.json()["short_code"] != old["short_code"]


def test_a_revoked_pass_is_drawn_no_more(world):
    manager, member = world.as_manager(world.hangar), world.member(world.hangar)
    card = issue(manager, member)
    manager.post(f"/api/v1/passes/{card['id']}/revoke", json={"reason": "Carte perdue"})
    assert world.as_member(member).get(f"/api/v1/passes/{card['id']}/qr.svg").status_code == 404


def test_a_pass_is_revoked_once(world):
    manager, member = world.as_manager(world.hangar), world.member(world.hangar)
    card = issue(manager, member)
    first = manager.post(f"/api/v1/passes/{card['id']}/revoke", json={"reason": "Carte perdue"})
    world.later(hours=1)
    for verb in ("revoke", "reissue"):
        again = manager.post(f"/api/v1/passes/{card['id']}/{verb}", json={"reason": "Encore"})
        assert (again.status_code, again.json()["code"]) == (409, "already_revoked")
    [shown] = manager.get(f"/api/v1/members/{member.id}/passes").json()["items"]
    assert (shown["state"], shown["revoked_at"]) == ("revoked", first.json()["revoked_at"])


def test_a_replacement_names_the_membership_that_the_lost_pass_named(world):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin)])
    coordinator, second = world.as_coordinator(), str(member.memberships[1].id)
    old = issue(coordinator, member, membership_id=second)
    new = coordinator.post(f"/api/v1/passes/{old['id']}/reissue", json={"reason": "Perdu"}).json()
    assert new["membership_id"] == second


def test_a_replacement_that_cannot_be_issued_leaves_the_old_pass_alone(world, door):
    member = world.member(memberships=[membership(world.hangar, last_day=NOW.date())])
    coordinator = world.as_coordinator()
    old = issue(coordinator, member)
    world.later(days=1)
    answer = coordinator.post(f"/api/v1/passes/{old['id']}/reissue", json={"reason": "Perdu"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_membership")
    [kept] = rows(world, IssuedPass)
    assert kept.revoked_at is None


def test_why_a_pass_was_revoked_is_seen_by_its_home_and_its_member(world):
    manager, member = world.as_manager(world.hangar), world.member(world.hangar)
    card = issue(manager, member)
    manager.post(f"/api/v1/passes/{card['id']}/revoke", json={"reason": "Carte volée"})
    for reader, where in ((manager, f"/members/{member.id}/passes"), (world.as_member(member), "/me/passes")):
        assert [p["revoked_reason"] for p in reader.get(f"/api/v1{where}").json()["items"]] == ["Carte volée"]
    assert world.as_manager(world.moulin).get(f"/api/v1/members/{member.id}/passes").status_code == 404


def test_a_members_passes_say_whether_they_would_be_accepted(world):
    member = world.member(world.hangar)
    phone, manager = world.as_member(member), world.as_manager(world.hangar)
    issue(manager, member, months=1)
    assert [p["state"] for p in phone.get("/api/v1/me/passes").json()["items"]] == ["active"]
    suspend(world, member)
    assert [p["state"] for p in phone.get("/api/v1/me/passes").json()["items"]] == ["inactive"]
    world.later(days=29)
    later = manager.get(f"/api/v1/members/{member.id}/passes").json()
    world.later(days=2)
    assert [p["state"] for p in later["items"]] == ["inactive"]
    items = world.as_manager(world.hangar).get(f"/api/v1/members/{member.id}/passes").json()["items"]
    assert [p["state"] for p in items] == ["expired"]


def test_a_member_without_a_membership_today_gets_no_card(world):
    member = world.member(memberships=[membership(world.hangar, last_day=NOW.date() - timedelta(days=1))])
    answer = world.as_coordinator().post(f"/api/v1/members/{member.id}/passes", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_membership")


def test_a_card_names_a_membership_that_runs_only(world):
    later = membership(world.hangar, first_day=NOW.date() + timedelta(days=1))
    over = membership(world.hangar, last_day=NOW.date() - timedelta(days=1))
    member = world.member(memberships=[membership(world.moulin), later, over])
    for each in member.memberships:
        wanted = {"membership_id": str(each.id)}
        answer = world.as_coordinator().post(f"/api/v1/members/{member.id}/passes", json=wanted)
        expected = (201, None) if each.place_id == world.moulin.id else (409, "no_membership")
        assert (answer.status_code, answer.json().get("code")) == expected


def test_who_pays_is_named_by_the_manager_of_that_place_only(world):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin)])
    manager, address = world.as_manager(world.hangar), f"/api/v1/members/{member.id}/passes"
    answers = {
        m.place.code: manager.post(address, json={"membership_id": str(m.id)}).status_code for m in member.memberships
    }
    assert answers == {"hangar": 201, "moulin": 403}


def test_a_replacement_names_nobody_where_the_named_membership_is_over(world):
    homes = [membership(world.hangar, last_day=NOW.date()), membership(world.moulin)]
    member = world.member(memberships=homes)
    coordinator = world.as_coordinator()
    named = next(m for m in member.memberships if m.place_id == world.hangar.id)
    old = issue(coordinator, member, membership_id=str(named.id))
    world.later(days=1)
    new = coordinator.post(f"/api/v1/passes/{old['id']}/reissue", json={"reason": "Perdu"})
    assert (new.status_code, new.json()["membership_id"]) == (201, None)


def test_cards_issued_together_have_indices_and_codes_of_their_own_and_tell_their_members(world):
    members = [world.member() for _ in range(20)]
    suspend(world, members[0])
    world.card(members[1])
    assert world.as_coordinator().post("/api/v1/passes/missing").json() == {"issued": 18}
    issued = rows(world, IssuedPass)
    assert len({card.status_index for card in issued}) == len({card.short_code for card in issued}) == 19
    told = {message.recipient_id for message in rows(world, OutboxMessage)}
    assert told == {member.account_id for member in members[1:]}
    assert world.as_coordinator().post("/api/v1/passes/missing").json() == {"issued": 0}


def test_a_network_that_allows_no_cards_issues_none(world):
    coordinator, member = world.as_coordinator(), world.member()
    version = coordinator.get("/api/v1/network").headers["ETag"]
    coordinator.patch("/api/v1/network", json={"card_allowed": False}, headers={"If-Match": version})
    answer = coordinator.post(f"/api/v1/members/{member.id}/passes", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "card_not_allowed")


def test_a_member_with_an_address_is_told_that_their_pass_is_ready_and_another_is_not(world):
    told, _ = world.card(member := world.member()), world.card(world.member(email=None))
    [message] = rows(world, OutboxMessage)
    assert (message.kind, message.recipient_id) == ("pass_ready", member.account_id)
    assert message.key == f"pass_ready:{told.id}"


def test_issuing_and_revoking_are_written_down_without_a_name(world):
    manager, member = world.as_manager(world.hangar), world.member(world.hangar)
    card = issue(manager, member)
    manager.post(f"/api/v1/passes/{card['id']}/revoke", json={"reason": "Carte perdue par Léa"})
    entries = rows(world, AuditEntry, AuditEntry.subject_id == card["id"])
    assert sorted(entry.action for entry in entries) == ["pass.issue", "pass.revoke"]
    assert "Léa" not in str([entry.detail for entry in entries])


def test_a_short_code_is_read_back_to_the_pass_it_stands_under(world):
    card = world.card(world.member())
    listed = world.as_coordinator().get(f"/api/v1/members/{card.member_id}/passes").json()["items"]
    assert [read_short_code(item["short_code"]) for item in listed] == [card.short_code]
    assert [(len(item["short_code"]), item["short_code"][4]) for item in listed] == [(9, "-")]


@pytest.fixture
def draw(monkeypatch):
    """Decide which indices are drawn."""

    def in_turn(*indices):
        drawn = iter(indices)
        monkeypatch.setattr(service.secrets, "randbelow", lambda _: next(drawn))

    return in_turn


def test_two_passes_never_share_an_index(world, draw):
    draw(7, 7, 7, 8)
    first, second = world.card(world.member()), world.card(world.member())
    assert (first.status_index, second.status_index) == (7, 8)


def test_the_database_refuses_an_index_that_is_taken_or_outside_the_list(world):
    card = world.card(world.member())
    other = world.card(world.member())
    for index in (card.status_index, -1, 2**20):
        with pytest.raises(IntegrityError), world.database.write() as session:
            session.get_one(IssuedPass, other.id).status_index = index


def test_indices_drawn_together_are_not_put_in_order(world, draw):
    draw(7)
    world.card(world.member())
    for _ in range(4):
        world.member()
    draw(900, 7, 5, 900, 1, 300)
    world.as_coordinator().post("/api/v1/passes/missing")
    issued = sorted(rows(world, IssuedPass), key=lambda card: card.member_id)
    assert [card.status_index for card in issued] == [7, 900, 5, 1, 300]


def test_an_index_is_given_to_another_pass_a_hundred_days_after_the_first_has_ended_and_not_before(world, draw):
    draw(7)
    first = world.card(world.member(), months=1)
    world.now = first.expires_at + timedelta(days=100)
    draw(7, 8)
    assert world.card(world.member()).status_index == 8
    world.later(seconds=1)
    draw(7)
    assert world.card(world.member()).status_index == 7
    [former] = rows(world, IssuedPass, IssuedPass.id == first.id)
    assert former.status_index is None


def test_a_pass_whose_index_was_given_away_is_never_taken_for_its_new_holder(world, draw, door):
    draw(7)
    first = world.card(world.member(given_name="Ancien"), months=1)
    printed = world.text(first)
    world.now = first.expires_at + timedelta(days=101)
    draw(7)
    heir = world.card(world.member(given_name="Nouveau"))
    expired = check_in(door, world.scan(printed))
    assert (expired["verdict"], expired["member"]) == ("expired", None)
    kept_offline = world.scan(printed, scanned_at=(first.expires_at - timedelta(days=1)).isoformat())
    late = check_in(door, kept_offline)
    assert (late["verdict"], late["member"]) == ("clock_skew", None)
    assert check_in(door, world.scan(world.text(heir)))["member"]["given_name"] == "Nouveau"
