"""Whoever is erased between two statements of their own request is not signed in: never a server error."""

import pytest
from sqlalchemy import delete

from passapp.accounts import access
from passapp.accounts.models import Account
from passapp.accounts.rules import Role

# Where somebody else may write meanwhile; on SQLite a transaction sees, or holds, the whole database.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def erased(world, monkeypatch):
    """A coordinator's browser; their account goes as soon as their session has been looked up."""
    account = world.account(Role.COORDINATOR)
    browser = world.signed_in(account)
    real = access.caller_of

    def caller_of(request, session, now):
        caller = real(request, session, now)
        with world.database.write() as other:
            other.execute(delete(Account).where(Account.id == account.id))
        return caller

    monkeypatch.setattr(access, "caller_of", caller_of)
    return browser


@pytest.mark.parametrize(
    "method,path,body",
    [
        ("PATCH", "me", {"name": "Camille"}),
        ("GET", "me/sessions", None),
        ("GET", "me/identities", None),
        ("DELETE", "me/identities", None),
        ("GET", "me/passkeys", None),
        ("POST", "me/passkeys/question", {}),
        ("POST", "me/passkeys", {"credential": {}}),
        ("DELETE", "me/passkeys/01890000-0000-7000-8000-000000000001", None),
        ("POST", "invitations", {"email": "x@example.org", "name": "X", "role": "coordinator"}),
        ("GET", "set-up/mail", None),
        ("POST", "set-up/trial-mail", {}),
        ("GET", "my-data", None),
        ("POST", "my-data/export", {}),
    ],
)
def test_a_route_about_oneself_says_not_signed_in(erased, method, path, body):
    answer = erased.request(method, f"/api/v1/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_who_am_i_is_answered_with_nobody(erased):
    assert erased.get("/api/v1/me").json() == {"account": None, "grants": []}


def test_signing_out_is_done(erased):
    assert erased.delete("/api/v1/session").status_code == 204
