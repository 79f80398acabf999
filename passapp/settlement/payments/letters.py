"""Mails of payments: one failed, and is owed again; another place holds the common fund, and is to get its money."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.kernel.audit import Actor
from passapp.kernel.french import at as at_place
from passapp.kernel.french import of
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.problems import Language
from passapp.kernel.spoken import say_money, say_month
from passapp.network.rules import parse_month
from passapp.network.service import currency_of
from passapp.places.models import Place
from passapp.settlement.letters import in_charge_of
from passapp.settlement.payments.fund import HandOver, holder_of
from passapp.settlement.payments.models import Payment
from passapp.settlement.payments.service import owed_again_in

_KIND: Final = "payment_failed"
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "subject": "{Month} : le virement {of_debtor} {at_creditor} n’a pas abouti",
        "hello": "Bonjour {name},",
        "failed": "Le virement de {amount} {of_debtor} {at_creditor}, pour {month}, n’a pas abouti.",
        "next": (
            "Cette somme reste due. Elle s’ajoute au relevé {of_next}, sauf si elle est payée avant la clôture de ce "
            "mois. Le virement peut être refait tout de suite : notez-le alors comme payé."
        ),
        "moved": "Cette somme reste due : elle fait maintenant partie du relevé {of_next}, et se paie avec lui.",
        "fund": "la caisse commune",
        "see": "Voir les paiements",
    },
    "en": {
        "subject": "{Month}: the payment from {debtor} to {creditor} failed",
        "hello": "Hello {name},",
        "failed": "The payment of {amount} from {debtor} to {creditor}, for {month}, did not go through.",
        "next": (
            "It is still owed. It is added to the statement of {next}, unless it is paid before that month is closed. "
            "It may be paid again right away: mark it as paid then."
        ),
        "moved": "It is still owed: it is part of the statement of {next} now, and is paid with it.",
        "fund": "the common fund",
        "see": "See the payments",
    },
}


_HAND_OVER: Final = "fund_handed_over"
_HANDING: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "Caisse commune : {amount} à virer {of_giver} {at_taker}",
        "Bonjour {name},",
        "L’argent de la caisse commune change de compte. {giver} vire {amount} {at_taker}.",
        (
            "Passapp ne fait pas ce virement et ne le suit pas : c’est à vous, entre les deux lieux. Les paiements de "
            "la caisse vont désormais au nouveau compte, et en partent."
        ),
        "Voir la caisse commune",
    ),
    "en": (
        "Common fund: {amount} to transfer from {giver} to {taker}",
        "Hello {name},",
        "The money of the common fund moves to another account. {giver} transfers {amount} to {taker}.",
        (
            "Passapp neither makes this transfer nor follows it: it is up to the two places. From now on, payments to "
            "the fund go to the new account, and its own leave from there."
        ),
        "See the common fund",
    ),
}


def tell_of_hand_over(session: Session, handed: HandOver, *, at: datetime) -> None:
    """Tell the managers of both places, or the accountants of one that has none, what is to be transferred."""
    told: dict[UUID, None] = {}
    for place in (handed.giver, handed.taker):
        told |= dict.fromkeys(in_charge_of(session, place.id))
    said = {"giver_id": str(handed.giver.id), "taker_id": str(handed.taker.id), "cents": str(handed.cents)}
    for account_id in told:
        enqueue(session, at, _HAND_OVER, f"{_HAND_OVER}:{at.isoformat()}:{account_id}", account_id, **said)


def _fund_handed_over(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    account = session.get(Account, message.recipient_id)
    if account is None:
        return None
    language, said = language_named(account.locale), message.payload
    giver, taker = (session.get_one(Place, UUID(said[side])).name for side in ("giver_id", "taker_id"))
    values = {
        "name": first_name(account.name),
        "amount": say_money(int(said["cents"]), language, currency_of(session)),
        "giver": giver,
        "taker": taker,
        "of_giver": of(giver),
        "at_taker": at_place(taker),
    }
    subject, *paragraphs, see = (words.format(**values) for words in _HANDING[language])
    return Letter(account.email, language, subject, tuple(paragraphs), (see, "/fund"))


def tell_of_failure(session: Session, payment: Payment, *, at: datetime, actor: Actor) -> None:
    """Tell the place that was to pay and the one that was to receive, once each time it fails.

    Their managers, or the accountants of one that has none; not who wrote it down. For the common fund: the place that
    holds its money.
    """
    holder = holder_of(session)
    told: dict[UUID, UUID] = {}
    for place_id in (each or (holder.id if holder else None) for each in (payment.debtor_id, payment.creditor_id)):
        if place_id is not None:
            told = dict.fromkeys(in_charge_of(session, place_id), place_id) | told
    for account_id, place_id in told.items():
        if account_id != actor.id:
            key = f"{_KIND}:{payment.id}:{payment.version}:{account_id}"
            enqueue(session, at, _KIND, key, account_id, payment_id=str(payment.id), place_id=str(place_id))


def _payment_failed(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    """Nothing once it is paid all the same, or was marked so by mistake."""
    account = session.get(Account, message.recipient_id)
    payment = session.get(Payment, UUID(message.payload["payment_id"]))
    if account is None or payment is None or payment.state != "failed":
        return None
    language = language_named(account.locale)
    words = _WORDS[language]
    debtor, creditor = (
        session.get_one(Place, place_id).name if place_id else words["fund"]
        for place_id in (payment.debtor_id, payment.creditor_id)
    )
    month, following = (
        say_month(parse_month(each), language) for each in (payment.month, owed_again_in(session, payment))
    )
    values = {
        "name": first_name(account.name),
        "amount": say_money(payment.amount_cents, language, currency_of(session)),
        "debtor": debtor,
        "creditor": creditor,
        "of_debtor": of(debtor),
        "at_creditor": at_place(creditor),
        "month": month,
        "Month": month[0].upper() + month[1:],
        "next": following,
        "of_next": of(following),
    }
    names = ("subject", "hello", "failed", "moved" if payment.opened_in else "next")
    subject, *paragraphs = (words[name].format(**values) for name in names)
    button = (words["see"], f"/places/{message.payload['place_id']}/payments")
    return Letter(account.email, language, subject, tuple(paragraphs), button)


LETTERS: dict[str, Writer] = {_KIND: _payment_failed, _HAND_OVER: _fund_handed_over}
