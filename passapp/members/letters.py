"""The mails of members."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language

_FORMER: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "Cette adresse n'ouvre plus votre pass",
        "Bonjour {name},",
        (
            "Votre lieu a changé l'adresse mail de votre fiche de membre. Celle où vous lisez ce message n'ouvre plus "
            "votre pass."
        ),
        "Vous ne l'avez pas demandé ? Dites-le à votre lieu.",
    ),
    "en": (
        "This address no longer opens your pass",
        "Hello {name},",
        (
            "Your place changed the e-mail address of your member record. The one at which you read this no longer "
            "opens your pass."
        ),
        "You did not ask for it? Tell your place.",
    ),
}
_PRESENT: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "Cette adresse ouvre maintenant votre pass",
        "Bonjour {name},",
        (
            "Votre lieu a noté cette adresse mail sur votre fiche de membre. C'est elle qui ouvre votre pass désormais "
            ": indiquez-la, et on vous envoie de quoi entrer."
        ),
        "Vous n'êtes membre d'aucun lieu ? C'est une erreur : ne faites rien.",
        "Ouvrir",
    ),
    "en": (
        "This address now opens your pass",
        "Hello {name},",
        (
            "Your place noted this e-mail address on your member record. It opens your pass from now on: give it, and "
            "we send you a way in."
        ),
        "You are a member of no place? It is a mistake: do nothing.",
        "Open",
    ),
}


def _email_changed(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    """A member's address changed: the former one is told that it opens nothing any more, the present one that it does.

    Neither learns the other.
    """
    if "email" in message.payload:
        to, name, locale = (message.payload[field] for field in ("email", "name", "language"))
        words = [line.format(name=first_name(name)) for line in _FORMER[language_named(locale)]]
        return Letter(to, language_named(locale), words[0], tuple(words[1:]))
    account = session.get(Account, message.recipient_id)
    if account is None:
        return None
    language = language_named(account.locale)
    subject, *words, button = (line.format(name=first_name(account.name)) for line in _PRESENT[language])
    return Letter(account.email, language, subject, tuple(words), (button, "/pass"))


LETTERS: dict[str, Writer] = {"email_changed": _email_changed}
