"""A trial mail: whether the mail server takes what we send, before anybody waits for a mail."""

from datetime import datetime
from typing import Final, Literal

from passapp.kernel.carrier import carrier
from passapp.kernel.ids import new_secret
from passapp.kernel.mail import Letter, Sender, compose
from passapp.kernel.problems import Language
from passapp.kernel.settings import Settings
from passapp.kernel.smtp import NotSent, Trouble

Outcome = Literal["sent", "no_server"] | Trouble

_WORDS: Final[dict[Language, tuple[str, str, str]]] = {
    "fr": ("Ça marche : un mail d'essai", "Bonjour,", "Si vous lisez ce message, votre réseau envoie bien ses mails."),
    "en": ("It works: a trial mail", "Hello,", "If you read this, your network sends its mails."),
}


def send_trial_mail(settings: Settings, to: str, language: Language, network: str, *, at: datetime) -> Outcome:
    """Send a trial mail to a canonical address, now, and say what came of it.

    It takes as long as the mail server does: never call it within a transaction.
    """
    subject, *paragraphs = _WORDS[language]
    letter = Letter(to, language, subject, tuple(paragraphs))
    way = carrier(settings)
    if way is None:
        return "no_server"
    mail = compose(letter, Sender.of(settings, network), f"trial_mail:{new_secret()}", at)
    try:
        with way as carries:
            carries.carry(mail)
    except NotSent as error:
        return error.trouble
    return "sent"
