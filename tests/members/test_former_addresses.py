"""A member's address changes: what signed in with the former one goes, unless it is good for something else."""

from datetime import timedelta
from uuid import UUID

import pytest

from passapp.accounts.models import AccessToken, Account, ApiKey, Invitation
from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.members.models import Member
from passapp.members.service import change_member
from passapp.places.models import Place
from tests.scenes import rows


def change_address(world, member, email):
    with world.database.write() as session:
        change_member(session, session.get_one(Member, member.id), {"email": email}, at=world.now, actor=SYSTEM)


@pytest.mark.parametrize("address", ["nouvelle@example.org", None])
def test_the_account_of_a_former_address_goes_and_its_sessions_with_it(world, address):
    member = world.member()
    client = world.as_member(member)
    change_address(world, member, address)
    assert client.get("/api/v1/my-data").status_code == 401
    assert rows(world, Account, Account.id == member.account_id) == []
    assert rows(world, AccessToken, AccessToken.account_id == member.account_id) == []
    [deed] = rows(world, AuditEntry, AuditEntry.action == "account.erase")
    assert deed.subject_id == str(member.account_id)


def role_of(world, account_id):
    with world.session() as session:
        account, place = session.get_one(Account, account_id), session.get_one(Place, world.hangar.id)
    world.give(account, Role.HOST, place)


def key_of(world, account_id):
    made = {"token_hash": "a" * 64, "name": "Outil", "scopes": ["visits:read"], "created_at": world.now}
    with world.database.write() as session:
        session.add(ApiKey(made_by=account_id, **made))


def invitation_of(world, account_id: UUID):
    offered = {"email": "ami@example.org", "name": "Sam", "locale": "fr", "role": Role.COORDINATOR}
    until = {"created_at": world.now, "expires_at": world.now + timedelta(days=14)}
    with world.database.write() as session:
        session.add(Invitation(invited_by=account_id, **offered, **until))


@pytest.mark.parametrize("hold", [role_of, key_of, invitation_of])
def test_an_account_that_is_good_for_something_else_stays(world, hold):
    member = world.member()
    hold(world, member.account_id)
    change_address(world, member, "nouvelle@example.org")
    [account] = rows(world, Account, Account.id == member.account_id)
    assert account.email == member.email


def test_a_change_that_leaves_the_address_as_it_is_leaves_the_account_too(world):
    member = world.member()
    with world.database.write() as session:
        changes = {"given_name": "Léo", "email": member.email}
        change_member(session, session.get_one(Member, member.id), changes, at=world.now, actor=SYSTEM)
    assert len(rows(world, Account, Account.id == member.account_id)) == 1


def test_an_address_that_is_taken_back_and_given_again_begins_anew(world):
    member = world.member()
    change_address(world, member, None)
    change_address(world, member, member.email)
    [present] = rows(world, Member)
    assert present.account_id != member.account_id
    assert len(rows(world, Account)) == 1
