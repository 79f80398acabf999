"""What tests of signing in do: ask for a link, read it in the mail, use it."""

from datetime import datetime
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from passapp.accounts.letters import LETTERS
from passapp.accounts.models import Account
from passapp.accounts.service import make_sign_in_link
from passapp.kernel.audit import SYSTEM
from passapp.kernel.mail import Letter
from passapp.kernel.outbox import OutboxMessage
from tests.world import World


def link_for(world: World, account: Account) -> str:
    """The secret of a fresh link."""
    with world.database.write() as session:
        return make_sign_in_link(session, session.get_one(Account, account.id), at=world.now, actor=SYSTEM, how="mail")


def sign_in(client: TestClient, secret: str) -> Response:
    """Press the button."""
    return client.post("/api/v1/sign-in", json={"token": secret})


def ask(client: TestClient, email: str, **more: Any) -> Response:
    """Ask for a link by mail."""
    return client.post("/api/v1/sign-in-links", json={"email": email} | more)


def letters(world: World, at: datetime | None = None) -> list[Letter]:
    """The letters that the sign-in messages of the outbox become when they leave; unknown addresses get none."""
    with world.database.write() as session:
        messages = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "sign_in"))
        written = [LETTERS["sign_in"](session, message, at or world.now) for message in messages]
    return [letter for letter in written if letter]


def secret_in(letter: Letter) -> str:
    """The secret of the link in a letter."""
    assert letter.action is not None
    return letter.action[1].partition("#")[2]


def is_signed_in(client: TestClient) -> bool:
    """Whether the browser is somebody's."""
    return client.get("/api/v1/me").json()["account"] is not None
