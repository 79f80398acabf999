"""What people do with passes: issue, revoke, reissue, show; and the status list that doors fetch."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, false, or_, select
from sqlalchemy.orm import Session, selectinload

from passapp.kernel.audit import Actor, record
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import ProblemType
from passapp.kernel.wall_time import local_date
from passapp.members.models import Member, Membership
from passapp.members.paying import is_paid_at, paying_at
from passapp.members.rules import Within
from passapp.members.service import get_membership, home_at, members, runs_at
from passapp.network.service import get_network
from passapp.passes.encoding import INDICES
from passapp.passes.keys import current_key
from passapp.passes.live import live_claims, short_lived_claims
from passapp.passes.models import ErasedPass, IssuedPass
from passapp.passes.news import news_key, news_of_a_day
from passapp.passes.rules import (
    LONGEST_CARD_MONTHS,
    TRIAL_INDEX,
    Form,
    card_claims,
    card_expiry,
    draw_short_code,
    sign_pass,
)
from passapp.passes.status_list import LIFE, Status, sign_status_list
from passapp.places.models import Place

REUSED_AFTER = timedelta(days=100)
LIST_AGE = timedelta(minutes=5)
DRAWN_AT_ONCE = 10_000
"""SQLite takes 32,766 values in one statement."""

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

NOT_A_CARD = ProblemType(
    "not_a_card",
    409,
    en="This pass lives on its member's phone and changes all the time: it cannot be printed. Give them a card.",
    fr="Ce pass vit sur le téléphone du membre et change sans cesse : il ne s'imprime pas. Donnez-lui une carte.",
)

IS_CARD = IssuedPass.form == Form.CARD.value

State = Literal["active", "inactive", "revoked", "superseded", "expired"]


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

    ``membership_id`` names who pays, for a member with several memberships: one that runs at that instant. Raises
    ``card_not_allowed``, ``membership_unknown``, ``no_membership``.
    """
    _check_cards_allowed(session)
    membership = membership_for(member, membership_id, at)
    [issued] = _issue(session, [(member, membership)], months=months, is_named=bool(membership_id), at=at, actor=actor)
    return issued


def membership_for(member: Member, membership_id: UUID | None, at: datetime) -> Membership:
    """The membership that a new pass is for: the one named, else the main home's; it runs at that instant.

    Raises ``membership_unknown``, ``no_membership``.
    """
    membership = get_membership(member, membership_id) if membership_id else home_at(member, at)
    if membership is None or not runs_at(membership, at):
        raise NO_MEMBERSHIP.error()
    return membership


def issue_missing_cards(session: Session, within: Within | None, *, at: datetime, actor: Actor) -> int:
    """Issue a card to every member who could come in today but has none: after an import. Gives how many.

    ``within``: whose members are meant (None: all). Raises ``card_not_allowed``.
    """
    _check_cards_allowed(session)
    good = select(IssuedPass.member_id).where(IS_CARD, IssuedPass.revoked_at.is_(None), IssuedPass.expires_at > at)
    without = members(None, None, within).where(
        Member.id.not_in(good), or_(Member.suspended_at.is_(None), Member.resumed_at.is_not(None))
    )
    homes = [(member, paying_at(member, at)) for member in session.scalars(without.order_by(Member.id))]
    payers = [(member, home) for member, home in homes if home is not None]
    return len(_issue(session, payers, months=LONGEST_CARD_MONTHS, is_named=False, at=at, actor=actor))


def _check_cards_allowed(session: Session) -> None:
    if not get_network(session).card_allowed:
        raise CARD_NOT_ALLOWED.error()


def _issue(
    session: Session,
    payers: Sequence[tuple[Member, Membership]],
    *,
    months: int,
    is_named: bool,
    at: datetime,
    actor: Actor,
) -> list[IssuedPass]:
    """Issue a card to each member, in a few statements whatever their number. ``is_named``: the pass says who pays."""
    not_before = at.replace(microsecond=0)
    indices, short_codes = free_indices(session, len(payers), at=at), free_short_codes(session, len(payers))
    issued = [
        IssuedPass(
            status_index=index,
            short_code=short_code,
            member_id=member.id,
            membership_id=membership.id if is_named else None,
            plan=membership.plan,
            issued_at=at,
            not_before=not_before,
            expires_at=card_expiry(not_before, months),
        )
        for (member, membership), index, short_code in zip(payers, indices, short_codes, strict=True)
    ]
    session.add_all(issued)
    session.flush()
    news = news_of_a_day(session, at)
    for card, (member, membership) in zip(issued, payers, strict=True):
        record(session, actor, at, "pass.issue", ("pass", card.id), place_id=membership.place_id)
        if member.account_id is not None and news_key(member.id) not in news:
            # Not `enqueue`: it asks for each key whether it is there, and these are as new as the passes.
            key, to = f"pass_ready:{card.id}", member.account_id
            what = {"pass_id": str(card.id)}
            session.add(OutboxMessage(key=key, kind="pass_ready", recipient_id=to, payload=what, created_at=at))
    return issued


def revoke_pass(session: Session, issued: IssuedPass, reason: str, *, at: datetime, actor: Actor) -> None:
    """Revoke a pass: it dies at every door at the next sync. Raises ``already_revoked``."""
    if issued.revoked_at is not None:
        raise ALREADY_REVOKED.error()
    issued.revoked_at, issued.revoked_reason = at, reason
    session.flush()
    record(session, actor, at, "pass.revoke", ("pass", issued.id))


def reissue_pass(session: Session, issued: IssuedPass, reason: str, *, at: datetime, actor: Actor) -> IssuedPass:
    """Revoke a pass and issue another in its place: a lost card, a lost phone. Raises as the two do.

    The new one is a card, for only its member's phone can make a live pass; it names the same membership, as long as
    that runs.
    """
    revoke_pass(session, issued, reason, at=at, actor=actor)
    named = next((m for m in issued.member.memberships if m.id == issued.membership_id and runs_at(m, at)), None)
    return issue_card(session, issued.member, named.id if named else None, at=at, actor=actor)


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
    if issued.superseded_at is not None:
        return "superseded"
    if issued.expires_at <= at:
        return "expired"
    return "inactive" if member.is_suspended or paying_at(member, at) is None else "active"


def check_is_card(issued: IssuedPass) -> None:
    """Raise ``not_a_card`` for a pass that lives on its member's phone: a drawing of it would open nothing."""
    if issued.form != Form.CARD:
        raise NOT_A_CARD.error()


def text_of(session: Session, issued: IssuedPass, folder: Path) -> str:
    """The pass signed by the current key (a JWT). Raises ``pass_unknown`` for one that is over."""
    [text] = texts_of(session, [issued], folder)
    return text


def texts_of(session: Session, passes: Sequence[IssuedPass], folder: Path) -> list[str]:
    """The same of several passes, in their order, with the key read once."""
    kid, key = current_key(session, folder)
    network = get_network(session).code
    texts = []
    for issued in passes:
        if issued.status_index is None or issued.revoked_at is not None or issued.superseded_at is not None:
            raise PASS_UNKNOWN.error()
        texts.append(sign_pass(_claims(issued, issued.status_index, network), key, kid))
    return texts


def _claims(issued: IssuedPass, index: int, network: str) -> dict[str, object]:
    plan, begins, ends, key = issued.plan, issued.not_before, issued.expires_at, issued.device_key
    if issued.form == Form.SHORT_LIVED:
        return short_lived_claims(network=network, index=index, plan=plan, expires_at=ends)
    if key is None:
        return card_claims(network=network, index=index, plan=plan, not_before=begins, expires_at=ends)
    return live_claims(network=network, index=index, plan=plan, not_before=begins, expires_at=ends, device_key=key)


def statuses(session: Session, *, at: datetime) -> Mapping[int, Status]:
    """The status of every pass that is not simply valid, by its index.

    Those that ended lately too: a door may go by this list for 7 days, and live and short-lived passes go on under the
    same index.
    """
    # Each membership by the date at its own place, as home_at has it; the whole world knows three dates at most.
    zones: dict[date, list[str]] = {}
    for zone in session.scalars(select(Place.zone).distinct()):
        zones.setdefault(local_date(at, ZoneInfo(zone)), []).append(zone)
    runs_today = [
        and_(
            Place.zone.in_(there),
            Membership.first_day <= today,
            or_(Membership.last_day.is_(None), Membership.last_day >= today),
        )
        for today, there in zones.items()
    ]
    has_home = exists().where(
        Membership.member_id == IssuedPass.member_id,
        Membership.place_id == Place.id,
        or_(false(), *runs_today),
        is_paid_at(at),
    )
    is_revoked, is_superseded = IssuedPass.revoked_at.is_not(None), IssuedPass.superseded_at.is_not(None)
    is_suspended = and_(Member.suspended_at.is_not(None), Member.resumed_at.is_(None))
    query = (
        select(IssuedPass.status_index, is_revoked, is_superseded)
        .join(IssuedPass.member)
        .where(
            IssuedPass.status_index.is_not(None),
            IssuedPass.expires_at > at - LIFE,
            or_(is_revoked, is_superseded, is_suspended, ~has_home),
        )
    )
    found = session.execute(query)
    erased = session.scalars(select(ErasedPass.status_index).where(ErasedPass.expires_at > at - LIFE))
    return dict.fromkeys(erased, Status.REVOKED) | {
        index: Status.REVOKED if revoked else Status.SUPERSEDED if superseded else Status.SUSPENDED
        for index, revoked, superseded in found
        if index is not None
    }


def status_list(session: Session, folder: Path, *, uri: str, at: datetime) -> StatusList:
    """The signed status list. Dated by the last full 5 minutes, so that what has not changed has the same bytes."""
    kid, key = current_key(session, folder)
    seconds = int(LIST_AGE.total_seconds())
    issued_at = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, tz=at.tzinfo)
    token = sign_status_list(statuses(session, at=at), uri=uri, issued_at=issued_at, private_key=key, kid=kid)
    return StatusList(token, f'"{hashlib.sha256(token.encode()).hexdigest()[:32]}"')


def erase_passes(session: Session, member_id: UUID, *, at: datetime) -> None:
    """Delete a member's passes; what is left says of each index that it is revoked, for as long as it is not reused."""
    passes = passes_of(session, member_id)
    for issued in passes:
        if issued.status_index is not None and issued.expires_at >= at - REUSED_AFTER:
            session.add(ErasedPass(status_index=issued.status_index, expires_at=issued.expires_at))
        session.delete(issued)
    session.flush()


def pass_with_short_code(session: Session, short_code: str) -> IssuedPass | None:
    """The pass with this short code, its member and their homes with it."""
    query = select(IssuedPass).where(IssuedPass.short_code == short_code)
    return session.scalar(query.options(selectinload(IssuedPass.member).selectinload(Member.memberships)))


def free_indices(session: Session, count: int, *, at: datetime) -> list[int]:
    """So many free indices drawn at random: dense or ordered ones would tell how many passes there are."""

    def taken(drawn: Sequence[int]) -> set[int]:
        holders = list(session.scalars(select(IssuedPass).where(IssuedPass.status_index.in_(drawn))))
        over = [holder for holder in holders if holder.expires_at + REUSED_AFTER < at]
        kept = {holder.status_index for holder in holders} - {holder.status_index for holder in over}
        for holder in over:
            holder.status_index = None
        session.flush()  # given back before it is given away
        erased = select(ErasedPass.status_index).where(
            ErasedPass.status_index.in_(drawn), ErasedPass.expires_at >= at - REUSED_AFTER
        )
        return {TRIAL_INDEX, *(index for index in kept if index is not None), *session.scalars(erased)}

    return _draw(count, lambda: secrets.randbelow(INDICES), taken)


def free_short_codes(session: Session, count: int) -> list[str]:
    """So many short codes that no pass has."""

    def taken(drawn: Sequence[str]) -> Iterable[str]:
        return session.scalars(select(IssuedPass.short_code).where(IssuedPass.short_code.in_(drawn)))

    return _draw(count, lambda: draw_short_code(secrets.randbits), taken)


_Drawn = TypeVar("_Drawn", int, str)


def _draw(
    count: int, draw: Callable[[], _Drawn], taken: Callable[[Sequence[_Drawn]], Iterable[_Drawn]]
) -> list[_Drawn]:
    """Draw ``count`` different values that nobody has; kept in the order drawn, where a set would sort them."""
    free: dict[_Drawn, None] = {}
    while len(free) < count:
        drawn = [draw() for _ in range(min(count - len(free), DRAWN_AT_ONCE))]
        others = set(taken(drawn))
        free |= {value: None for value in drawn if value not in others}
    return list(free)
