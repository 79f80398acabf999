"""The mails of privacy: that somebody is erased, the last one that they get; or that their place erased its record."""

from datetime import datetime

from sqlalchemy.orm import Session

from passapp.kernel.mail import Letter, Writer, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language

_ERASED: dict[Language, tuple[str, ...]] = {
    "fr": (
        "Vos données sont effacées",
        "Bonjour,",
        "C'est fait : votre compte, votre nom, votre adresse, vos pass et vos passages sont effacés.",
        "Les relevés gardent le nombre de passages, et personne ne peut plus dire que c'étaient les vôtres.",
        "C'est notre dernier message. Votre adresse disparaît de chez nous avec lui.",
    ),
    "en": (
        "Your data are erased",
        "Hello,",
        "It is done: your account, your name, your address, your passes and your visits are erased.",
        "Statements keep the number of visits, and nobody can tell any more that they were yours.",
        "This is our last message. Your address leaves us with it.",
    ),
}
_MEMBER_ERASED: dict[Language, tuple[str, ...]] = {
    "fr": (
        "Vos données de membre sont effacées",
        "Bonjour,",
        "Votre lieu a effacé votre fiche de membre, vos pass et vos passages.",
        "Votre compte existait avant elle : il reste le vôtre. Vous pouvez l'effacer depuis la page Mes données.",
        "Mes données",
    ),
    "en": (
        "Your data as a member are erased",
        "Hello,",
        "Your place erased your member record, your passes and your visits.",
        "Your account was there before: it stays yours. You can erase it from the page My data.",
        "My data",
    ),
}


def _data_erased(_session: Session, message: OutboxMessage, _now: datetime) -> Letter:
    language = language_named(message.payload["language"])
    to, stays = message.payload["email"], message.payload.get("account_stays", False)
    subject, *words = (_MEMBER_ERASED if stays else _ERASED)[language]
    action = (words.pop(), "/my-data") if stays else None
    return Letter(to, language, subject, tuple(words), action)


LETTERS: dict[str, Writer] = {"data_erased": _data_erased}
