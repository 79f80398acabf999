"""Live passes on members' own phones, and short-lived ones for phones that can hold no key (door.md, The pass).

A member has one live pass at a time, or one for each membership that they name. Its phone asks for it again every day
or so, and gets a month more under the same index; another phone gets it only if the member says so.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from passapp.accounts.models import AccessToken
from passapp.kernel.audit import Actor, record
from passapp.kernel.limits import TOO_MANY_TRIES, count_try
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import ProblemType
from passapp.members.models import Member, Membership
from passapp.members.paying import paying_at
from passapp.passes.encoding import decode_base64url
from passapp.passes.models import IssuedPass
from passapp.passes.points import is_public_key
from passapp.passes.rules import SHORT_LIFE, Form, card_expiry
from passapp.passes.service import IS_CARD, free_indices, free_short_codes, membership_for

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
NOT_ACTIVE = ProblemType(
    "member_not_active",
    409,
    en="Your membership opens nothing at the moment: it is paused, not paid for, or over. Ask your place.",
    fr="Votre abonnement n'ouvre rien pour le moment : il est en pause, pas réglé ou terminé. Demandez à votre lieu.",
)
SIGN_IN_AGAIN = ProblemType(
    "sign_in_again",
    403,
    en="A pass of yours was ended. To go on here, sign in again.",
    fr="Un de vos pass a été désactivé. Pour continuer ici, connectez-vous de nouveau.",
)

LIVE_MONTHS = 1
NEW_IN_A_DAY, DAY = 20, 24 * 60
"""How many new ones a member gets in so many minutes: each takes an index of the status list for months."""
UNNAMED_DEVICE = "?"


def bind_live_pass(
    session: Session,
    member: Member,
    device_key: str,
    membership_id: UUID | None = None,
    *,
    move: bool,
    device: str | None,
    token_id: UUID | None,
    at: datetime,
    actor: Actor,
) -> IssuedPass:
    """Give a device its live pass, or a month more of it. ``device_key``: its public key, 32 bytes in base64url.

    ``membership_id`` names who pays, ``device`` what the browser calls itself, ``token_id`` the session that asks.
    ``move``: the member wants it here, even though it is on another device, where it is superseded from now on.

    Raises ``not_a_key``, ``member_not_active``, ``membership_unknown``, ``no_membership``, ``live_pass_elsewhere``,
    ``sign_in_again``, ``too_many_tries``.
    """
    if not is_public_key(decode_base64url(device_key) or b""):
        raise NOT_A_KEY.error()
    membership = _payer(member, membership_id, at)
    latest = _latest(session, member, membership_id, Form.LIVE)
    if latest is not None and latest.device_key == device_key and _may_go_on(latest):
        latest.plan, latest.expires_at = membership.plan, _month_from(at)
        session.flush()
        return latest
    former = latest if latest is not None and latest.revoked_at is None else None
    if former is not None and not move and former.device_key != device_key and former.expires_at > at:
        raise LIVE_PASS_ELSEWHERE.error(device=former.device_name or UNNAMED_DEVICE)
    ended_at = check_signed_in_since(session, member, token_id)
    if former is not None:
        former.superseded_at = at
    new = IssuedPass(
        membership_id=membership_id,
        form=Form.LIVE,
        device_key=device_key,
        device_name=device,
        expires_at=_month_from(at),
    )
    issued = _issue(session, member, membership, new, at=at)
    is_move = move or former is not None
    record(
        session,
        actor,
        at,
        "pass.move" if is_move else "pass.bind",
        ("pass", issued.id),
        place_id=membership.place_id,
    )
    if is_move or _is_first_since(latest, ended_at):
        _tell(session, issued, at)
    return issued


def give_short_lived_pass(
    session: Session,
    member: Member,
    membership_id: UUID | None = None,
    *,
    device: str | None,
    token_id: UUID | None,
    at: datetime,
    actor: Actor,
) -> IssuedPass:
    """A pass for the next 90 s at most, under the same index each time; parameters as of :func:`bind_live_pass`.

    Raises ``member_not_active``, ``membership_unknown``, ``no_membership``, ``sign_in_again``, ``too_many_tries``.
    """
    membership = _payer(member, membership_id, at)
    ends = at.replace(microsecond=0) + SHORT_LIFE
    latest = _latest(session, member, membership_id, Form.SHORT_LIVED)
    # Each time, for no key says that this is the phone that had it before.
    ended_at = check_signed_in_since(session, member, token_id)
    if latest is not None and _may_go_on(latest):
        latest.plan, latest.device_name, latest.expires_at = membership.plan, device, ends
        session.flush()
        return latest
    new = IssuedPass(membership_id=membership_id, form=Form.SHORT_LIVED, device_name=device, expires_at=ends)
    issued = _issue(session, member, membership, new, at=at)
    record(session, actor, at, "pass.issue", ("pass", issued.id), place_id=membership.place_id)
    if _is_first_since(latest, ended_at):
        _tell(session, issued, at)
    return issued


def _payer(member: Member, membership_id: UUID | None, at: datetime) -> Membership:
    """The membership that a pass is for: the one named, else the first that pays.

    A member who may not come in gets none: a door with an older list would not know of a new index that it is inactive.
    """
    pays = paying_at(member, at)
    if member.is_suspended or pays is None:
        raise NOT_ACTIVE.error()
    return membership_for(member, membership_id, at) if membership_id else pays


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


def check_signed_in_since(session: Session, member: Member, token_id: UUID | None) -> datetime | None:
    """Raise unless that session began after a pass on a phone of theirs was last ended. Gives when that was.

    The session of a lost phone goes on: whoever holds it must not get the next pass by opening the page, nor arrive by
    an entrance poster. Raises ``sign_in_again``.
    """
    ended_at = session.scalar(
        select(func.max(IssuedPass.revoked_at)).where(IssuedPass.member_id == member.id, ~IS_CARD)
    )
    began_at = session.scalar(select(AccessToken.created_at).where(AccessToken.id == token_id)) if ended_at else None
    if ended_at is not None and (began_at is None or began_at <= ended_at):
        raise SIGN_IN_AGAIN.error()
    return ended_at


def _is_first_since(latest: IssuedPass | None, ended_at: datetime | None) -> bool:
    """Whether a pass is the first of its kind since one was ended; ``latest``: the one before it."""
    return ended_at is not None and (latest is None or latest.issued_at <= ended_at)


def _tell(session: Session, issued: IssuedPass, at: datetime) -> None:
    """Tell the member where their pass is now: if it was not they who did it, they must know."""
    if issued.member.account_id is not None:
        enqueue(session, at, "pass_moved", f"pass_moved:{issued.id}", issued.member.account_id, pass_id=str(issued.id))


def _issue(session: Session, member: Member, membership: Membership, issued: IssuedPass, *, at: datetime) -> IssuedPass:
    """Give a new pass its index and its short code. Raises ``too_many_tries``."""
    if not count_try(session, "live_pass", str(member.id), times=NEW_IN_A_DAY, minutes=DAY, now=at):
        raise TOO_MANY_TRIES.error(minutes=DAY)
    [issued.status_index], [issued.short_code] = free_indices(session, 1, at=at), free_short_codes(session, 1)
    issued.member, issued.plan, issued.issued_at = member, membership.plan, at
    issued.not_before = at.replace(microsecond=0)
    session.add(issued)
    session.flush()
    return issued
