"""The mails of passes."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.kernel.mail import Letter, Writer, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language
from passapp.members.models import Member
from passapp.members.paying import paying_at
from passapp.passes.models import IssuedPass

_WORDS: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "{name}, votre pass est prêt",
        "Bonjour {name},",
        "Votre pass est prêt. Montrez-le à l'accueil, {shown}.",
        (
            "La première fois, indiquez cette adresse mail : on vous envoie de quoi entrer. Ensuite il reste sur votre "
            "téléphone et marche sans réseau."
        ),
        "Ouvrir",
    ),
    "en": (
        "{name}, your pass is ready",
        "Hello {name},",
        "Your pass is ready. Show it at the door, {shown}.",
        (
            "The first time, give this e-mail address: we send you a way in. After that it stays on your phone and "
            "works without a network."
        ),
        "Open",
    ),
}

_SHOWN: Final[dict[Language, tuple[str, str]]] = {
    "fr": ("sur votre téléphone", "sur votre téléphone ou imprimé"),
    "en": ("on your phone", "on your phone or printed"),
}
"""How: without a card, and with one."""

_MOVED: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "Votre pass est passé sur un autre appareil",
        "Bonjour {name},",
        "Votre pass est maintenant sur un autre appareil : {device}. Sur l'ancien, il ne marche plus.",
        (
            "Ce n'était pas vous ? Ouvrez votre pass et choisissez « Utiliser ce téléphone ». Fermez ensuite les "
            "autres connexions dans « Mon compte », et dites-le à votre lieu."
        ),
        "Ouvrir mon pass",
    ),
    "en": (
        "Your pass moved to another device",
        "Hello {name},",
        "Your pass is now on another device: {device}. On the old one it no longer works.",
        (
            "It was not you? Open your pass and choose “Use this phone”. Then end the other sessions in “My account”, "
            "and tell your place."
        ),
        "Open my pass",
    ),
}
_SOME_DEVICE: Final[dict[Language, str]] = {"fr": "appareil inconnu", "en": "unknown device"}


def _pass_ready(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """The member's pass is there: a card, or the one that their phone makes. Nothing where neither opens any more."""
    account = session.get(Account, message.recipient_id)
    member = session.scalar(select(Member).where(Member.account_id == message.recipient_id))
    if account is None or member is None:
        return None
    has_card = "pass_id" in message.payload
    issued = session.get(IssuedPass, UUID(message.payload["pass_id"])) if has_card else None
    if has_card and (issued is None or issued.revoked_at is not None or issued.expires_at <= now):
        return None
    if not has_card and (member.is_suspended or paying_at(member, now) is None):
        return None
    language = language_named(account.locale)
    said = {"name": member.given_name, "shown": _SHOWN[language][has_card]}
    subject, hello, lead, first_time, button = (words.format_map(said) for words in _WORDS[language])
    return Letter(account.email, language, subject, (hello, lead, first_time), (button, "/pass"))


def _pass_moved(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    """The member's live pass went to another device: if it was not they who did it, they must know."""
    account = session.get(Account, message.recipient_id)
    issued = session.get(IssuedPass, UUID(message.payload["pass_id"]))
    if account is None or issued is None:
        return None
    language = language_named(account.locale)
    said = {"name": issued.member.given_name, "device": issued.device_name or _SOME_DEVICE[language]}
    subject, hello, lead, not_you, button = (words.format_map(said) for words in _MOVED[language])
    return Letter(account.email, language, subject, (hello, lead, not_you), (button, "/pass"))


LETTERS: dict[str, Writer] = {"pass_ready": _pass_ready, "pass_moved": _pass_moved}
