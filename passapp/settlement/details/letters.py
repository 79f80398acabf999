"""The mail when where a place is paid is changed, or who writes its invoices."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.kernel.audit import Actor
from passapp.kernel.french import of
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.problems import Language
from passapp.kernel.spoken import say_day
from passapp.places.models import Place
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.letters import in_charge_of

_KIND: Final = "details_changed"
_TOLD: Final = ("iban", "self_billing_since")
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "subject_iban": "L’IBAN {of_place} a été changé",
        "subject_mandate": "Les factures {of_place} : qui les écrit a changé",
        "hello": "Bonjour {name},",
        "iban": (
            "{by} changé l’IBAN {of_place}. Il se termine maintenant par {end}. Qui paie "
            "{place} le voit dès aujourd’hui."
        ),
        "no_iban": "{by} retiré l’IBAN {of_place}. Qui paie {place} n’en voit plus.",
        "mandate": ("{by} noté que les lieux qui paient {place} écrivent ses factures, à partir du {since}."),
        "no_mandate": ("{by} noté que les lieux qui paient {place} n’écrivent plus ses factures."),
        "another": "Une autre personne que vous a",
        "own": "Vous avez",
        "not_me": (
            "Ce n’était pas vous ? Remettez le bon IBAN, et prévenez la coordination : quelqu’un utilise votre compte."
        ),
        "wrong": "Ce n’est pas juste ? Corrigez-le, et voyez avec la coordination : le journal dit qui l’a changé.",
        "see": "Voir et corriger",
    },
    "en": {
        "subject_iban": "The IBAN of {place} was changed",
        "subject_mandate": "The invoices of {place}: who writes them has changed",
        "hello": "Hello {name},",
        "iban": ("{by} changed the IBAN of {place}. It ends in {end} now. Whoever pays {place} sees it from today on."),
        "no_iban": "{by} removed the IBAN of {place}. Whoever pays {place} sees none any more.",
        "mandate": ("{by} noted that the places that pay {place} write its invoices, from {since} on."),
        "no_mandate": "{by} noted that the places that pay {place} write its invoices no more.",
        "another": "Somebody else than you",
        "own": "You",
        "not_me": "Was this not you? Put the right IBAN back, and tell the coordination: somebody uses your account.",
        "wrong": "Is this wrong? Put it right, and ask the coordination: the log says who changed it.",
        "see": "See and put right",
    },
}


def tell_of_change(
    session: Session, row: SettlementDetails, changed: Collection[str], *, at: datetime, actor: Actor
) -> None:
    """Tell the place's managers, or the accountants of one that has none; other fields: nobody.

    Who did it hears of the IBAN alone, in case it was somebody with their session. Of the IBAN its last digits: a mail
    is read by others, and forwarded.
    """
    told = [name for name in _TOLD if name in changed]
    if not told:
        return
    said = {
        "place_id": str(row.place_id),
        "changed": told,
        "end": row.iban[-4:] if row.iban else "",
        "since": row.self_billing_since.isoformat() if row.self_billing_since else "",
    }
    for account_id in in_charge_of(session, row.place_id):
        own = account_id == actor.id
        if own and "iban" not in told:
            continue
        key = f"{_KIND}:{row.place_id}:{row.version}:{account_id}"
        enqueue(session, at, _KIND, key, account_id, **said | {"changed": ["iban"] if own else told, "own": own})


def _details_changed(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    account, said = session.get(Account, message.recipient_id), message.payload
    if account is None:
        return None
    language = language_named(account.locale)
    words, own = _WORDS[language], said.get("own", False)
    place = session.get_one(Place, UUID(said["place_id"])).name
    values = {
        "name": first_name(account.name),
        "place": place,
        "of_place": of(place),
        "by": words["own" if own else "another"],
        "end": said["end"],
        "since": say_day(date.fromisoformat(said["since"]), language) if said["since"] else "",
    }
    names = ["subject_iban" if "iban" in said["changed"] else "subject_mandate", "hello"]
    if "iban" in said["changed"]:
        names.append("iban" if said["end"] else "no_iban")
    if "self_billing_since" in said["changed"]:
        names.append("mandate" if said["since"] else "no_mandate")
    names.append("not_me" if own else "wrong")
    subject, *paragraphs = (words[name].format(**values) for name in names)
    button = (words["see"], f"/places/{said['place_id']}/settlement")
    return Letter(account.email, language, subject, tuple(paragraphs), button)


LETTERS: dict[str, Writer] = {_KIND: _details_changed}
