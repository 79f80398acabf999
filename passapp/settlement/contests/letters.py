"""The mail to the coordination on the day by which reported errors were to be decided, and are not."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.kernel.french import of
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.problems import Language
from passapp.kernel.spoken import say_month
from passapp.kernel.ticking import Chore
from passapp.network.rules import parse_month
from passapp.settlement.contests.models import Contest
from passapp.settlement.months.life import zones_of
from passapp.settlement.rules.calendar import is_over

_KIND: Final = "decisions_due"
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "hello": "Bonjour {name},",
        "subject": "{Month} : votre décision est attendue",
        "one": "Deux lieux ne sont pas d'accord sur une erreur signalée en {month}. Le mois attend votre décision.",
        "many": "{count} erreurs signalées pour {month} attendent votre décision, et le mois avec elles.",
        "button": "Voir et décider",
    },
    "en": {
        "hello": "Hello {name},",
        "subject": "{Month}: your decision is awaited",
        "one": "Two places do not agree about an error reported in {month}. The month waits for your decision.",
        "many": "{count} errors reported in {month} wait for your decision, and the month with them.",
        "button": "See and decide",
    },
}


def _waiting(session: Session, now: datetime) -> dict[str, list[date]]:
    """By month, the last days on which reported errors were to be decided, those that are not after today, in order."""
    zones = zones_of(session)
    days = session.execute(select(Contest.month, Contest.decide_by).where(Contest.state == "answered")).all()
    found: dict[str, list[date]] = {}
    for month, day in sorted((month, day) for month, day in days if is_over(day - timedelta(days=1), zones, now)):
        found.setdefault(month, []).append(day)
    return found


def _to_remind(session: Session, now: datetime) -> list[tuple[str, str, UUID]]:
    """These months, each with a coordinator who was not reminded of the last of these days yet, and that mail's key."""
    waiting = _waiting(session, now)
    if not waiting:
        return []
    reminded = set(session.scalars(select(OutboxMessage.key).where(OutboxMessage.key.startswith(f"{_KIND}:"))))
    coordination = select(RoleGrant.account_id).where(RoleGrant.role == Role.COORDINATOR)
    told = session.scalars(coordination.distinct().order_by(RoleGrant.account_id)).all()
    mails = [(f"{_KIND}:{month}:{due[-1]}:{who}", month, who) for month, due in waiting.items() for who in told]
    return [mail for mail in mails if mail[0] not in reminded]


def _remind(session: Session, now: datetime) -> None:
    for key, month, who in _to_remind(session, now):
        enqueue(session, now, _KIND, key, who, month=month)


def _decisions_due(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """Nothing once all is decided."""
    account, month = session.get(Account, message.recipient_id), message.payload["month"]
    count = len(_waiting(session, now).get(month, ()))
    if account is None or not count:
        return None
    language = language_named(account.locale)
    words, said = _WORDS[language], say_month(parse_month(month), language)
    values = {
        "name": first_name(account.name),
        "month": said,
        "of_month": of(said),
        "Month": said[0].upper() + said[1:],
        "count": count,
    }
    subject, *paragraphs = (
        words[name].format_map(values) for name in ("subject", "hello", "one" if count == 1 else "many")
    )
    button = (words["button"], f"/months/{month}/closing")
    return Letter(account.email, language, subject, tuple(paragraphs), button)


DECISION_REMINDERS: Final = Chore(lambda session, now: len(_to_remind(session, now)), _remind)
LETTERS: dict[str, Writer] = {_KIND: _decisions_due}
