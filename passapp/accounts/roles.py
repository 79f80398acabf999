"""What people do with roles: give them, take them back, see who holds them.

A place of the network never loses its last manager, nor the network its last coordinator: whoever would be last names
another person first. Both are locked, so that two people cannot remove one another at the same moment.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from passapp.accounts.api_keys import retire_key
from passapp.accounts.models import Account, ApiKey, Invitation, RoleGrant
from passapp.accounts.rules import AT_A_PLACE, Role
from passapp.kernel.api import local_time
from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.places.models import Place

GRANT_UNKNOWN = ProblemType("grant_unknown", 404, en="This role was not given.", fr="Ce rôle n'a pas été donné.")
PLACE_NEEDED = ProblemType(
    "place_needed",
    422,
    en="Host, manager and accountant of a place: say at which place. The other roles have none.",
    fr="Accueil, responsable et comptabilité d'un lieu : précisez le lieu. Les autres rôles n'en ont pas.",
)
LAST_COORDINATOR = ProblemType(
    "last_coordinator",
    409,
    en="The network would have no coordination left. Name another coordinator first.",
    fr="Le réseau n'aurait plus de coordination. Nommez d'abord une autre personne.",
)
LAST_MANAGER = ProblemType(
    "last_manager",
    409,
    en="{place} would have no manager left. Invite another manager first; once they have accepted, this role can go.",
    fr="{place} n'aurait plus de responsable. Invitez d'abord une autre personne ; une fois son invitation acceptée, "
    "ce rôle pourra être retiré.",
)


def roles_of(session: Session, account_id: UUID) -> list[RoleGrant]:
    """The roles that an account holds."""
    held = select(RoleGrant).where(RoleGrant.account_id == account_id).options(selectinload(RoleGrant.place))
    return list(session.scalars(held.order_by(RoleGrant.id)))


def all_grants(session: Session) -> list[RoleGrant]:
    """Every role given to staff, in the network and at places."""
    return list(session.scalars(_shown().where(RoleGrant.role != Role.MEMBER)))


def grants_at(session: Session, place_id: UUID) -> list[RoleGrant]:
    """The roles given at one place."""
    return list(session.scalars(_shown().where(RoleGrant.place_id == place_id)))


def _shown() -> Select[RoleGrant]:
    return (
        select(RoleGrant).options(selectinload(RoleGrant.account), selectinload(RoleGrant.place)).order_by(RoleGrant.id)
    )


def has_left(place: Place, at: datetime) -> bool:
    """Whether the place has left the network at that instant, by its own calendar."""
    return place.left_on is not None and place.left_on <= local_time(at, place.zone).date()


def grant_role(
    session: Session, account: Account, role: Role, place: Place | None, *, at: datetime, actor: Actor
) -> RoleGrant:
    """Give ``account`` a role; giving it twice changes nothing. Raises ``place_needed``."""
    check_place_fits(role, place)
    place_id = place.id if place else None
    grant = session.scalar(
        select(RoleGrant).where(
            RoleGrant.account_id == account.id,
            RoleGrant.role == role,
            RoleGrant.place_id.is_not_distinct_from(place_id),
        )
    )
    if grant is None:
        grant = RoleGrant(account=account, role=role.value, place=place, granted_at=at)
        session.add(grant)
        session.flush()
        record(session, actor, at, "role.grant", ("account", account.id), place_id=place_id, role=role.value)
    return grant


def check_place_fits(role: Role, place: Place | None) -> None:
    """Raise ``place_needed`` for a role at a place without one, and for a role in the network with one."""
    if (role in AT_A_PLACE) != (place is not None):
        raise PLACE_NEEDED.error()


def get_grant(session: Session, grant_id: UUID) -> RoleGrant:
    """A role that can be taken back. Raises ``grant_unknown``: being a member follows from membership."""
    grant = session.get(RoleGrant, grant_id)
    if grant is None or grant.role == Role.MEMBER:
        raise GRANT_UNKNOWN.error()
    return grant


def withdraw_role(session: Session, grant: RoleGrant, *, at: datetime, actor: Actor) -> None:
    """Take a role back, and with it the invitations and API keys that only this role let its holder make.

    Raises ``grant_unknown``, ``last_coordinator``, or ``last_manager``.
    """
    _check_not_last(session, grant, at)
    session.delete(grant)
    session.flush()
    subject = ("account", grant.account_id)
    record(session, actor, at, "role.withdraw", subject, place_id=grant.place_id, role=grant.role)
    # For good: to be given the role back later does not bring back what was offered before.
    left_over = select(Invitation).where(Invitation.invited_by == grant.account_id, is_open(), ~inviter_may_invite())
    for invitation in session.scalars(left_over.order_by(Invitation.id).with_for_update(of=Invitation)).all():
        cancel_invitation(session, invitation, at=at, actor=actor)
    # Whoever has read a key's secret has what it opens, for as long as it works.
    keys = select(ApiKey).where(ApiKey.made_by == grant.account_id, ApiKey.revoked_at.is_(None))
    masterless = keys.where(~may_lead(ApiKey.made_by, ApiKey.place_id))
    for key in session.scalars(masterless.order_by(ApiKey.id).with_for_update(of=ApiKey)).all():
        retire_key(session, key, at=at, actor=actor)


def is_open() -> ColumnElement[bool]:
    """Whether an invitation was neither accepted nor taken back."""
    return and_(Invitation.accepted_at.is_(None), Invitation.cancelled_at.is_(None))


def inviter_may_invite() -> ColumnElement[bool]:
    """Whether whoever made an invitation may invite for that role now."""
    return may_lead(Invitation.invited_by, Invitation.place_id)


def may_lead(
    account_id: InstrumentedAttribute[UUID | None], place_id: InstrumentedAttribute[UUID | None]
) -> ColumnElement[bool]:
    """Whether an account is of the coordination, or manages the place; a null place is the network's."""
    leads = or_(
        RoleGrant.role == Role.COORDINATOR,
        and_(RoleGrant.role == Role.MANAGER, RoleGrant.place_id == place_id),
    )
    return exists().where(RoleGrant.account_id == account_id, leads)


def cancel_invitation(session: Session, invitation: Invitation, *, at: datetime, actor: Actor) -> None:
    """Take an offer back: its link is worth nothing any more, and a mail that has not left does not leave."""
    invitation.cancelled_at = at
    subject = ("invitation", invitation.id)
    record(session, actor, at, "invitation.cancel", subject, place_id=invitation.place_id, role=invitation.role)


def withdraw_all_roles(session: Session, account_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Take every role of staff back from an account that goes. Raises ``last_coordinator``, or ``last_manager``."""
    # In one order, so that two who go at the same moment do not wait for one another.
    for grant in sorted(roles_of(session, account_id), key=lambda grant: (grant.role, str(grant.place_id))):
        if grant.role != Role.MEMBER:
            withdraw_role(session, grant, at=at, actor=actor)


def _check_not_last(session: Session, grant: RoleGrant, at: datetime) -> None:
    if grant.role not in {Role.COORDINATOR, Role.MANAGER}:
        return
    holders = select(RoleGrant.id).where(
        RoleGrant.role == grant.role, RoleGrant.place_id.is_not_distinct_from(grant.place_id)
    )
    held = session.scalars(holders.order_by(RoleGrant.id).with_for_update()).all()
    if grant.id not in held:  # somebody else was faster
        raise GRANT_UNKNOWN.error()
    if len(held) > 1:
        return
    if grant.place is None:
        raise LAST_COORDINATOR.error()
    if not has_left(grant.place, at):
        raise LAST_MANAGER.error(place=grant.place.name)
