"""Rules of accounts: the roles, and when two e-mail addresses are one."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from email_validator import EmailNotValidError, validate_email


class Role(StrEnum):
    """What a person may be (design, Words); ``DOOR`` is a paired device."""

    MEMBER = "member"
    HOST = "host"
    MANAGER = "manager"
    PLACE_ACCOUNTANT = "place_accountant"
    COORDINATOR = "coordinator"
    NETWORK_ACCOUNTANT = "network_accountant"
    DOOR = "door"


class Scope(StrEnum):
    """What an integration's key may be allowed.

    It acts as the coordination, or as the manager of its place, on the routes that name one of its scopes, and on no
    other.
    """

    PLACES_READ = "places:read"
    PLACES_WRITE = "places:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    PASSES_WRITE = "passes:write"
    VISITS_READ = "visits:read"
    SETTLEMENT_READ = "settlement:read"
    AUDIT_READ = "audit:read"


NETWORK_ONLY = frozenset({Scope.AUDIT_READ})
"""What no manager may do, so that a key of one place cannot hold it."""

LONGEST_NEXT = 500
_NO_PAGES = frozenset({"api", "sign-in"})
_PRINTABLE_PATH = re.compile(r"/[!-\[\]-~]*")  # ASCII without spaces, and without the backslash

AT_A_PLACE = frozenset({Role.HOST, Role.MANAGER, Role.PLACE_ACCOUNTANT})
GRANTABLE = frozenset(Role) - {Role.DOOR, Role.MEMBER}


@dataclass(frozen=True)
class Grant:
    """A role, in the whole network (``place_id`` None) or at one place."""

    role: Role
    place_id: UUID | None = None


def places_where(grants: frozenset[Grant], roles: frozenset[Role]) -> frozenset[UUID]:
    """The places at which ``grants`` give one of ``roles``."""
    return frozenset(g.place_id for g in grants if g.role in roles and g.place_id is not None)


def canonical_email(text: str) -> str:
    """One spelling for one address: lower case, its domain in ASCII. Raises ``ValueError`` with what is wrong.

    Before the @, ASCII only (no mail server promises more): an accent there, or a letter of another script that looks
    like ours, would make two people of one address.
    """
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return f"{checked.local_part}@{checked.ascii_domain}".lower()


def safe_next(text: str | None) -> str:
    """Where to go after signing in: a path of this site, else ``/`` (``web/src/lib/next.ts`` does the same).

    Browsers read ``//host`` and a backslash as another site, drop tabs and line ends before they look, and take ``..``
    out of a path, also when it is written ``%2e%2e``. A page, so nothing of the API; and no fragment: it holds secrets
    of links, and a stranger's must not come in a mail of ours.
    """
    if text is None or len(text) > LONGEST_NEXT or not _PRINTABLE_PATH.fullmatch(text):
        return "/"
    steps = text.partition("?")[0].lower().replace("%2e", ".").split("/")[1:]
    is_clear = not {".", ".."} & set(steps) and "" not in steps[:-1]
    return text if is_clear and "#" not in text and steps[0] not in _NO_PAGES else "/"
