"""The mail of privacy: the last one that somebody gets."""

from datetime import datetime

from sqlalchemy.orm import Session

from passapp.kernel.mail import Letter, Writer
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


def _data_erased(_session: Session, message: OutboxMessage, _now: datetime) -> Letter:
    language: Language = "en" if message.payload["language"] == "en" else "fr"
    subject, *paragraphs = _ERASED[language]
    return Letter(message.payload["email"], language, subject, tuple(paragraphs))


LETTERS: dict[str, Writer] = {"data_erased": _data_erased}
