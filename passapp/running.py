"""What keeps a deployment running: whether it is well, what it measures, and its chores."""

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from platform import python_version

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client.metrics_core import Metric
from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from passapp import __version__
from passapp.accounts.access import allow_anyone
from passapp.accounts.models import AccessToken, Challenge, SignInLink
from passapp.bookings import answers, idempotency, lapsing
from passapp.bookings.calendars import external
from passapp.bookings.calendars.feeds import REVOKED_KEPT
from passapp.bookings.claims import expired_resources
from passapp.bookings.models import AnswerLink, Feed, IdempotencyKey, Waiting
from passapp.bookings.waiting.service import WAITING_OFFERS
from passapp.door.models import CheckIn, PairingLink
from passapp.kernel.api import NowDep, SettingsDep, Shown
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database, SessionDep
from passapp.kernel.limits import RateCount
from passapp.kernel.metrics import MEDIA_TYPE, Metrics, gauge
from passapp.kernel.migrations import expected_revision, present_revision
from passapp.kernel.outbox import WAITS, OutboxMessage, settled_long_ago
from passapp.kernel.problems import NOT_FOUND, NOT_SIGNED_IN, ProblemType, may_answer
from passapp.kernel.settings import Settings
from passapp.kernel.ticking import Chore, Errand, failed_chores, forgetting
from passapp.mailing import send_waiting, waiting
from passapp.network.drafts import CONSENT_DECISIONS, CONSENT_REMINDERS
from passapp.network.models import Network
from passapp.passes.keys import PSEUDONYM_KEY, ensure_keys
from passapp.passes.models import SigningKey
from passapp.passes.news import PASS_NEWS
from passapp.privacy import retention
from passapp.settlement.contests import service as contests
from passapp.settlement.contests.letters import DECISION_REMINDERS
from passapp.settlement.months import service as settlement_months

router = APIRouter(tags=["running"])

NOT_READY = ProblemType(
    "not_ready",
    503,
    en="The database does not answer, or its schema is not the one that this version needs.",
    fr="La base de données ne répond pas, ou son schéma n'est pas celui de cette version.",
)


class Health(Shown):
    """All is well."""

    status: str = "ok"


@router.get("/health/live", operation_id="is_alive", dependencies=allow_anyone())
def is_alive() -> Health:
    """Whether the process answers."""
    return Health()


@router.get("/health/ready", operation_id="is_ready", dependencies=allow_anyone(), responses=may_answer(NOT_READY))
def is_ready(session: SessionDep) -> Health:
    """Whether the database answers too, and has the schema that this version needs."""
    try:
        present = present_revision(session.connection())
    except SQLAlchemyError:
        raise NOT_READY.error() from None
    if present != expected_revision():
        raise NOT_READY.error()
    return Health()


@router.get(
    "/metrics",
    operation_id="get_metrics",
    dependencies=allow_anyone(),
    response_class=PlainTextResponse,
    responses=may_answer(NOT_FOUND, NOT_SIGNED_IN),
)
def get_metrics(
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
) -> PlainTextResponse:
    """Metrics for Prometheus, for the bearer of PASSAPP_METRICS_TOKEN; without that setting there is nothing here."""
    if settings.metrics_token is None:
        raise NOT_FOUND.error()
    expected = f"Bearer {settings.metrics_token.get_secret_value()}"
    if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode()):
        raise NOT_SIGNED_IN.error(headers={"WWW-Authenticate": "Bearer"})
    metrics: Metrics = request.app.state.metrics
    page = metrics.page(_gauges(request.app.state.database, session, now))
    return PlainTextResponse(page, media_type=MEDIA_TYPE)


def _gauges(database: Database, session: Session, now: datetime) -> Iterator[Metric]:
    versions = {f"{__version__} on Python {python_version()}": 1}
    yield gauge("passapp_build", "1, for the version that answers.", versions, "version")
    # Counted in the database: what every process saw, also before this one started.
    recent = select(CheckIn.verdict, func.count()).where(CheckIn.received_at > now - timedelta(hours=1))
    verdicts = {verdict: count for verdict, count in session.execute(recent.group_by(CheckIn.verdict))}  # noqa: C416
    yield gauge("passapp_check_ins_last_hour", "Check-ins received in the last hour.", verdicts, "verdict")
    messages = select(func.count()).select_from(OutboxMessage)
    unsent, failed = messages.where(WAITS), messages.where(OutboxMessage.failed_at.is_not(None))
    yield gauge("passapp_outbox_waiting", "Messages not sent yet.", session.scalar(unsent) or 0)
    yield gauge("passapp_outbox_failed", "Messages given up in the last 30 days.", session.scalar(failed) or 0)
    failing = dict.fromkeys(sorted(failed_chores(session)), 1)
    yield gauge("passapp_chores_failed", "1, for a chore that failed when it was done last.", failing, "chore")
    # Of the process that answers, where there are several workers.
    gate = database.writers.statistics()
    yield gauge("passapp_writers_waiting", "Writing requests waiting at the gate.", gate.tasks_waiting)
    yield gauge("passapp_writers_admitted", "Writing requests past the gate.", gate.borrowed_tokens)
    yield gauge("passapp_database_connections", "Connections in use.", database.connections_in_use)


LINKS_KEPT = timedelta(days=1)
"""After they expired: for whoever asks why theirs does not work."""
SESSIONS_KEPT = timedelta(days=30)
"""After they expired or ended. Tokens of doors stay: doors, check-ins and the audit log speak of them."""
TEAM_LINKS_KEPT = timedelta(days=30)
"""After they expired: a manager still sees which were made."""


def chores(settings: Settings) -> dict[str, Chore | Errand]:
    """What is periodic, by name."""
    return {
        "keys": Chore(
            lambda session, _now: _missing_keys(session, settings.keys_dir),
            lambda session, now: ensure_keys(session, settings.keys_dir, at=now),
        ),
        "sign_in_links": forgetting(SignInLink, lambda now: SignInLink.expires_at < now - LINKS_KEPT),
        "sessions": forgetting(AccessToken, _ended_long_ago),
        "challenges": forgetting(Challenge, lambda now: Challenge.expires_at < now),
        "rate_counts": forgetting(RateCount, lambda now: RateCount.until < now),
        "team_links": forgetting(PairingLink, lambda now: PairingLink.expires_at < now - TEAM_LINKS_KEPT),
        "sent_mail": forgetting(OutboxMessage, settled_long_ago),
        **retention.chores(settings.keys_dir),
        "lapsed_bookings": Chore(
            lambda session, now: len(expired_resources(session, now)),
            lambda session, now: lapsing.expire(session, now=now),
        ),
        "no_shows": Chore(
            lambda session, now: len(lapsing.no_shows(session, now)),
            lambda session, now: lapsing.release_no_shows(session, now=now, actor=SYSTEM),
        ),
        "waiting_offers": WAITING_OFFERS,
        "waits": forgetting(Waiting, lambda now: Waiting.starts_at < now),
        "idempotency_keys": forgetting(IdempotencyKey, idempotency.is_forgotten),
        "answer_links": forgetting(AnswerLink, answers.is_dead),
        "feeds": forgetting(Feed, lambda now: Feed.revoked_at < now - REVOKED_KEPT),
        "consent_reminders": CONSENT_REMINDERS,
        "consent_decisions": CONSENT_DECISIONS,
        "pass_news": PASS_NEWS,
        "unanswered_errors": Chore(
            lambda session, now: len(contests.unanswered(session, now)),
            lambda session, now: contests.accept_unanswered(session, settings.keys_dir, at=now),
        ),
        "contest_words": Chore(
            lambda session, now: len(contests.told_long_ago(session, now)),
            contests.forget_words,
        ),
        "decision_reminders": DECISION_REMINDERS,
        "months": Chore(
            settlement_months.months_to_move,
            lambda session, now: settlement_months.move_months(session, settings.keys_dir, at=now),
        ),
        "sqlite": Chore(_tables_to_analyse, _analyse_tables),
        "mail": Errand(
            # Late: a mail server may take its time, and whoever publishes a calendar more of it.
            lambda session, now: waiting(session, settings, now),
            lambda database, now: send_waiting(database, settings, now),
        ),
        "external_calendars": external.CALENDARS,
    }


MEANINGS = {
    "answer_links": "links of mails to managers that are of no use any more, to forget",
    "audit_origins": "network addresses of the audit log, to forget",
    "challenges": "unanswered questions to passkeys and identity providers, to forget",
    "consent_decisions": "proposed rules that the places have decided on, to publish or refuse",
    "consent_reminders": "managers to remind of proposed rules",
    "contest_words": "words of reported errors settled a year ago, to forget",
    "decision_reminders": "coordinators to remind of errors to decide",
    "door_names": "names of phones cut off long ago, to forget",
    "erased_passes": "numbers of erased passes that have expired, to forget",
    "external_calendars": "calendars of other tools to read",
    "feeds": "calendars' addresses taken back long ago, to forget",
    "follow_up_reasons": "reasons of overrides and reviews of people now unknown, to forget",
    "guest_names": "first names of guests of more than a week ago, to forget",
    "invitations": "invitations answered, cancelled or expired long ago, to forget",
    "idempotency_keys": "keys of requests repeated within a day, to forget",
    "keys": "keys to make",
    "lapsed_bookings": "rooms held for nobody any more, to release",
    "look_ups": "look-ups by name or code, to forget",
    "mail": "mails to send",
    "months": "months to publish, or to close by themselves",
    "no_shows": "rooms to which nobody came, to release",
    "past_bookings": "bookings whose person to forget",
    "pass_news": "members to tell that their pass is ready",
    "rate_counts": "counts of tries, to forget",
    "sent_mail": "mails sent or given up long ago, to forget",
    "sessions": "sessions that ended long ago, to forget",
    "sign_in_links": "expired sign-in links, to forget",
    "sqlite": "tables whose statistics to renew",
    "team_links": "expired team links, to forget",
    "unanswered_errors": "reported errors that nobody answered in time, to accept",
    "undo_reasons": "reasons of undone check-ins of people now unknown, to forget",
    "used_proofs": "proofs of live passes used long ago, to forget",
    "visit_identities": "people behind a month's visits, to forget",
    "waiting_offers": "people who wait for what is free now",
    "waits": "people who waited for what has begun, to forget",
    "year_figures": "years whose different people to count",
}
"""What each chore counts, in an operator's words."""


def _ended_long_ago(now: datetime) -> ColumnElement[bool]:
    ended = or_(AccessToken.expires_at < now - SESSIONS_KEPT, AccessToken.revoked_at < now - SESSIONS_KEPT)
    return and_(AccessToken.account_id.is_not(None), ended)


def _missing_keys(session: Session, folder: Path) -> int:
    """A network needs a key that signs, a next one, and one for pseudonyms; before there is a network, none."""
    if session.get(Network, 1) is None:
        return 0
    promoted = set(session.scalars(select(SigningKey.promoted_at.is_not(None)).where(SigningKey.retired_at.is_(None))))
    return len({True, False} - promoted) + (not (folder / PSEUDONYM_KEY).is_file())


# SQLite chooses its plans by statistics that only ANALYZE renews. The masks: every table, and 1 for a rehearsal.
def _tables_to_analyse(session: Session, _now: datetime) -> int:
    if session.get_bind().dialect.name != "sqlite":
        return 0
    return len(session.execute(text("PRAGMA optimize(0x10003)")).all())


def _analyse_tables(session: Session, _now: datetime) -> None:
    session.execute(text("PRAGMA analysis_limit=400"))
    session.execute(text("PRAGMA optimize(0x10002)"))
