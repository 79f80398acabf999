"""Live passes on members' own phones, and short-lived ones for phones that can hold no key (door.md, The pass).

A member has one live pass at a time, or one for each membership that they name. Its phone asks for it again every day
or so, and gets a month more under the same index; another phone gets it only if the member says so.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, record
from passapp.kernel.limits import TOO_MANY_TRIES, count_try
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member, Membership
from passapp.passes.encoding import decode_base64url
from passapp.passes.models import IssuedPass
from passapp.passes.points import is_public_key
from passapp.passes.rules import SHORT_LIFE, Form, card_expiry
from passapp.passes.service import free_indices, free_short_codes, membership_for

NOT_A_KEY = ProblemType(
    "not_a_key",
    422,
    en="This is no Ed25519 public key. Reload the page, then try again.",
    fr="Ce n'est pas une clé publique Ed25519. Rechargez la page, puis réessayez.",
)
LIVE_PASS_ELSEWHERE = ProblemType(
    "live_pass_elsewhere",
    409,
    en="You show it on: {device}. Choose this phone to show it here: over there it ends.",
    fr="Vous le montrez sur : {device}. Choisissez ce téléphone pour le montrer ici : là-bas, il s'arrête.",
)
LIVE_PASS_REVOKED = ProblemType(
    "live_pass_revoked",
    409,
    en="Your place ended it. If this phone is yours, choose it again.",
    fr="Votre lieu l'a désactivé. Si ce téléphone est bien à vous, choisissez-le de nouveau.",
)

LIVE_MONTHS = 1
NEW_IN_A_DAY, DAY = 20, 24 * 60
"""How many new live passes a member gets in so many minutes: each one takes an index of the status list for months."""
UNNAMED_DEVICE = "?"


def bind_live_pass(
    session: Session,
    member: Member,
    device_key: str,
    membership_id: UUID | None = None,
    *,
    move: bool,
    device: str | None,
    at: datetime,
    actor: Actor,
) -> IssuedPass:
    """Give a device its live pass, or a month more of it. ``device_key``: its public key, 32 bytes in base64url.

    ``membership_id`` names who pays, ``device`` what the browser calls itself. ``move``: the member wants it here, even
    though it is on another device, where it is superseded from now on, or was revoked here.

    Raises ``not_a_key``, ``membership_unknown``, ``no_membership``, ``live_pass_elsewhere``, ``live_pass_revoked``,
    ``too_many_tries``.
    """
    if not is_public_key(decode_base64url(device_key) or b""):
        raise NOT_A_KEY.error()
    membership = membership_for(member, membership_id, at)
    latest = _latest(session, member, membership_id, Form.LIVE)
    if latest is not None and latest.device_key == device_key and _may_go_on(latest):
        latest.plan, latest.expires_at = membership.plan, _month_from(at)
        session.flush()
        return latest
    if latest is not None and not move:
        _check_may_replace(latest, device_key, at)
    if not count_try(session, "live_pass", str(member.id), times=NEW_IN_A_DAY, minutes=DAY, now=at):
        raise TOO_MANY_TRIES.error(minutes=DAY)
    former = latest if latest is not None and latest.revoked_at is None else None
    if former is not None:
        former.superseded_at = at
    issued = _issue(
        session,
        member,
        membership,
        IssuedPass(
            membership_id=membership_id,
            form=Form.LIVE,
            device_key=device_key,
            device_name=device,
            not_before=at.replace(microsecond=0),
            expires_at=_month_from(at),
        ),
        at=at,
    )
    if not move and former is None:
        record(session, actor, at, "pass.bind", ("pass", issued.id), place_id=membership.place_id)
        return issued
    record(session, actor, at, "pass.move", ("pass", issued.id), place_id=membership.place_id)
    if member.account_id is not None:
        enqueue(session, at, "pass_moved", f"pass_moved:{issued.id}", member.account_id, pass_id=str(issued.id))
    return issued


def give_short_lived_pass(
    session: Session, member: Member, membership_id: UUID | None = None, *, at: datetime, actor: Actor
) -> IssuedPass:
    """A pass for the next 90 s at most, under the same index each time.

    Raises ``membership_unknown``, ``no_membership``.
    """
    membership = membership_for(member, membership_id, at)
    ends = at.replace(microsecond=0) + SHORT_LIFE
    latest = _latest(session, member, membership_id, Form.SHORT_LIVED)
    if latest is not None and _may_go_on(latest):
        latest.plan, latest.expires_at = membership.plan, ends
        session.flush()
        return latest
    begins = at.replace(microsecond=0)
    new = IssuedPass(membership_id=membership_id, form=Form.SHORT_LIVED, not_before=begins, expires_at=ends)
    issued = _issue(session, member, membership, new, at=at)
    record(session, actor, at, "pass.issue", ("pass", issued.id), place_id=membership.place_id)
    return issued


def _month_from(at: datetime) -> datetime:
    return card_expiry(at.replace(microsecond=0), LIVE_MONTHS)


def _latest(session: Session, member: Member, membership_id: UUID | None, form: Form) -> IssuedPass | None:
    """The newest pass of that form for that membership; whoever asks for the same waits until this transaction ends."""
    session.execute(select(Member.id).where(Member.id == member.id).with_for_update(key_share=True))
    theirs = select(IssuedPass).where(IssuedPass.member_id == member.id, IssuedPass.form == form.value)
    named = IssuedPass.membership_id == membership_id if membership_id else IssuedPass.membership_id.is_(None)
    return session.scalar(theirs.where(named).order_by(IssuedPass.id.desc()).limit(1))


def _may_go_on(latest: IssuedPass) -> bool:
    """Whether a pass can be extended: not ended by anybody, and its index not given back yet."""
    return latest.revoked_at is None and latest.superseded_at is None and latest.status_index is not None


def _check_may_replace(latest: IssuedPass, device_key: str, at: datetime) -> None:
    """Raise where only the member may say that this device takes over."""
    if latest.revoked_at is not None:
        # Whoever holds a phone that was reported lost must not get its pass back by merely opening the page.
        if latest.device_key == device_key:
            raise LIVE_PASS_REVOKED.error()
    elif latest.device_key != device_key and latest.expires_at > at:
        raise LIVE_PASS_ELSEWHERE.error(device=latest.device_name or UNNAMED_DEVICE)


def _issue(session: Session, member: Member, membership: Membership, issued: IssuedPass, *, at: datetime) -> IssuedPass:
    [issued.status_index], [issued.short_code] = free_indices(session, 1, at=at), free_short_codes(session, 1)
    issued.member, issued.plan, issued.issued_at = member, membership.plan, at
    session.add(issued)
    session.flush()
    return issued
