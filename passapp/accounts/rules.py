"""Rules of accounts: the roles, and when two e-mail addresses are one."""

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
    """One spelling for one address: NFC, ASCII domain, lower case. Raises ``ValueError`` with what is wrong."""
    try:
        checked = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return f"{checked.local_part}@{checked.ascii_domain or checked.domain}".lower()
