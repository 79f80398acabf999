"""A check-in, for those who receive at its place and nobody else."""

from uuid import UUID

from sqlalchemy.orm import Session

from passapp.accounts.access import Caller
from passapp.accounts.rules import Role
from passapp.door.models import CheckIn
from passapp.kernel.problems import FORBIDDEN, Problem, ProblemType

CHECK_IN_UNKNOWN = ProblemType(
    "check_in_unknown",
    404,
    en="There is no such check-in at this place.",
    fr="Ce passage n'existe pas dans ce lieu.",
)


def check_in_at(session: Session, check_in_id: UUID, caller: Caller, *roles: Role) -> CheckIn:
    """The check-in with this id, for who holds one of these roles at its place.

    Raises ``check_in_unknown``: a door or a manager of another place is told the same as where there is none.
    """
    row = session.get(CheckIn, check_in_id)
    if row is None:
        raise CHECK_IN_UNKNOWN.error()
    try:
        caller.require_at(frozenset({row.place_id}), *roles)
    except Problem as problem:
        raise (CHECK_IN_UNKNOWN.error() if problem.kind is FORBIDDEN else problem) from None
    return row
