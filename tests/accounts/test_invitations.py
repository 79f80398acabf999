"""Roles offered by mail, and what becomes of the offers."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from passapp.accounts.invitations import INVITATIONS_A_PLACE, INVITATIONS_ALTOGETHER, INVITATIONS_AN_ADDRESS
from passapp.accounts.letters import LETTERS
from passapp.accounts.models import AccessToken, Account, Invitation, RoleGrant
from passapp.accounts.rules import GRANTABLE, Role
from passapp.kernel.audit import AuditEntry
from passapp.kernel.outbox import OutboxMessage
from passapp.places.models import Place
from tests.at_once import at_once

CAMILLE = "camille.martin@example.org"


def wanted(role="host", place=None, email=CAMILLE, **fields):
    body = {"email": email, "name": "Camille", "role": role, "place_id": str(place.id) if place else None}
    return body | fields


def invite(client, role="host", place=None, email=CAMILLE, **fields):
    return client.post("/api/v1/invitations", json=wanted(role, place, email, **fields))


def letters(world):
    """The letters of the invitations whose mail leaves now, written as the sender would."""
    with world.database.write() as session:
        waiting = select(OutboxMessage).where(OutboxMessage.kind == "invitation", OutboxMessage.sent_at.is_(None))
        written = []
        for message in session.scalars(waiting.order_by(OutboxMessage.id)):
            written.append(LETTERS["invitation"](session, message, world.now))
            message.sent_at = world.now
        return written


def secrets(world):
    return [letter.action[1].removeprefix("/invitation#") for letter in letters(world) if letter]


def accept(client, secret):
    return client.post("/api/v1/invitations/accept", json={"token": secret})


def roles_of(world, email=CAMILLE):
    with world.session() as session:
        held = select(RoleGrant).join(Account).where(Account.email == email).order_by(RoleGrant.id)
        return [(grant.role, grant.place and grant.place.code) for grant in session.scalars(held)]


def pending(client, place=None):
    at = f"/places/{place.id}" if place else ""
    return [(i["email"], i["role"]) for i in client.get(f"/api/v1{at}/invitations").json()["items"]]


@pytest.mark.parametrize("role", sorted(GRANTABLE))
def test_an_invitation_accepted_gives_the_role_and_signs_a_new_person_in(world, role):
    place = None if role in {"coordinator", "network_accountant"} else world.hangar
    assert invite(world.as_coordinator(), role, place).status_code == 201
    [secret] = secrets(world)
    client = world.client()
    answer = accept(client, secret).json()
    assert (answer["role"], answer["place"] and answer["place"]["code"], answer["signed_in"]) == (
        role,
        place and "hangar",
        True,
    )
    me = client.get("/api/v1/me").json()
    assert (me["account"]["email"], [grant["role"] for grant in me["grants"]]) == (CAMILLE, [role])


def test_nobody_has_an_account_before_they_accept(world):
    invite(world.as_coordinator(), "host", world.hangar)
    letters(world)
    with world.session() as session:
        assert session.scalar(select(Account).where(Account.email == CAMILLE)) is None


def test_who_has_an_account_gets_the_role_but_is_not_signed_in_by_a_mail_that_is_good_for_two_weeks(world):
    account = world.account(Role.COORDINATOR)
    invite(world.as_manager(world.hangar), "host", world.hangar, account.email)
    [secret] = secrets(world)
    client = world.client()
    assert accept(client, secret).json()["signed_in"] is False
    assert client.get("/api/v1/me").json()["account"] is None
    assert roles_of(world, account.email) == [("coordinator", None), ("host", "hangar")]


def test_who_is_signed_in_already_goes_on_as_they_are(world):
    account = world.account(Role.HOST, world.moulin)
    client = world.signed_in(account)
    cookie = client.cookies["passapp"]
    invite(world.as_manager(world.hangar), "host", world.hangar, account.email)
    assert accept(client, secrets(world)[0]).json()["signed_in"] is True
    assert client.cookies["passapp"] == cookie
    assert len(client.get("/api/v1/me").json()["grants"]) == 2


def test_who_accepts_for_a_new_address_is_not_left_signed_in_as_somebody_else(world):
    client = world.signed_in(world.account(Role.HOST, world.moulin))
    former = client.cookies["passapp"]
    invite(world.as_manager(world.hangar), "host", world.hangar)
    accept(client, secrets(world)[0])
    assert client.get("/api/v1/me").json()["account"]["email"] == CAMILLE
    thief = world.client()
    thief.cookies.set("passapp", former)
    assert thief.get("/api/v1/me").json()["account"] is None


def test_an_invitation_works_once(world):
    invite(world.as_coordinator(), "host", world.hangar)
    [secret] = secrets(world)
    accept(world.client(), secret)
    again = world.client()
    assert (accept(again, secret).status_code, again.get("/api/v1/me").json()["account"]) == (410, None)


def test_two_who_accept_with_one_link_at_the_same_moment_are_one(world):
    invite(world.as_coordinator(), "host", world.hangar)
    [secret] = secrets(world)
    calls = [(world.client(), "POST", "/api/v1/invitations/accept", {"json": {"token": secret}}) for _ in range(4)]
    assert sorted(answer.status_code for answer in at_once(world, calls)) == [200, 410, 410, 410]
    assert roles_of(world) == [("host", "hangar")]
    with world.session() as session:
        assert session.scalar(select(func.count(AccessToken.id)).join(Account, Account.email == CAMILLE)) >= 1


def test_an_invitation_works_until_fourteen_days_have_passed(world):
    coordinator = world.as_coordinator()
    for email in (CAMILLE, "sacha@example.org"):
        invite(coordinator, "host", world.hangar, email)
    early, late = secrets(world)
    world.later(days=13, hours=23)
    assert accept(world.client(), early).status_code == 200
    world.later(hours=1)
    answer = accept(world.client(), late)
    assert (answer.status_code, answer.json()["code"]) == (410, "invitation_not_valid")


@pytest.mark.parametrize("secret", ["unknown", "é", "x" * 200])
def test_an_unknown_link_is_told_the_same_as_a_used_one(world, secret):
    assert accept(world.client(), secret).json()["code"] == "invitation_not_valid"


def test_guessing_links_ends_after_a_while(world):
    client = world.client()
    assert {accept(client, f"guess{n}").status_code for n in range(20)} == {410}
    assert accept(client, "guess").status_code == 429


def test_a_role_held_already_is_accepted_without_a_word_and_held_once(world):
    account = world.account(Role.HOST, world.hangar)
    answer = invite(world.as_manager(world.hangar), "host", world.hangar, account.email)
    assert answer.status_code == 201
    assert accept(world.client(), secrets(world)[0]).status_code == 200
    assert roles_of(world, account.email) == [("host", "hangar")]


def test_the_answer_is_the_same_whether_somebody_has_the_address_or_not(world):
    account = world.account(Role.HOST, world.moulin)
    manager = world.as_manager(world.hangar)
    known, unknown = (invite(manager, "host", world.hangar, email) for email in (account.email, CAMILLE))
    own = {"id", "email"}
    assert {k: v for k, v in known.json().items() if k not in own} == {
        k: v for k, v in unknown.json().items() if k not in own
    }


def test_whoever_invites_never_sees_the_link(world):
    manager = world.as_manager(world.hangar)
    made = invite(manager, "host", world.hangar)
    [secret] = secrets(world)
    listed = manager.get(f"/api/v1/places/{world.hangar.id}/invitations")
    with world.session() as session:
        kept = session.scalars(select(Invitation)).one()
        waiting = str([message.payload for message in session.scalars(select(OutboxMessage))])
    assert [m["mailed"] for m in (made.json(), *listed.json()["items"])] == [False, True]
    assert not [text for text in (made.text, listed.text, kept.token_hash, waiting) if secret in text]


def test_the_mail_says_who_invites_to_what_in_the_language_asked_for(world):
    manager = world.as_manager(world.hangar)
    invite(manager, "host", world.hangar, locale="fr")
    invite(manager, "manager", world.hangar, "sam@example.org", locale="en", name="{role}{0} Martin")
    french, english = letters(world)
    assert (french.to, french.language, french.subject) == (CAMILLE, "fr", "Invitation à l'accueil du Hangar")
    assert french.paragraphs[:2] == ("Bonjour Camille,", "Camille vous invite à l'accueil du Hangar.")
    assert (english.to, english.language, english.subject) == (
        "sam@example.org",
        "en",
        "Invitation as a manager of Le Hangar",
    )
    assert english.paragraphs[0] == "Hello {role}{0},"


def test_made_again_it_is_sent_again_and_the_former_link_is_dead(world):
    manager = world.as_manager(world.hangar)
    first = invite(manager, "host", world.hangar)
    [former] = secrets(world)
    world.later(days=10)
    second = invite(manager, "host", world.hangar, name="Camille M.")
    assert (second.json()["id"], second.json()["mailed"]) == (first.json()["id"], False)
    assert accept(world.client(), former).status_code == 410
    [secret] = secrets(world)
    world.later(days=13)
    client = world.client()
    assert accept(client, secret).status_code == 200
    assert client.get("/api/v1/me").json()["account"]["name"] == "Camille M."


def test_made_again_before_its_mail_left_the_last_mail_counts(world):
    manager = world.as_manager(world.hangar)
    for _ in range(2):
        invite(manager, "host", world.hangar)
    former, last = secrets(world)
    assert [accept(world.client(), secret).status_code for secret in (former, last)] == [410, 200]


def test_the_same_invitation_made_at_the_same_moment_waits_once(world):
    managers = [world.as_manager(world.hangar) for _ in range(3)]
    body = {"json": wanted("host", world.hangar)}
    answers = at_once(world, [(manager, "POST", "/api/v1/invitations", dict(body)) for manager in managers])
    assert {answer.status_code for answer in answers} == {201}
    assert pending(managers[0], world.hangar) == [(CAMILLE, "host")]


def test_one_taken_back_is_worth_nothing_and_its_mail_does_not_leave(world):
    manager = world.as_manager(world.hangar)
    sent = invite(manager, "host", world.hangar).json()["id"]
    [secret] = secrets(world)
    waiting = invite(manager, "manager", world.hangar).json()["id"]
    for made in (sent, waiting):
        assert manager.delete(f"/api/v1/invitations/{made}").status_code == 204
    assert letters(world) == [None]
    assert accept(world.client(), secret).status_code == 410
    assert pending(manager, world.hangar) == []


def test_one_taken_back_or_accepted_cannot_be_taken_back_again(world):
    coordinator = world.as_coordinator()
    cancelled = invite(coordinator, "host", world.hangar).json()["id"]
    coordinator.delete(f"/api/v1/invitations/{cancelled}")
    accepted = invite(coordinator, "host", world.moulin).json()["id"]
    accept(world.client(), secrets(world)[-1])
    for made in (cancelled, accepted):
        assert coordinator.delete(f"/api/v1/invitations/{made}").json()["code"] == "invitation_unknown"


def test_a_manager_sees_and_takes_back_the_invitations_of_their_place_only(world):
    coordinator, manager = world.as_coordinator(), world.as_manager(world.hangar)
    invite(coordinator, "host", world.hangar, "ici@example.org")
    elsewhere = invite(coordinator, "host", world.moulin, "ailleurs@example.org").json()["id"]
    assert pending(manager, world.hangar) == [("ici@example.org", "host")]
    assert manager.delete(f"/api/v1/invitations/{elsewhere}").status_code == 403
    assert len(pending(coordinator)) == 2


def test_a_manager_invites_to_their_own_place_only(world):
    manager = world.as_manager(world.hangar)
    assert [invite(manager, role, world.hangar).status_code for role in ("host", "manager", "place_accountant")] == [
        201,
        201,
        201,
    ]
    assert invite(manager, "host", world.moulin).status_code == 403
    assert [invite(manager, role).status_code for role in ("coordinator", "network_accountant")] == [403, 403]
    assert letters(world)[3:] == []


@pytest.mark.parametrize("role", ["member", "door", "admin", ""])
def test_other_roles_cannot_be_offered(world, role):
    assert invite(world.as_coordinator(), role).json()["code"] == "invalid_request"


@pytest.mark.parametrize("role", ["host", "coordinator"])
def test_a_role_at_a_place_needs_the_place_and_one_in_the_network_has_none(world, role):
    place = world.hangar if role == "coordinator" else None
    assert invite(world.as_coordinator(), role, place).json()["code"] == "place_needed"


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "camille@example.org\r\nBcc: tous@example.org"},
        {"email": "a" * 250 + "@example.org"},
        {"email": "personne"},
        {"name": "Camille\r\nBcc: tous@example.org"},
        {"name": "C" * 121},
        {"name": " "},
        {"locale": "de"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_does_not_fit_into_a_mail_is_refused(world, fields):
    answer = world.as_coordinator().post("/api/v1/invitations", json=wanted("host", world.hangar) | fields)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert letters(world) == []


def test_who_offers_themselves_a_role_has_it_at_once_without_a_mail(world):
    account = world.account(Role.COORDINATOR)
    answer = invite(world.signed_in(account), "manager", world.hangar, account.email.upper())
    assert (answer.status_code, answer.json()["accepted_at"] is not None) == (201, True)
    assert roles_of(world, account.email) == [("coordinator", None), ("manager", "hangar")]
    assert letters(world) == []


@pytest.mark.parametrize("gone", ["lost the right", "manages elsewhere now", "erased"])
def test_an_invitation_falls_with_the_right_of_whoever_made_it(world, gone):
    """A manager who is dismissed leaves no way back in behind."""
    world.account(Role.MANAGER, world.hangar)
    account = world.account(Role.MANAGER, world.hangar)
    invite(world.signed_in(account), "manager", world.hangar)
    [secret] = secrets(world)
    with world.database.write() as session:
        [grant] = session.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id))
        if gone == "manages elsewhere now":
            grant.place_id = world.moulin.id
        else:
            session.delete(grant if gone == "lost the right" else session.get_one(Account, account.id))
    assert accept(world.client(), secret).json()["code"] == "invitation_not_valid"
    assert roles_of(world) == []
    assert pending(world.as_coordinator()) == []


def test_an_invitation_does_not_come_back_with_the_role_of_whoever_made_it(world):
    world.account(Role.MANAGER, world.hangar)
    account = world.account(Role.MANAGER, world.hangar)
    invite(world.signed_in(account), "host", world.hangar)
    [secret] = secrets(world)
    coordinator = world.as_coordinator()
    grants = coordinator.get(f"/api/v1/places/{world.hangar.id}/role-grants").json()["items"]
    [grant] = [grant for grant in grants if grant["account"]["id"] == str(account.id)]
    assert coordinator.delete(f"/api/v1/role-grants/{grant['id']}").status_code == 204
    world.give(account, Role.MANAGER, world.hangar)
    assert accept(world.client(), secret).json()["code"] == "invitation_not_valid"
    assert pending(coordinator) == []


def test_an_invitation_that_its_maker_may_still_make_outlives_another_role_of_theirs(world):
    account = world.account(Role.COORDINATOR)
    world.account(Role.COORDINATOR)
    world.give(account, Role.MANAGER, world.hangar)
    world.account(Role.MANAGER, world.hangar)
    me = world.signed_in(account)
    invite(me, "host", world.hangar)
    [grant] = [
        grant
        for grant in me.get(f"/api/v1/places/{world.hangar.id}/role-grants").json()["items"]
        if grant["account"]["id"] == str(account.id)
    ]
    assert me.delete(f"/api/v1/role-grants/{grant['id']}").status_code == 204
    assert pending(me) == [(CAMILLE, "host")]


def test_a_mail_of_somebody_who_lost_the_right_does_not_leave(world):
    account = world.account(Role.MANAGER, world.hangar)
    invite(world.signed_in(account), "host", world.hangar)
    with world.database.write() as session:
        session.delete(session.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one())
    assert letters(world) == [None]


def test_an_invitation_that_expired_in_the_outbox_does_not_leave(world):
    invite(world.as_coordinator(), "host", world.hangar)
    world.later(days=14)
    assert letters(world) == [None]


def test_a_place_that_left_the_network_needs_no_host_but_somebody_for_its_last_months(world):
    coordinator = world.as_coordinator()
    invite(coordinator, "host", world.hangar)
    [secret] = secrets(world)
    with world.database.write() as session:
        session.get_one(Place, world.hangar.id).left_on = world.now.date() + timedelta(days=1)
    world.later(days=1)
    assert accept(world.client(), secret).json()["code"] == "invitation_not_valid"
    assert invite(coordinator, "host", world.hangar).json()["code"] == "place_has_left"
    invite(coordinator, "place_accountant", world.hangar)
    assert accept(world.client(), secrets(world)[0]).status_code == 200


def test_a_place_cannot_send_mails_without_end(world):
    manager = world.as_manager(world.hangar)
    statuses = [
        invite(manager, "host", world.hangar, f"ami{n}@example.org").status_code for n in range(INVITATIONS_A_PLACE)
    ]
    assert set(statuses) == {201}
    answer = invite(manager, "host", world.hangar, "un.de.trop@example.org")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, "too_many_tries", "3600")
    assert invite(world.as_manager(world.moulin), "host", world.moulin, "ami@example.org").status_code == 201
    world.later(hours=1)
    assert invite(manager, "host", world.hangar, "un.de.trop@example.org").status_code == 201


def test_a_place_offers_the_same_again_a_few_times_and_uses_up_no_other_places_offers(world):
    hangar, moulin = world.as_manager(world.hangar), world.as_manager(world.moulin)
    statuses = {invite(hangar, "host", world.hangar).status_code for _ in range(INVITATIONS_AN_ADDRESS)}
    assert statuses == {201}
    assert invite(hangar, "host", world.hangar).status_code == 429
    assert invite(moulin, "host", world.moulin).status_code == 201


def test_nobodys_mailbox_is_filled_by_many_places(world):
    places = [world.place(f"lieu{n}") for n in range(INVITATIONS_ALTOGETHER + 1)]
    statuses = [invite(world.as_manager(place), "host", place).status_code for place in places]
    assert statuses == [201] * INVITATIONS_ALTOGETHER + [429]


def test_each_step_is_in_the_audit_log_without_a_name_or_an_address(world):
    coordinator = world.as_coordinator()
    made = invite(coordinator, "host", world.hangar).json()["id"]
    accept(world.client(), secrets(world)[0])
    other = invite(coordinator, "host", world.moulin).json()["id"]
    coordinator.delete(f"/api/v1/invitations/{other}")
    with world.session() as session:
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "invitation")))
    deeds = [(e.action, e.subject_id, e.actor_kind, e.detail) for e in entries]
    detail = {"role": "host"}
    assert deeds == [
        ("invitation.make", made, "account", detail),
        ("invitation.accept", made, "account", detail),
        ("invitation.make", other, "account", detail),
        ("invitation.cancel", other, "account", detail),
    ]


def look(client, secret):
    return client.post("/api/v1/invitations/look", json={"token": secret})


def test_who_looks_at_an_invitation_sees_the_role_the_place_and_who_offers_it(world):
    manager = world.as_manager(world.hangar)
    invite(manager, "host", world.hangar)
    [secret] = secrets(world)
    offered = look(world.client(), secret).json()
    assert (offered["role"], offered["place"]["code"]) == ("host", "hangar")
    assert offered["invited_by"] == manager.get("/api/v1/me").json()["account"]["name"]
    assert CAMILLE not in str(offered)


def test_looking_uses_nothing_up(world):
    invite(world.as_coordinator(), "coordinator")
    [secret] = secrets(world)
    client = world.client()
    assert [look(client, secret).json()["place"] for _ in range(2)] == [None, None]
    assert roles_of(world) == []
    assert accept(client, secret).status_code == 200


@pytest.mark.parametrize("end", ["used", "taken back", "expired", "unknown"])
def test_there_is_nothing_to_look_at_once_it_is_over(world, end):
    coordinator = world.as_coordinator()
    made = invite(coordinator, "host", world.hangar).json()
    [secret] = secrets(world)
    if end == "used":
        accept(world.client(), secret)
    elif end == "taken back":
        coordinator.delete(f"/api/v1/invitations/{made['id']}")
    elif end == "expired":
        world.later(days=14)
    answer = look(world.client(), "x" if end == "unknown" else secret)
    assert (answer.status_code, answer.json()["code"]) == (410, "invitation_not_valid")


def test_guessing_ends_after_a_while_whether_one_looks_or_accepts(world):
    stranger = world.client()
    statuses = [do(stranger, "guess").status_code for _ in range(10) for do in (look, accept)]
    assert set(statuses) == {410}
    assert (look(stranger, "guess").status_code, accept(stranger, "guess").status_code) == (429, 429)


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
def test_the_mail_of_an_invitation_is_among_those_that_its_reader_was_sent(world, is_known):
    email = world.account(Role.HOST, world.moulin).email if is_known else CAMILLE
    invite(world.as_manager(world.hangar), "host", world.hangar, email)
    [secret] = secrets(world)
    client = world.client()
    accept(client, secret)
    with world.session() as session:
        account_id = session.scalar(select(Account.id).where(Account.email == email))
        assert list(session.scalars(select(OutboxMessage.recipient_id))) == [account_id]
