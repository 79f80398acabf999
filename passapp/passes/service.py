"""What people do with passes: issue, revoke, reissue, show; and the status list that doors fetch."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from passapp.kernel.audit import Actor, record
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member
from passapp.members.service import get_membership, home_at, members
from passapp.network.service import get_network
from passapp.passes.keys import current_key
from passapp.passes.models import IssuedPass
from passapp.passes.rules import INDICES, card_claims, card_expiry, draw_short_code, sign_pass
from passapp.passes.status_list import Status, sign_status_list

REUSED_AFTER = timedelta(days=100)
LIST_AGE = timedelta(minutes=5)

PASS_UNKNOWN = ProblemType("pass_unknown", 404, en="There is no such pass.", fr="Ce pass n'existe pas.")
NO_MEMBERSHIP = ProblemType(
    "no_membership",
    409,
    en="This member has no membership running today: add one first.",
    fr="Ce membre n'a pas d'abonnement en cours : ajoutez-en un d'abord.",
)
CARD_NOT_ALLOWED = ProblemType(
    "card_not_allowed", 409, en="This network gives out no cards.", fr="Ce réseau ne délivre pas de cartes."
)
ALREADY_REVOKED = ProblemType(
    "already_revoked", 409, en="This pass is revoked already.", fr="Ce pass est déjà révoqué."
)

State = Literal["active", "inactive", "revoked", "expired"]


@dataclass(frozen=True)
class StatusList:
    """The status list as a door gets it."""

    token: str
    etag: str


def issue_card(
    session: Session,
    member: Member,
    membership_id: UUID | None = None,
    *,
    months: int = 13,
    at: datetime,
    actor: Actor,
) -> IssuedPass:
    """Issue a card: a pass good for at most 13 months, whatever becomes of the member's home.

    ``membership_id`` names who pays, for a member with several memberships. Raises ``card_not_allowed``,
    ``membership_unknown``, ``no_membership``.
    """
    if not get_network(session).card_allowed:
        raise CARD_NOT_ALLOWED.error()
    membership = get_membership(member, membership_id) if membership_id else home_at(member, at)
    if membership is None:
        raise NO_MEMBERSHIP.error()
    not_before = at.replace(microsecond=0)
    issued = IssuedPass(
        status_index=_free_index(session, at=at),
        short_code=_free_short_code(session),
        member_id=member.id,
        membership_id=membership_id,
        plan=membership.plan,
        issued_at=at,
        not_before=not_before,
        expires_at=card_expiry(not_before, months),
    )
    session.add(issued)
    session.flush()
    record(session, actor, at, "pass.issue", ("pass", issued.id), place_id=membership.place_id)
    if member.account_id is not None:
        enqueue(session, at, "pass_ready", f"pass_ready:{issued.id}", member.account_id)
    return issued


def issue_missing_cards(session: Session, within: frozenset[UUID] | None, *, at: datetime, actor: Actor) -> int:
    """Issue a card to every member who could come in today but has none: after an import. Gives how many.

    ``within``: the homes whose members are meant (None: all). Raises ``card_not_allowed``.
    """
    good = select(IssuedPass.member_id).where(IssuedPass.revoked_at.is_(None), IssuedPass.expires_at > at)
    without = members(None, None, within).where(Member.id.not_in(good)).order_by(Member.id)
    issued = 0
    for member in session.scalars(without):
        if not member.is_suspended and home_at(member, at) is not None:
            issue_card(session, member, at=at, actor=actor)
            issued += 1
    return issued


def revoke_pass(session: Session, issued: IssuedPass, reason: str, *, at: datetime, actor: Actor) -> None:
    """Revoke a pass: it dies at every door at the next sync. Raises ``already_revoked``."""
    if issued.revoked_at is not None:
        raise ALREADY_REVOKED.error()
    issued.revoked_at, issued.revoked_reason = at, reason
    session.flush()
    record(session, actor, at, "pass.revoke", ("pass", issued.id))


def reissue_pass(session: Session, issued: IssuedPass, reason: str, *, at: datetime, actor: Actor) -> IssuedPass:
    """Revoke a pass and issue another in its place: a lost card, a lost phone. Raises as the two do."""
    revoke_pass(session, issued, reason, at=at, actor=actor)
    return issue_card(session, issued.member, issued.membership_id, at=at, actor=actor)


def passes_of(session: Session, member_id: UUID) -> list[IssuedPass]:
    """A member's passes, the newest first."""
    query = select(IssuedPass).where(IssuedPass.member_id == member_id).order_by(IssuedPass.id.desc())
    return list(session.scalars(query))


def get_pass(session: Session, pass_id: UUID) -> IssuedPass:
    """The pass with this id, its member and their memberships with it. Raises ``pass_unknown``."""
    issued = session.get(
        IssuedPass, pass_id, options=[selectinload(IssuedPass.member).selectinload(Member.memberships)]
    )
    if issued is None:
        raise PASS_UNKNOWN.error()
    return issued


def state_of(issued: IssuedPass, member: Member, at: datetime) -> State:
    """Whether a pass would be accepted, for those who may know why it would not."""
    if issued.revoked_at is not None:
        return "revoked"
    if issued.expires_at <= at:
        return "expired"
    return "inactive" if member.is_suspended or home_at(member, at) is None else "active"


def text_of(session: Session, issued: IssuedPass, folder: Path) -> str:
    """The pass as its QR holds it, signed by the current key. Raises ``pass_unknown`` for one that is over."""
    if issued.status_index is None or issued.revoked_at is not None:
        raise PASS_UNKNOWN.error()
    kid, key = current_key(session, folder)
    claims = card_claims(
        network=get_network(session).code,
        index=issued.status_index,
        plan=issued.plan,
        not_before=issued.not_before,
        expires_at=issued.expires_at,
    )
    return sign_pass(claims, key, kid)


def statuses(session: Session, *, at: datetime) -> Mapping[int, Status]:
    """The status of every pass that is not simply valid, by its index."""
    found: dict[int, Status] = {}
    query = (
        select(IssuedPass)
        .where(IssuedPass.status_index.is_not(None), IssuedPass.expires_at > at)
        .options(selectinload(IssuedPass.member).selectinload(Member.memberships))
    )
    for issued in session.scalars(query):
        if issued.status_index is None:
            continue
        if issued.revoked_at is not None:
            found[issued.status_index] = Status.REVOKED
        elif issued.member.is_suspended or home_at(issued.member, at) is None:
            found[issued.status_index] = Status.SUSPENDED
    return found


def status_list(session: Session, folder: Path, *, uri: str, at: datetime) -> StatusList:
    """The signed status list. Dated by the last full 5 minutes, so that what has not changed has the same bytes."""
    kid, key = current_key(session, folder)
    seconds = int(LIST_AGE.total_seconds())
    issued_at = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=at.tzinfo)
    token = sign_status_list(statuses(session, at=at), uri=uri, issued_at=issued_at, private_key=key, kid=kid)
    return StatusList(token, f'"{hashlib.sha256(token.encode()).hexdigest()[:32]}"')


def find_passes(
    session: Session, indices: frozenset[int], short_codes: frozenset[str]
) -> tuple[dict[int, IssuedPass], dict[str, IssuedPass]]:
    """The passes at these indices of the status list, and those with these short codes, members and homes with them."""
    query = (
        select(IssuedPass)
        .where(or_(IssuedPass.status_index.in_(indices), IssuedPass.short_code.in_(short_codes)))
        .options(selectinload(IssuedPass.member).selectinload(Member.memberships))
    )
    found = list(session.scalars(query)) if indices or short_codes else []
    return {p.status_index: p for p in found if p.status_index is not None}, {p.short_code: p for p in found}


def _free_index(session: Session, *, at: datetime) -> int:
    """An index drawn at random: dense or ordered ones would tell how many passes there are."""
    while True:
        index = secrets.randbelow(INDICES)
        holder = session.scalar(select(IssuedPass).where(IssuedPass.status_index == index))
        if holder is None:
            return index
        if holder.expires_at + REUSED_AFTER < at:
            holder.status_index = None
            session.flush()
            return index


def _free_short_code(session: Session) -> str:
    while True:
        code = draw_short_code(secrets.randbits)
        if session.scalar(select(IssuedPass.id).where(IssuedPass.short_code == code)) is None:
            return code
