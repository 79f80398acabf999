"""Adding, editing, suspending and moving members: by the coordination, or by the manager of their home."""

import pytest
from sqlalchemy import select

from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.kernel.audit import AuditEntry
from passapp.kernel.outbox import OutboxMessage
from passapp.members.models import Member
from passapp.members.service import NewMembership
from tests.at_once import at_once
from tests.mails import mails
from tests.world import LONG_AGO

MEMBERS = "/api/v1/members"


def wanted(place, email="lea@example.org", **fields):
    membership = {"place_id": str(place.id), "plan": "TOUT"}
    return {"given_name": "Léa", "family_name": "Bertin", "email": email, "membership": membership} | fields


def change(client, member_id, **fields):
    version = client.get(f"{MEMBERS}/{member_id}").headers["etag"]
    return client.patch(f"{MEMBERS}/{member_id}", json=fields, headers={"If-Match": version})


def deeds(world, member_id):
    with world.session() as session:
        entries = select(AuditEntry).where(AuditEntry.subject_id == str(member_id)).order_by(AuditEntry.id)
        return [(entry.action, entry.actor_kind) for entry in session.scalars(entries)]


def test_a_manager_adds_a_member_with_a_membership_at_their_place_from_today(world):
    answer = world.as_manager().post(MEMBERS, json=wanted(world.hangar))
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["home"]["code"], shown["email"], answer.headers["etag"]) == (
        "hangar",
        "lea@example.org",
        f'"{shown["version"]}"',
    )
    assert shown["memberships"][0]["first_day"] == "2026-11-18"


def test_a_membership_begins_today_as_it_is_at_the_place(world):
    island = world.place("ilet", zone="Indian/Reunion", subdivision="974")
    world.later(hours=11)  # 22:00 in Paris, and tomorrow in Saint-Denis
    coordinator = world.as_coordinator()
    first_days = [
        coordinator.post(MEMBERS, json=wanted(place, email)).json()["memberships"][0]["first_day"]
        for place, email in ((world.hangar, "a@example.org"), (island, "b@example.org"))
    ]
    assert first_days == ["2026-11-18", "2026-11-19"]


def test_a_member_needs_no_e_mail_address(world):
    for number in range(2):
        body = wanted(world.hangar, "", given_name=f"Sans{number}")
        assert world.as_manager().post(MEMBERS, json=body).json()["email"] is None


@pytest.mark.parametrize(
    "membership, status, code",
    [
        ({"plan": "AUTR"}, 404, "plan_unknown"),
        ({"place_id": "01900000-0000-7000-8000-000000000000"}, 404, "place_unknown"),
        ({"last_day": "2026-11-17"}, 422, "membership_dates_reversed"),
    ],
)
def test_a_membership_that_cannot_be_leaves_no_member_behind(world, membership, status, code):
    body = wanted(world.hangar)
    body["membership"] |= membership
    answer = world.as_coordinator().post(MEMBERS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    with world.session() as session:
        assert session.scalars(select(Member)).all() == []
        assert session.scalar(select(Account).where(Account.email == "lea@example.org")) is None


def test_a_changed_field_leaves_the_others_and_an_empty_one_is_taken_away(world):
    member = world.member(reference="H-1")
    manager = world.as_manager()
    shown = change(manager, member.id, given_name="Léo", reference="").json()
    assert (shown["given_name"], shown["family_name"], shown["reference"]) == ("Léo", member.family_name, None)
    assert shown["email"] == member.email


@pytest.mark.parametrize("email", ["lea@example.org", "LEA@Example.org", " lea@example.org "])
def test_an_e_mail_address_belongs_to_one_member_however_it_is_written(world, email):
    manager = world.as_manager()
    manager.post(MEMBERS, json=wanted(world.hangar))
    answer = manager.post(MEMBERS, json=wanted(world.hangar, email))
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


def test_a_reference_belongs_to_one_member(world):
    manager = world.as_manager()
    manager.post(MEMBERS, json=wanted(world.hangar, reference="H-1"))
    answer = manager.post(MEMBERS, json=wanted(world.hangar, "b@example.org", reference="H-1"))
    assert (answer.status_code, answer.json()["code"]) == (409, "reference_taken")


def test_a_member_keeps_their_own_address_when_the_rest_changes(world):
    member = world.member()
    assert change(world.as_manager(), member.id, email=member.email.upper(), given_name="Léo").status_code == 200


def test_of_the_same_person_added_several_times_at_the_same_moment_one_is_kept(world):
    calls = [(world.as_coordinator(), "POST", MEMBERS, {"json": wanted(world.hangar)}) for _ in range(4)]
    assert sorted(answer.status_code for answer in at_once(world, calls)) == [201, 409, 409, 409]


def test_a_member_with_an_address_signs_in_with_it_as_a_member(world):
    client = world.as_member(world.member())
    assert client.get("/api/v1/me/member").json()["home"]["code"] == "hangar"


def test_somebody_with_a_role_who_becomes_a_member_keeps_the_one_account(world):
    account = world.account(Role.COORDINATOR)
    world.member(email=account.email)
    grants = world.signed_in(account).get("/api/v1/me").json()["grants"]
    assert {grant["role"] for grant in grants} == {"coordinator", "member"}


def test_editing_a_members_address_takes_nobodys_account_over(world):
    """A manager who writes their own address on a member gets the member's passes, not the member's account."""
    member = world.member()
    before = member.account_id
    manager = world.as_manager()
    change(manager, member.id, email="attacker@example.org")
    with world.session() as session:
        assert session.scalars(select(RoleGrant).where(RoleGrant.account_id == before)).all() == []
        present = session.get_one(Member, member.id).account
        assert (present.id != before, present.email) == (True, "attacker@example.org")


def test_writing_a_coordinators_address_on_a_member_gives_nobody_the_coordination(world):
    boss = world.account(Role.COORDINATOR)
    member = world.member()
    client = world.as_member(member)
    change(world.as_manager(), member.id, email=boss.email)
    assert {grant["role"] for grant in client.get("/api/v1/me").json()["grants"]} == set()
    with world.session() as session:
        assert session.get_one(Account, boss.id).email == boss.email


def test_a_member_whose_address_is_taken_away_signs_in_as_a_member_no_more(world):
    member = world.member()
    client = world.as_member(member)
    change(world.as_manager(), member.id, email=None)
    assert client.get("/api/v1/me/passes").status_code == 401


@pytest.mark.parametrize("address", ["nouvelle@example.org", None])
def test_a_former_address_is_told_that_it_signs_the_member_in_no_more(world, address):
    member = world.member()
    change(world.as_manager(), member.id, email=address)
    with world.session() as session:
        message = session.scalars(select(OutboxMessage).where(OutboxMessage.recipient_id.is_(None))).one()
    told = {"email": member.email, "name": "Léa", "language": "fr"}
    assert (message.kind, message.payload) == ("email_changed", told)


def test_each_change_of_an_address_is_told_and_no_other_change_is(world):
    member, manager = world.member(email=None), world.as_manager()
    for change_made in ({"email": "a@example.org"}, {"given_name": "Léo"}, {"email": "b@example.org"}, {"email": None}):
        change(manager, member.id, **change_made)
        told = [(mail["To"], mail["Subject"]) for mail in mails(world)]
    former, present = "Cette adresse n'ouvre plus votre pass", "Cette adresse ouvre maintenant votre pass"
    a, b = "a@example.org", "b@example.org"
    assert sorted(told) == [(a, former), (a, present), (b, former), (b, present)]


def test_a_suspension_is_shown_with_its_reason_until_it_ends(world):
    member, manager = world.member(), world.as_manager()
    suspended = manager.post(f"{MEMBERS}/{member.id}/suspend", json={"reason": "impayé"}).json()
    assert (suspended["suspended_reason"], suspended["suspended_at"] is not None) == ("impayé", True)
    assert world.as_member(member).get("/api/v1/me/member").json()["suspended"]
    resumed = manager.post(f"{MEMBERS}/{member.id}/resume").json()
    assert (resumed["suspended_reason"], resumed["suspended_at"]) == (None, None)


def test_suspending_or_resuming_twice_changes_nothing(world):
    member, manager = world.member(), world.as_manager()
    for reason in ("impayé", "autre"):
        shown = manager.post(f"{MEMBERS}/{member.id}/suspend", json={"reason": reason}).json()
    assert shown["suspended_reason"] == "impayé"
    for _ in range(2):
        manager.post(f"{MEMBERS}/{member.id}/resume")
    assert [action for action, _ in deeds(world, member.id)][-2:] == ["member.suspend", "member.resume"]


def test_every_change_of_a_person_is_in_the_audit_log(world):
    manager = world.as_manager()
    member = manager.post(MEMBERS, json=wanted(world.hangar)).json()["id"]
    change(manager, member, given_name="Léo")
    manager.post(f"{MEMBERS}/{member}/suspend", json={"reason": "impayé"})
    assert deeds(world, member) == [
        ("member.add", "account"),
        ("membership.add", "account"),
        ("member.change", "account"),
        ("member.suspend", "account"),
    ]


def test_a_manager_sees_the_members_of_their_places_and_the_coordination_all(world):
    world.member(world.hangar, family_name="Hangar")
    world.member(world.moulin, family_name="Moulin")
    both = [NewMembership(place.id, "TOUT", LONG_AGO) for place in (world.hangar, world.moulin)]
    world.member(family_name="Deux", memberships=both)

    def names(client, **query):
        return [item["family_name"] for item in client.get(MEMBERS, params=query).json()["items"]]

    assert names(world.as_manager(world.hangar)) == ["Deux", "Hangar"]
    assert names(world.as_manager(world.hangar), place_id=str(world.moulin.id)) == ["Deux"]
    assert names(world.as_coordinator()) == ["Deux", "Hangar", "Moulin"]
    assert names(world.as_coordinator(), place_id=str(world.moulin.id)) == ["Deux", "Moulin"]


@pytest.mark.parametrize(
    "search, found",
    [("ber", True), ("LÉA", True), ("bert léa", True), ("H-4", True), ("example", True), ("_", False), ("%", False)],
)
def test_a_search_finds_every_word_in_name_address_or_reference(world, search, found):
    world.member(given_name="Léa", family_name="Bertin", reference="H-42")
    items = world.as_manager().get(MEMBERS, params={"q": search}).json()["items"]
    assert bool(items) is found
