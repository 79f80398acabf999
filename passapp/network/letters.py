"""The mails of the network: rules proposed to the places, and what became of them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language
from passapp.kernel.spoken import say_day
from passapp.network.drafts import last_day_of, silent_places
from passapp.network.models import ConventionDraft
from passapp.network.service import conventions, get_network

_HELLO: Final[dict[Language, str]] = {"fr": "Bonjour {name},", "en": "Hello {name},"}
_ASKED: Final[dict[str, dict[Language, tuple[str, str]]]] = {
    "convention_proposed": {
        "fr": (
            "Nouvelles règles du réseau : votre accord jusqu'au {until}",
            "De nouvelles règles sont proposées pour {network}, à partir du {day}. La page les explique en clair.",
        ),
        "en": (
            "New rules of the network: your answer by {until}",
            "New rules are proposed for {network}, from {day} on. The page explains them in plain words.",
        ),
    },
    "convention_reminder": {
        "fr": (
            "Votre accord manque encore : règles du réseau, jusqu'au {until}",
            "Votre lieu n'a pas encore répondu aux nouvelles règles proposées pour {network}, à partir du {day}.",
        ),
        "en": (
            "Your answer is still missing: rules of the network, by {until}",
            "Your place has not answered yet to the new rules proposed for {network}, from {day} on.",
        ),
    },
}
_SILENCE: Final[dict[Language, dict[bool, str]]] = {
    "fr": {
        True: "Vous êtes d'accord ? Rien à faire : sans réponse jusqu'au {until} inclus, c'est oui.",
        False: "Répondez jusqu'au {until} inclus : sans réponse, ce n'est pas un oui.",
    },
    "en": {
        True: "You agree? Nothing to do: without an answer by the end of {until}, it is a yes.",
        False: "Answer by the end of {until}: no answer is no yes.",
    },
}
_LOOK: Final[dict[Language, str]] = {"fr": "Voir et répondre", "en": "See and answer"}
_DECIDED: Final[dict[str, dict[Language, tuple[str, str]]]] = {
    "published": {
        "fr": (
            "Règles du réseau : c'est d'accord",
            "Les nouvelles règles de {network} sont adoptées. Elles valent pour les passages à partir du {day}.",
        ),
        "en": (
            "Rules of the network: agreed",
            "The new rules of {network} are adopted. They hold for visits from {day} on.",
        ),
    },
    "refused": {
        "fr": (
            "Règles du réseau : rien ne change",
            "Les nouvelles règles proposées pour {network} ne sont pas adoptées. Celles d'aujourd'hui restent.",
        ),
        "en": (
            "Rules of the network: nothing changes",
            "The new rules proposed for {network} are not adopted. Those of today stay.",
        ),
    },
    "withdrawn": {
        "fr": (
            "Règles du réseau : proposition retirée",
            "La coordination a retiré les nouvelles règles proposées pour {network}. Vous n'avez rien à répondre.",
        ),
        "en": (
            "Rules of the network: proposal withdrawn",
            "The coordination has withdrawn the new rules proposed for {network}. There is nothing to answer.",
        ),
    },
}
_UNPUBLISHED: Final[dict[Language, tuple[str, str, str]]] = {
    "fr": (
        "Règles du réseau : acceptées, mais pas publiées",
        "Les nouvelles règles de {network} étaient acceptées, mais n'ont pas pu être publiées. {why}",
        "Celles d'aujourd'hui restent. La coordination peut les proposer à nouveau, à partir d'un jour plus lointain.",
    ),
    "en": (
        "Rules of the network: accepted, but not published",
        "The new rules of {network} were accepted, but could not be published. {why}",
        "Those of today stay. The coordination may propose them again, from a later day on.",
    ),
}
"""Of rules that the places accepted, and that are refused all the same."""
_WHY: Final[dict[str, dict[Language, str]]] = {
    "convention_too_late": {
        "fr": "Le {day}, où elles devaient commencer, était déjà là.",
        "en": "{day}, on which they were to begin, had come already.",
    },
    "convention_overlaps": {
        "fr": "D'autres règles, publiées entre-temps, commencent le même jour ou plus tard.",
        "en": "Other rules, published meanwhile, begin on the same day or later.",
    },
}
_NOT_VALID: Final[dict[Language, str]] = {
    "fr": "Elles ne vont plus avec ce qui a changé dans le réseau depuis.",
    "en": "They do not go with what has changed in the network since.",
}
_SEE: Final[dict[Language, str]] = {"fr": "Voir les règles", "en": "See the rules"}


_EUROS: Final[dict[Language, str]] = {
    "fr": "Le réseau passe aux euros : donnez l'IBAN de votre lieu, pour être payé. Votre page d'accueil y mène.",
    "en": "The network switches to euros: give the IBAN of your place, to be paid. Your home page leads there.",
}


def _switches_to_euros(session: Session, draft: ConventionDraft) -> bool:
    """Whether these rules move euros, and none before them did."""
    if draft.state != "published" or not draft.document.get("money") or draft.document.get("currency"):
        return False
    return not any(each.document.get("money") for each in conventions(session) if each.number != draft.number)


def _found(session: Session, message: OutboxMessage) -> tuple[Account | None, ConventionDraft | None]:
    account = session.get(Account, message.recipient_id)
    return account, session.get(ConventionDraft, UUID(message.payload["draft_id"]))


def _asked(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """To a manager of a place that is asked, while it may answer; a reminder only where it has not."""
    account, draft = _found(session, message)
    if account is None or draft is None or draft.state != "proposed" or not draft.answer_by or now > draft.answer_by:
        return None
    last_day = last_day_of(session, draft) or draft.starts_on
    theirs = select(RoleGrant.place_id).where(RoleGrant.account_id == account.id, RoleGrant.role == Role.MANAGER)
    if not set(session.scalars(theirs)) & set(silent_places(session, draft, now)):
        return None
    language, network = language_named(account.locale), get_network(session)
    values = {
        "name": first_name(account.name),
        "network": network.name,
        "day": say_day(draft.starts_on, language),
        "until": say_day(last_day, language),
    }
    subject, lead = (words.format_map(values) for words in _ASKED[message.kind][language])
    silence = _SILENCE[language][network.silence_consents].format_map(values)
    paragraphs = (_HELLO[language].format_map(values), lead, silence)
    return Letter(account.email, language, subject, paragraphs, (_LOOK[language], f"/rules/{draft.id}"))


def _decided(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    """To who was asked, and to who wrote the draft."""
    account, draft = _found(session, message)
    if account is None or draft is None or draft.state not in _DECIDED:
        return None
    language = language_named(account.locale)
    values = {
        "name": first_name(account.name),
        "network": get_network(session).name,
        "day": say_day(draft.starts_on, language),
    }
    words: tuple[str, ...] = _DECIDED[draft.state][language]
    if draft.why not in {None, "objections"}:
        words = _UNPUBLISHED[language]
        values["why"] = _WHY.get(draft.why or "", _NOT_VALID)[language].format_map(values)
    subject, *said = (each.format_map(values) for each in words)
    euros = (_EUROS[language],) if _switches_to_euros(session, draft) else ()
    paragraphs = (_HELLO[language].format_map(values), *said, *euros)
    return Letter(account.email, language, subject, paragraphs, (_SEE[language], f"/rules/{draft.id}"))


LETTERS: dict[str, Writer] = {
    "convention_decided": _decided,
    "convention_proposed": _asked,
    "convention_reminder": _asked,
}
