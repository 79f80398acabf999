"""What answers show of accounts and of their roles."""

from uuid import UUID

from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.kernel.api import Shown


class AccountShown(Shown):
    """A person who can sign in."""

    id: UUID
    name: str
    email: str
    locale: str


class GrantPlace(Shown):
    """The place of a role."""

    id: UUID
    code: str
    name: str
    town: str


class MyGrant(Shown):
    """One of my roles."""

    role: Role
    place: GrantPlace | None


class Me(Shown):
    """Who is asking; ``account`` is null for nobody."""

    account: AccountShown | None
    grants: list[MyGrant]


def who(account: Account | None, grants: list[RoleGrant]) -> Me:
    """The answer of ``/me`` and of every way to sign in."""
    return Me(
        account=AccountShown.model_validate(account) if account else None,
        grants=[MyGrant.model_validate(grant) for grant in grants],
    )
