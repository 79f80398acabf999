"""Erased: nothing speaks of the person any more, and what accounts must keep is nobody's."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from passapp.accounts.invitations import Wanted, invite
from passapp.accounts.models import AccessToken, Account, Invitation, RoleGrant
from passapp.accounts.roles import grant_role
from passapp.accounts.rules import Role
from passapp.door.models import CheckIn, Door, LookUp, UndoReason, Visit, VisitIdentity
from passapp.kernel.audit import SYSTEM, Actor, AuditEntry, AuditOrigin, record
from passapp.kernel.limits import RateCount
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.members.models import Consent, Member, Membership
from passapp.members.service import change_member
from passapp.passes.models import ErasedPass, IssuedPass
from passapp.passes.service import statuses
from passapp.passes.status_list import Status
from passapp.places.models import Place
from tests.at_once import at_once
from tests.mails import link_of_mail, mails, text_of_mail
from tests.privacy.lives import choose, erase, my_data
from tests.scenes import check_in, check_in_batch, everything_stored, membership, rows, scan_at, undo, visits

MAIL = "zoe.q@example.org"


@pytest.fixture
def member(world):
    home = membership(world.hangar, tier="SOLIDAIRE-7")
    return world.member(
        given_name="Zoélie", family_name="Quintard", email=MAIL, reference="HGR-0042", memberships=[home]
    )


@pytest.fixture
def card(world, member):
    return world.card(member)


@pytest.fixture
def client(world, member, card):
    """The browser of somebody who came by card and by code, was undone, and made a choice."""
    door = world.as_door(world.moulin)
    answer = check_in(door, world.scan(world.text(card)))
    undo(door, answer["check_in_id"], "Zoélie n'est pas venue")
    world.later(minutes=5)
    check_in(door, world.scan(short_code=card.short_code))
    door.post("/api/v1/short-codes/look-up", json={"short_code": card.short_code})
    client = world.as_member(member)
    choose(client, "found_by_name", given=False)
    return client


def counted(world, *models):
    with world.session() as session:
        return [session.scalar(select(func.count()).select_from(model)) for model in models]


def test_nothing_speaks_of_the_person_any_more(world, client, member, card):
    assert client.post("/api/v1/sign-in-links", json={"email": MAIL}).status_code == 202
    assert erase(client, MAIL).status_code == 204
    mails(world)
    stored = everything_stored(world)
    for private in ("Zoélie", "zoelie", "Quintard", MAIL, "HGR-0042", "SOLIDAIRE-7", card.short_code):
        assert private not in stored, private
    gone = (Member, Membership, IssuedPass, VisitIdentity, LookUp, Consent, UndoReason, Account, RoleGrant)
    assert counted(world, *gone) == [0] * len(gone)


def test_visits_and_check_ins_stay_and_are_nobodys(world, client):
    before = counted(world, CheckIn, Visit), [visit.id for visit in visits(world)]
    assert erase(client, MAIL).status_code == 204
    assert (counted(world, CheckIn, Visit), [visit.id for visit in visits(world)]) == before
    today = world.as_manager(world.moulin).get(f"/api/v1/places/{world.moulin.id}/today").json()
    assert [(person["name"], person["home"]) for person in today["people"]] == [(None, "Le Hangar")]


def test_the_audit_log_stays_by_ids_that_lead_nowhere(world, client, member):
    before = {entry.id for entry in rows(world, AuditEntry)}
    erase(client, MAIL)
    after = {entry.id: entry for entry in rows(world, AuditEntry)}
    assert before <= after.keys()
    erased = [(after[key].action, after[key].subject_id) for key in sorted(after.keys() - before)]
    assert erased == [("member.erase", str(member.id)), ("account.erase", str(member.account_id))]


def test_where_they_were_is_forgotten_with_them(world, client, member):
    with world.database.write() as session:
        theirs = Actor("account", member.account_id, "192.0.2.7")
        record(session, theirs, world.now, "session.open", ("account", member.account_id))
        record(session, Actor("account", None, "192.0.2.8"), world.now, "session.open", ("account", None))
    erase(client, MAIL)
    addresses = {origin.address for origin in rows(world, AuditOrigin)}
    assert "192.0.2.7" not in addresses
    assert "192.0.2.8" in addresses


def test_every_session_ends_and_the_browser_forgets_its_own(world, client, member):
    other = world.as_member(member)
    answer = erase(client, MAIL)
    assert 'passapp=""' in answer.headers["set-cookie"]
    assert other.get("/api/v1/my-data").status_code == 401
    assert rows(world, AccessToken, AccessToken.account_id.is_not(None)) == []


def test_a_last_mail_says_so_and_takes_the_address_with_it(world, client):
    erase(client, MAIL)
    [*_, last] = mails(world)
    assert (last["To"], last["Subject"]) == (MAIL, "Vos données sont effacées")
    assert "dernier message" in text_of_mail(last)
    [message] = rows(world, OutboxMessage, OutboxMessage.kind == "data_erased")
    assert (message.payload, message.recipient_id) == ({}, None)


def test_what_waited_to_be_sent_to_them_is_not_sent(world, client, member):
    with world.database.write() as session:
        enqueue(session, world.now, "pass_ready", "another", member.account_id)
    erase(client, MAIL)
    assert [mail["Subject"] for mail in mails(world)] == ["Vos données sont effacées"]


def test_an_invitation_to_their_address_goes_with_them_and_one_they_made_is_taken_back(world):
    account = world.account(Role.COORDINATOR)
    world.account(Role.COORDINATOR)
    with world.database.write() as session:
        attached = session.get_one(Account, account.id)
        for email in (account.email, "ami@example.org"):
            wanted = Wanted(email, "Sam", "fr", Role.HOST, session.get_one(Place, world.hangar.id))
            invite(session, wanted, attached, at=world.now, actor=SYSTEM)
    assert erase(world.signed_in(account), account.email).status_code == 204
    [left] = rows(world, Invitation)
    assert (left.email, left.invited_by) == ("ami@example.org", None)
    assert left.cancelled_at == world.now
    assert [mail["Subject"] for mail in mails(world)] == ["Vos données sont effacées"]


def everything_but_tries(world):
    with world.database.write() as session:
        session.execute(delete(RateCount))
    return everything_stored(world)


@pytest.mark.parametrize("typed", ["", "zoe@example.org", "Zoélie Quintard", f"{MAIL}x"])
def test_without_the_right_address_nothing_is_erased(world, client, typed):
    before = everything_but_tries(world)
    answer = erase(client, typed)
    assert answer.status_code == 422
    assert answer.json()["code"] in {"not_confirmed", "invalid_request"}
    assert everything_but_tries(world) == before


def test_erasing_and_exporting_are_limited_in_number(world, client):
    for path, body, times in (("my-data/export", None, 20), ("my-data/erasure", {"confirm": "x"}, 60)):
        answers = [client.post(f"/api/v1/{path}", json=body).status_code for _ in range(times + 1)]
        assert answers == [200 if body is None else 422] * times + [429], path


def test_an_address_is_typed_as_people_type_it(client):
    assert erase(client, f"  {MAIL.upper()} ").status_code == 204


@pytest.mark.parametrize("role, code", [(Role.COORDINATOR, "last_coordinator"), (Role.MANAGER, "last_manager")])
def test_the_last_who_can_look_after_others_names_somebody_first(world, role, code):
    at = world.hangar if role is Role.MANAGER else None
    account = world.account(role, at)
    client = world.signed_in(account)
    before = everything_but_tries(world)
    answer = erase(client, account.email)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert everything_but_tries(world) == before
    world.account(role, at)
    assert erase(client, account.email).status_code == 204
    assert client.get("/api/v1/my-data").status_code == 401


def test_who_is_no_member_is_erased_too(world):
    account = world.account(Role.HOST, world.hangar)
    assert erase(world.signed_in(account), account.email).status_code == 204
    assert account.email not in everything_stored(world).replace("data_erased", "") or mails(world)
    assert rows(world, Account) == []


# The card that is still in somebody's pocket


def test_a_card_of_somebody_erased_is_revoked_at_every_door(world, client, member, card):
    shown = world.text(card)
    erase(client, MAIL)
    answer = check_in(world.as_door(world.moulin), world.scan(shown))
    assert (answer["verdict"], answer["colour"], answer["member"]) == ("revoked", "red", None)
    with world.session() as session:
        assert statuses(session, at=world.now) == {card.status_index: Status.REVOKED}
    assert client.get("/api/v1/my-data").status_code == 401
    assert member.account_id is not None


def test_a_scan_made_before_but_sent_after_lets_nobody_in_and_names_nobody(world, client, card):
    shown, before = world.text(card), world.now
    erase(client, MAIL)
    world.later(hours=5)
    [outcome] = check_in_batch(world.as_door(world.moulin), [scan_at(world, shown, before)])
    assert (outcome["answer"]["verdict"], outcome["answer"]["member"]) == ("revoked", None)


def test_a_scan_answered_before_and_sent_again_names_nobody(world, member, card):
    door, scan = world.as_door(world.moulin), world.scan(world.text(card))
    check_in(door, scan)
    erase(world.as_member(member), MAIL)
    again = check_in(door, scan)
    assert (again["verdict"], again["replayed"], again["member"]) == ("ok", True, None)


def test_its_index_is_given_to_nobody_while_it_could_be_shown(world, client, card, monkeypatch):
    erase(client, MAIL)
    [left] = rows(world, ErasedPass)
    assert (left.status_index, left.expires_at) == (card.status_index, card.expires_at)
    drawn = iter([card.status_index, 7])
    monkeypatch.setattr("passapp.passes.service.secrets.randbelow", lambda _: next(drawn))
    assert world.card(world.member()).status_index == 7


def test_its_index_is_given_again_a_hundred_days_after_the_card_expired(world, client, card, monkeypatch):
    erase(client, MAIL)
    world.now = card.expires_at + timedelta(days=101)
    drawn = iter([card.status_index])
    monkeypatch.setattr("passapp.passes.service.secrets.randbelow", lambda _: next(drawn))
    heir = world.card(world.member(email="heir@example.org"))
    assert heir.status_index == card.status_index
    with world.session() as session:
        assert statuses(session, at=world.now) == {}
    assert check_in(world.as_door(world.moulin), world.scan(world.text(heir)))["verdict"] == "ok"


def test_a_card_that_was_over_long_ago_leaves_nothing(world, client, card):
    world.now = card.expires_at + timedelta(days=101)
    fresh = world.signed_in(rows(world, Member)[0].account_id)
    assert erase(fresh, MAIL).status_code == 204
    assert rows(world, ErasedPass) == []
    assert client.get("/api/v1/my-data").status_code == 401


def test_a_former_address_is_forgotten_as_soon_as_it_was_written_to(world, client, member):
    change_address(world, member, "zoe.neuve@example.org")
    mails(world)
    assert "zoe.q@" not in everything_stored(world)


def test_who_changed_address_is_erased_wholly(world, client, member):
    former = member.account_id
    change_address(world, member, "zoe.neuve@example.org")
    [present] = rows(world, Member)
    assert erase(world.as_member(present), "zoe.neuve@example.org").status_code == 204
    mails(world)
    stored = everything_stored(world)
    for private in ("Zoélie", "Quintard", "zoe.q", "zoe.neuve"):
        assert private not in stored, private
    assert counted(world, Member, Account) == [0, 0]
    erased = rows(world, AuditEntry, AuditEntry.action == "account.erase")
    assert {entry.subject_id for entry in erased} == {str(former), str(present.account_id)}


def change_address(world, member, email):
    with world.database.write() as session:
        change_member(session, session.get_one(Member, member.id), {"email": email}, at=world.now, actor=SYSTEM)


# The phones that they paired


def paired_by(world, client, device, name):
    answer = client.post(f"/api/v1/places/{world.hangar.id}/doors", json={"device_id": str(device), "name": name})
    assert answer.status_code == 201, answer.text


def test_a_phone_that_they_paired_bears_their_name_no_more_and_goes_on(world):
    account = world.account(Role.HOST, world.hangar)
    client, other = world.signed_in(account), world.signed_in(world.account(Role.HOST, world.hangar))
    mine, passed_on = uuid4(), uuid4()
    paired_by(world, client, mine, "Camille, téléphone")
    paired_by(world, client, passed_on, "Camille, tablette")
    world.later(minutes=5)
    paired_by(world, other, passed_on, "Noé")
    assert erase(client, account.email).status_code == 204
    doors = {door.device_id: door for door in rows(world, Door)}
    assert (doors[mine].name, doors[passed_on].name) == ("—", "Noé")
    assert doors[mine].cut_off_at is None


# Members who ask their place


@pytest.fixture
def without_account(world):
    return world.member(given_name="Ana", family_name="Petit", email=None)


def erase_by(client, member, confirm="Ana Petit"):
    return client.post(f"/api/v1/members/{member.id}/erasure", json={"confirm": confirm})


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COORDINATOR])
def test_their_place_erases_a_member_without_an_account_who_asks_for_it(world, without_account, role):
    world.card(without_account)
    account = world.account(role, world.hangar if role is Role.MANAGER else None)
    assert erase_by(world.signed_in(account), without_account, "ana  petit").status_code == 204
    assert counted(world, Member, IssuedPass) == [0, 0]
    [deed] = rows(world, AuditEntry, AuditEntry.action == "member.erase")
    assert (deed.actor_id, deed.subject_id) == (account.id, str(without_account.id))


def test_another_places_manager_is_told_that_there_is_no_such_member(world, without_account):
    answer = erase_by(world.as_manager(world.moulin), without_account)
    assert (answer.status_code, answer.json()["code"]) == (404, "member_unknown")
    assert counted(world, Member) == [1]


def test_the_name_is_typed_first(world, without_account):
    answer = erase_by(world.as_manager(), without_account, "Ana")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_confirmed")


def test_a_members_account_goes_with_them(world, client, member):
    assert erase_by(world.as_manager(), member, "Zoélie Quintard").status_code == 204
    assert client.get("/api/v1/my-data").status_code == 401
    assert [mail["To"] for mail in mails(world)] == [MAIL]


def test_an_account_that_was_there_before_the_member_stays_its_owners(world):
    """A manager may write anybody's address on a member of theirs: that deletes nobody's account."""
    stranger = world.account(Role.MEMBER)
    world.later(minutes=1)
    manager = world.as_manager()
    member = world.member(given_name="Zoélie", family_name="Quintard", email=stranger.email)
    assert erase_by(manager, member, "Zoélie Quintard").status_code == 204
    assert counted(world, Member) == [0]
    assert rows(world, RoleGrant, RoleGrant.account_id == stranger.id) == []
    assert my_data(world.signed_in(stranger))["account"]["email"] == stranger.email
    [mail] = mails(world)
    assert (mail["To"], mail["Subject"]) == (stranger.email, "Vos données de membre sont effacées")
    assert link_of_mail(world, mail) == "/my-data"


def test_an_account_that_was_made_for_a_new_address_goes_with_the_member(world, client, member):
    world.later(days=1)
    change_address(world, member, "zoe.neuve@example.org")
    assert erase_by(world.as_manager(), member, "Zoélie Quintard").status_code == 204
    assert counted(world, Member) == [0]
    assert rows(world, Account, Account.email.contains("zoe")) == []


def test_who_holds_other_roles_erases_themselves(world, member):
    with world.database.write() as session:
        account = session.get_one(Account, member.account_id)
        grant_role(session, account, Role.HOST, session.get_one(Place, world.moulin.id), at=world.now, actor=SYSTEM)
    answer = erase_by(world.as_manager(), member, "Zoélie Quintard")
    assert (answer.status_code, answer.json()["code"]) == (409, "has_roles")
    assert erase(world.as_member(member), MAIL).status_code == 204


# At the same moment


def test_a_scan_in_flight_comes_wholly_before_or_wholly_after(world):
    doors = [world.as_door(place) for place in (world.moulin, world.hangar, world.moulin)]
    for number in range(6):
        member = world.member(given_name="Zoélie", family_name="Quintard", email=f"flight{number}@example.org")
        shown = world.text(world.card(member))
        calls = [(door, "POST", "/api/v1/check-ins", {"json": world.scan(shown)}) for door in doors]
        gone = (
            world.as_member(member),
            "POST",
            "/api/v1/my-data/erasure",
            {"json": {"confirm": f"flight{number}@example.org"}},
        )
        answers = at_once(world, [*calls[:1], gone, *calls[1:]])
        assert [answer.status_code for answer in answers] == [200, 204, 200, 200]
        said = {(a.json()["verdict"], a.json()["member"] is None) for a in answers if a.status_code == 200}
        assert said <= {("ok", False), ("ok_again", False), ("revoked", True)}
    gone = (Member, IssuedPass, VisitIdentity, Membership)
    assert counted(world, *gone) == [0] * len(gone)
    assert len(rows(world, ErasedPass)) == 6
    admitted = {(row.visitor_key, row.place_id) for row in rows(world, CheckIn, CheckIn.verdict != "revoked")}
    assert {(visit.visitor_key, visit.host_id) for visit in visits(world)} == admitted


def test_two_who_ask_for_the_same_erasure_at_once_are_both_answered(world, member):
    calls = [
        (world.as_member(member), "POST", "/api/v1/my-data/erasure", {"json": {"confirm": MAIL}}) for _ in range(3)
    ]
    statuses_said = sorted(answer.status_code for answer in at_once(world, calls))
    assert statuses_said[0] == 204
    assert set(statuses_said) <= {204, 401, 404, 409}
    assert counted(world, Member, Account) == [0, 0]
    assert len(mails(world)) == 1


def test_who_became_a_member_again_starts_anew(world, client):
    erase(client, MAIL)
    again = world.member(email=MAIL)
    known = my_data(world.as_member(again))
    assert (known["visits"], known["scans"], known["look_ups"], known["consents"]) == ([], [], [], [])
