"""The mails of passes."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.kernel.mail import Letter, Writer, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language
from passapp.passes.models import IssuedPass

_WORDS: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "{name}, votre pass est prêt",
        "Bonjour {name},",
        "Votre pass est prêt. Montrez-le à l'accueil, sur votre téléphone ou imprimé.",
        (
            "La première fois, indiquez cette adresse mail : on vous envoie de quoi entrer. Ensuite il reste sur votre "
            "téléphone et marche sans réseau."
        ),
        "Ouvrir",
    ),
    "en": (
        "{name}, your pass is ready",
        "Hello {name},",
        "Your pass is ready. Show it at the door, on your phone or printed.",
        (
            "The first time, give this e-mail address: we send you a way in. After that it stays on your phone and "
            "works without a network."
        ),
        "Open",
    ),
}


def _pass_ready(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """The member's pass is there; nothing of one that is not good any more."""
    account = session.get(Account, message.recipient_id)
    issued = session.get(IssuedPass, UUID(message.payload["pass_id"]))
    if account is None or issued is None or issued.revoked_at is not None or issued.expires_at <= now:
        return None
    language = language_named(account.locale)
    subject, hello, lead, first_time, button = (
        words.format(name=issued.member.given_name) for words in _WORDS[language]
    )
    return Letter(account.email, language, subject, (hello, lead, first_time), (button, "/pass"))


LETTERS: dict[str, Writer] = {"pass_ready": _pass_ready}
