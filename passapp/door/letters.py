"""The mails of the door."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.door.models import CheckIn, CheckInUndo, FollowUpReason
from passapp.door.rules import FollowUpKind
from passapp.kernel.api import local_time
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language
from passapp.kernel.spoken import say_day
from passapp.places.models import Place

_FORGOTTEN: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "Un passage ajouté à votre nom",
        "Bonjour {name},",
        "{place} a ajouté votre passage du {when}, qui n'avait pas été scanné.{why}",
        "C'était vous ? Rien à faire. Vous n'y étiez pas ? Dites-le à votre lieu.",
        "Voir mes passages",
    ),
    "en": (
        "A visit added in your name",
        "Hello {name},",
        "{place} added your visit of {when}, which had not been scanned.{why}",
        "Was it you? Nothing to do. Were you not there? Tell your place.",
        "See my visits",
    ),
}
_WHY: Final[dict[Language, str]] = {"fr": " Raison donnée : « {reason} ».", "en": " Reason given: “{reason}”."}
_WORDS: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "Un passage à votre nom, sans votre pass",
        "Bonjour {name},",
        (
            "{place} a noté votre passage le {when}. Votre pass n'a pas été scanné : on y a tapé son code court ou "
            "votre nom."
        ),
        "C'était vous ? Rien à faire. Ce n'était pas vous ? Dites-le à votre lieu : il vous fait un nouveau pass.",
        "Voir mes passages",
    ),
    "en": (
        "A visit in your name, without your pass",
        "Hello {name},",
        "{place} noted your visit on {when}. Your pass was not scanned: somebody typed its short code, or your name.",
        "Was it you? Nothing to do. Was it not? Tell your place: it makes you a new pass.",
        "See my visits",
    ),
}


def _manual_check_in(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    """Somebody came in by this member's code or name; nothing of a check-in that was taken back since."""
    account = session.get(Account, message.recipient_id)
    key = UUID(message.payload["check_in_id"])
    check_in = session.get(CheckIn, key)
    if account is None or check_in is None or session.get(CheckInUndo, key) is not None:
        return None
    place = session.get_one(Place, check_in.place_id)
    language = language_named(account.locale)
    when = _when(local_time(check_in.scanned_at, place.zone), language)
    values = {"name": first_name(account.name), "place": place.name, "when": when}
    subject, *paragraphs, button = (words.format(**values) for words in _WORDS[language])
    return Letter(account.email, language, subject, tuple(paragraphs), (button, "/pass"))


def _forgotten_visit(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    """A visit was added in this member's name, and why; nothing of one that was taken back since."""
    account = session.get(Account, message.recipient_id)
    key = UUID(message.payload["check_in_id"])
    check_in = session.get(CheckIn, key)
    if account is None or check_in is None or session.get(CheckInUndo, key) is not None:
        return None
    language = language_named(account.locale)
    given = session.get(FollowUpReason, (key, FollowUpKind.FORGOTTEN))
    values = {
        "name": first_name(account.name),
        "place": session.get_one(Place, check_in.place_id).name,
        "when": say_day(check_in.local_date, language),
        "why": _WHY[language].format(reason=given.reason) if given else "",
    }
    subject, *paragraphs, button = (words.format(**values) for words in _FORGOTTEN[language])
    return Letter(account.email, language, subject, tuple(paragraphs), (button, "/pass"))


def _when(local: datetime, language: Language) -> str:
    if language == "fr":
        return f"{say_day(local, language)} à {local.hour} h {local.minute:02}"
    return f"{say_day(local, language)} at {local.hour}:{local.minute:02}"


LETTERS: dict[str, Writer] = {"manual_check_in": _manual_check_in, "forgotten_visit": _forgotten_visit}
