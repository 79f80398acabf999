"""Rules on their way: drafted, proposed to the places, consented to or objected to, and published or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from passapp.accounts.models import RoleGrant
from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM, Actor, record
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.problems import Problem, ProblemType
from passapp.kernel.ticking import Chore
from passapp.kernel.wall_time import local_date, opening_instant
from passapp.network.models import ConventionAnswer, ConventionDraft
from passapp.network.rules import Answers, ConsentRule
from passapp.network.service import FURTHEST_AHEAD, check_document, check_follows, get_network, publish_convention
from passapp.places.models import Place

DRAFT_UNKNOWN = ProblemType(
    "convention_draft_unknown", 404, en="There are no such draft rules.", fr="Ce projet de règles n'existe pas."
)
DRAFT_NOT_OPEN = ProblemType(
    "convention_draft_not_open",
    409,
    en="These rules have been proposed to the places: withdraw them, and write a new draft.",
    fr="Ces règles ont été proposées aux lieux : retirez-les, puis préparez un nouveau projet.",
)
NOT_PROPOSED = ProblemType(
    "convention_not_proposed",
    409,
    en="The places are not asked about these rules, or not any more.",
    fr="Ces règles ne sont pas proposées aux lieux, ou ne le sont plus.",
)
PROPOSED_ALREADY = ProblemType(
    "convention_proposed_already",
    409,
    en="The places are asked about other rules already: wait for their answer, or withdraw those first.",
    fr="D'autres règles sont déjà proposées aux lieux : attendez leur réponse, ou retirez-les d'abord.",
)
STARTS_TOO_SOON = ProblemType(
    "convention_starts_too_soon",
    409,
    en="The places have until {day:day} to answer: have these rules begin later.",
    fr="Les lieux ont jusqu'au {day:day} pour répondre : faites commencer ces règles plus tard.",
)
TAKES_NO_PART = ProblemType(
    "place_takes_no_part",
    409,
    en="This place is not in the network today: it is not asked.",
    fr="Ce lieu n'est pas dans le réseau aujourd'hui : on ne lui demande rien.",
)
REMINDED_BEFORE: Final = timedelta(days=3)
"""How long before the last day to answer."""


@dataclass(frozen=True)
class Asked:
    """A place that is asked, and its answer; None: it has not given one."""

    place: Place
    answer: ConventionAnswer | None


def drafts(session: Session, *, unproposed: bool) -> list[ConventionDraft]:
    """Every draft and proposal, the newest first; ``unproposed``: also those that no place has been asked about."""
    query = select(ConventionDraft).order_by(ConventionDraft.made_at.desc(), ConventionDraft.id.desc())
    if not unproposed:
        query = query.where(ConventionDraft.state != "draft")
    return list(session.scalars(query))


def get_draft(session: Session, draft_id: UUID, *, unproposed: bool, keep: bool = False) -> ConventionDraft:
    """A draft or proposal. ``keep``: nobody changes or decides it before this (writing) transaction ends.

    Raises ``convention_draft_unknown``.
    """
    draft = session.get(ConventionDraft, draft_id, with_for_update=True if keep else None)
    if draft is None or (draft.state == "draft" and not unproposed):
        raise DRAFT_UNKNOWN.error()
    return draft


def make_draft(session: Session, fields: Mapping[str, Any], *, at: datetime, actor: Actor) -> ConventionDraft:
    """Begin new rules. Raises ``convention_not_valid``, ``convention_overlaps``, ``no_network``."""
    get_network(session)
    _check(session, fields)
    draft = ConventionDraft(**fields, state="draft", made_by=actor.id, made_at=at)
    session.add(draft)
    session.flush()
    record(session, actor, at, "convention.draft", ("convention_draft", draft.id))
    return draft


def change_draft(
    session: Session, draft: ConventionDraft, fields: Mapping[str, Any], *, at: datetime, actor: Actor
) -> None:
    """Change rules that are being written.

    Raises ``convention_draft_not_open``, ``convention_not_valid``, ``convention_overlaps``, ``stale``.
    """
    _require_draft(draft)
    _check(session, fields)
    for name, value in fields.items():
        setattr(draft, name, value)
    session.flush()
    record(session, actor, at, "convention.change_draft", ("convention_draft", draft.id))


def drop_draft(session: Session, draft: ConventionDraft, *, at: datetime, actor: Actor) -> None:
    """Throw rules away that no place has been asked about. Raises ``convention_draft_not_open``."""
    _require_draft(draft)
    session.delete(draft)
    session.flush()
    record(session, actor, at, "convention.drop_draft", ("convention_draft", draft.id))


def propose(session: Session, draft: ConventionDraft, *, at: datetime, actor: Actor) -> None:
    """Ask every place that takes part today whether it agrees, until the last day of the network's delay is over there.

    Where there is no place yet, they are published at once. Raises ``convention_draft_not_open``,
    ``convention_proposed_already``, ``convention_starts_too_soon``, ``convention_not_valid``, ``convention_overlaps``.
    """
    _require_draft(draft)
    if session.scalar(select(ConventionDraft.id).where(ConventionDraft.state == "proposed")) is not None:
        raise PROPOSED_ALREADY.error()
    _check(session, {"document": draft.document, "starts_on": draft.starts_on})
    answer_by = _end_of_the_days(session, at, get_network(session).consent_days)
    last_day = answer_by.astimezone(FURTHEST_AHEAD).date()
    if draft.starts_on <= last_day:
        raise STARTS_TOO_SOON.error(day=last_day)
    draft.state, draft.proposed_at, draft.answer_by = "proposed", at, answer_by
    session.flush()
    record(session, actor, at, "convention.propose", ("convention_draft", draft.id))
    for account_id in _managers(session, [each.place.id for each in asked(session, draft, at)]):
        _write(session, draft, "convention_proposed", account_id, at)
    _decide(session, draft, at)


def _zones(session: Session) -> list[ZoneInfo]:
    return [ZoneInfo(zone) for zone in session.scalars(select(Place.zone).distinct())] or [ZoneInfo("UTC")]


def _end_of_the_days(session: Session, at: datetime, days: int) -> datetime:
    """The last second of so many days after today: a day is over once it is over at every place."""
    zones = _zones(session)
    after = max(local_date(at, zone) for zone in zones) + timedelta(days=days + 1)
    return max(opening_instant(after, 0, zone) for zone in zones) - timedelta(seconds=1)


def last_day_of(session: Session, draft: ConventionDraft) -> date | None:
    """The last day on which places answer; None before they are asked."""
    return min(local_date(draft.answer_by, zone) for zone in _zones(session)) if draft.answer_by else None


def withdraw(session: Session, draft: ConventionDraft, *, at: datetime, actor: Actor) -> None:
    """Take a proposal back: it is asked about no more. Raises ``convention_not_proposed``."""
    _require_proposed(draft)
    draft.state, draft.decided_at = "withdrawn", at
    session.flush()
    record(session, actor, at, "convention.withdraw", ("convention_draft", draft.id))
    _tell(session, draft, at)


def answer(
    session: Session,
    draft: ConventionDraft,
    place: Place,
    *,
    consents: bool,
    reason: str | None,
    by: UUID,
    at: datetime,
    actor: Actor,
) -> None:
    """Have a place agree, or object with a reason; the answer may change until the last place has given its own.

    ``by``: the account that says so. Raises ``convention_not_proposed`` (also once the time is over),
    ``place_takes_no_part``.
    """
    _require_proposed(draft)
    if draft.answer_by is None or at > draft.answer_by:
        raise NOT_PROPOSED.error()
    if place.id not in {each.place.id for each in asked(session, draft, at)}:
        raise TAKES_NO_PART.error()
    given = session.get(ConventionAnswer, (draft.id, place.id))
    if given is None:
        given = ConventionAnswer(draft_id=draft.id, place_id=place.id)
        session.add(given)
    given.consents, given.reason, given.answered_by, given.at = consents, reason, by, at
    session.flush()
    record(
        session, actor, at, "convention.answer", ("convention_draft", draft.id), place_id=place.id, consents=consents
    )
    _decide(session, draft, at)


def asked(session: Session, draft: ConventionDraft, at: datetime) -> list[Asked]:
    """The places that are asked (that were, when it was decided), by name, and what each answered."""
    if draft.state == "draft":
        return []
    day = (draft.decided_at or at).date()
    taking_part = select(Place).where(Place.joined_on <= day, or_(Place.left_on.is_(None), Place.left_on > day))
    given = {
        each.place_id: each
        for each in session.scalars(select(ConventionAnswer).where(ConventionAnswer.draft_id == draft.id))
    }
    return [Asked(place, given.get(place.id)) for place in session.scalars(taking_part.order_by(Place.name, Place.id))]


def count_answers(found: Sequence[Asked]) -> Answers:
    """How many agree and how many object."""
    consents = [each.answer.consents for each in found if each.answer]
    return Answers(len(found), sum(consents), len(consents) - sum(consents))


def _check(session: Session, fields: Mapping[str, Any]) -> None:
    check_document(session, fields["document"], inside="document")
    check_follows(session, fields["starts_on"])


def _require_draft(draft: ConventionDraft) -> None:
    if draft.state != "draft":
        raise DRAFT_NOT_OPEN.error()


def _require_proposed(draft: ConventionDraft) -> None:
    if draft.state != "proposed":
        raise NOT_PROPOSED.error()


def _agreed(session: Session, draft: ConventionDraft, at: datetime) -> bool | None:
    network = get_network(session)
    return count_answers(asked(session, draft, at)).agreed(
        ConsentRule(network.consent_rule),
        silence_consents=network.silence_consents,
        is_over=draft.answer_by is not None and at > draft.answer_by,
    )


def _decide(session: Session, draft: ConventionDraft, at: datetime) -> None:
    """Publish or refuse a proposal that is decided; what cannot be published any more is refused too."""
    agreed = _agreed(session, draft, at)
    if agreed is None:
        return
    why = None if agreed else "objections"
    if agreed:
        try:
            published = publish_convention(session, draft.document, starts_on=draft.starts_on, at=at, actor=SYSTEM)
            draft.number = published.number
        except Problem as problem:  # the command line has published others meanwhile, or no server ran for too long
            agreed, why = False, problem.kind.code
    draft.state, draft.decided_at, draft.why = "published" if agreed else "refused", at, why
    session.flush()
    if not agreed:
        record(session, SYSTEM, at, "convention.refuse", ("convention_draft", draft.id), why=why)
    _tell(session, draft, at)


def _tell(session: Session, draft: ConventionDraft, at: datetime) -> None:
    """Have everybody told who was asked, and whoever wrote the draft."""
    told = _managers(session, [each.place.id for each in asked(session, draft, at)])
    for account_id in dict.fromkeys([*told, *([draft.made_by] if draft.made_by else [])]):
        _write(session, draft, "convention_decided", account_id, at)


def _managers(session: Session, places: Sequence[UUID]) -> list[UUID]:
    query = select(RoleGrant.account_id).where(RoleGrant.role == Role.MANAGER, RoleGrant.place_id.in_(places))
    return list(session.scalars(query.distinct().order_by(RoleGrant.account_id)))


def _write(session: Session, draft: ConventionDraft, kind: str, account_id: UUID, at: datetime) -> None:
    enqueue(session, at, kind, f"{kind}:{draft.id}:{account_id}", account_id, draft_id=str(draft.id))


def _proposed(session: Session) -> ConventionDraft | None:
    return session.scalar(select(ConventionDraft).where(ConventionDraft.state == "proposed"))


def silent_places(session: Session, draft: ConventionDraft, at: datetime) -> list[UUID]:
    """The places that are asked and have not answered."""
    return [each.place.id for each in asked(session, draft, at) if each.answer is None]


def _to_remind(session: Session, now: datetime) -> list[tuple[ConventionDraft, UUID]]:
    """The managers, not reminded yet, of places that have not answered although the time is nearly over."""
    draft = _proposed(session)
    if draft is None or draft.answer_by is None or not draft.answer_by - REMINDED_BEFORE <= now <= draft.answer_by:
        return []
    begins = f"convention_reminder:{draft.id}:"
    reminded = set(session.scalars(select(OutboxMessage.key).where(OutboxMessage.key.startswith(begins))))
    managers = _managers(session, silent_places(session, draft, now))
    return [(draft, account_id) for account_id in managers if f"{begins}{account_id}" not in reminded]


def _remind(session: Session, now: datetime) -> None:
    for draft, account_id in _to_remind(session, now):
        _write(session, draft, "convention_reminder", account_id, now)


def _to_decide(session: Session, now: datetime) -> int:
    draft = _proposed(session)
    return int(draft is not None and _agreed(session, draft, now) is not None)


def _decide_what_is_due(session: Session, now: datetime) -> None:
    draft = _proposed(session)
    if draft is not None:
        _decide(session, get_draft(session, draft.id, unproposed=False, keep=True), now)


CONSENT_REMINDERS = Chore(lambda session, now: len(_to_remind(session, now)), _remind)
CONSENT_DECISIONS = Chore(_to_decide, _decide_what_is_due)
