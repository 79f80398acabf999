"""The mails of a closing: that it waits for a second person, and then what each place pays and receives, and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import Account, RoleGrant
from passapp.accounts.rules import Role
from passapp.kernel.french import of
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.problems import Language
from passapp.kernel.spoken import say_day, say_money, say_month
from passapp.network.models import Period
from passapp.network.rules import parse_month
from passapp.network.service import currency_of
from passapp.places.models import Place
from passapp.settlement.letters import people_by_place
from passapp.settlement.months.models import MonthVersion, Statement
from passapp.settlement.payments.fund import within_one_account
from passapp.settlement.payments.models import Payment
from passapp.settlement.payments.service import payments_of

_CLOSED: Final = "month_closed"
_ASKED: Final = "closing_asked"
_ASKING: Final[dict[Language, tuple[str, ...]]] = {
    "fr": (
        "{Month} : la clôture attend votre validation",
        "Bonjour {name},",
        "La clôture {of_month} est demandée. De l’argent circule : une autre personne regarde le mois et la valide.",
        "Voir et valider",
    ),
    "en": (
        "{Month}: its closing waits for you to validate it",
        "Hello {name},",
        "Somebody asks to close {Month}. As money moves, another person looks at the month and validates it.",
        "See and validate",
    ),
}
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "hello": "Bonjour {name},",
        "pays": "{Month} est clos : {pays} à payer",
        "gets": "{Month} est clos : {gets} à recevoir",
        "both": "{Month} est clos : {pays} à payer, {gets} à recevoir",
        "none": "{Month} est clos : rien à payer ni à recevoir",
        "lead": "Le relevé de {place} pour {month} ne changera plus.",
        "to_pay": "À payer au plus tard le {day} : {list}.",
        "to_get": "À recevoir au plus tard le {day} : {list}.",
        "inside": (
            "Entre lieux qui ont le même compte, il n’y a rien à virer : {list}. Une personne le note comme payé, sur "
            "le relevé."
        ),
        "carried": "Trop petit pour être payé, reporté au mois suivant : {list}.",
        "fund": "la caisse commune",
        "see": "Voir le relevé",
    },
    "en": {
        "hello": "Hello {name},",
        "pays": "{Month} is closed: {pays} to pay",
        "gets": "{Month} is closed: {gets} to receive",
        "both": "{Month} is closed: {pays} to pay, {gets} to receive",
        "none": "{Month} is closed: nothing to pay, nothing to receive",
        "lead": "The statement of {place} for {month} will not change any more.",
        "to_pay": "To pay by {day}: {list}.",
        "to_get": "To receive by {day}: {list}.",
        "inside": (
            "Between places that have the same account there is nothing to transfer: {list}. A person marks it as "
            "paid, on the statement."
        ),
        "carried": "Too small for a payment, carried to the next month: {list}.",
        "fund": "the common fund",
        "see": "See the statement",
    },
}


def tell_of_closing(session: Session, version: MonthVersion, *, at: datetime) -> None:
    """Tell the accountants of each place what it pays and receives for a month that was closed.

    Where a place that pays has none, its managers: theirs was the mail when the month was published (decision 0036).
    """
    pays = {each.debtor_id for each in payments_of(session, month=version.month) if each.state == "due"}
    people = people_by_place(session)
    stated = select(Statement.place_id).where(Statement.month == version.month, Statement.number == version.number)
    for place_id in session.scalars(stated.order_by(Statement.place_id)).all():
        told = people[place_id, Role.PLACE_ACCOUNTANT]
        if not told and place_id in pays:
            told = people[place_id, Role.MANAGER]
        for account_id in told:
            key = f"{_CLOSED}:{version.month}:{place_id}:{account_id}"
            enqueue(session, at, _CLOSED, key, account_id, place_id=str(place_id), month=version.month)


def tell_of_asking(session: Session, month: str, *, by: UUID, at: datetime) -> None:
    """Tell who may validate the closing of a month, but for whoever asks for it; each time that it is asked."""
    may = select(RoleGrant.account_id).where(RoleGrant.role.in_((Role.COORDINATOR, Role.NETWORK_ACCOUNTANT)))
    for account_id in session.scalars(may.where(RoleGrant.account_id != by).distinct().order_by(RoleGrant.account_id)):
        key = f"{_ASKED}:{month}:{at.isoformat()}:{account_id}"
        enqueue(session, at, _ASKED, key, account_id, month=month, at=at.isoformat())


def _closing_asked(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    """Nothing once it is validated, or taken back, even if it is asked again: that is told by another."""
    account, month = session.get(Account, message.recipient_id), message.payload["month"]
    period = session.get(Period, month)
    if account is None or period is None or period.closing_asked_at is None or period.closed_at is not None:
        return None
    if period.closing_asked_at != datetime.fromisoformat(message.payload["at"]):
        return None
    language = language_named(account.locale)
    said = say_month(parse_month(month), language)
    values = {"name": first_name(account.name), "of_month": of(said), "Month": said[0].upper() + said[1:]}
    subject, *paragraphs = (words.format(**values) for words in _ASKING[language][:-1])
    button = (_ASKING[language][-1], f"/months/{month}/closing")
    return Letter(account.email, language, subject, tuple(paragraphs), button)


def _month_closed(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    account = session.get(Account, message.recipient_id)
    place, month = session.get(Place, UUID(message.payload["place_id"])), message.payload["month"]
    if account is None or place is None:
        return None
    language = language_named(account.locale)
    words, payments = _WORDS[language], payments_of(session, month=month, place=place)
    names = {each.id: each.name for each in session.scalars(select(Place))}

    currency = currency_of(session)

    def say(cents: int) -> str:
        return say_money(cents, language, currency)

    def listed(chosen: Sequence[Payment]) -> str:
        """« Le Moulin (18 €), la caisse commune (2 €) »."""
        said = []
        for each in chosen:
            other = each.creditor_id if each.debtor_id == place.id else each.debtor_id
            said.append(f"{names[other] if other else words['fund']} ({say(each.amount_cents)})")
        return ", ".join(said)

    due = [each for each in payments if each.state == "due"]
    same_account = within_one_account(session, due)
    inside = [each for each in due if each.id in same_account]
    made = [each for each in due if each.id not in same_account]
    pays = [each for each in made if each.debtor_id == place.id]
    gets = [each for each in made if each.debtor_id != place.id]
    carried = [each for each in payments if each.state == "carried"]
    spoken = say_month(parse_month(month), language)
    values = {
        "name": first_name(account.name),
        "month": spoken,
        "Month": spoken[0].upper() + spoken[1:],
        "place": place.name,
        "pays": say(sum(each.amount_cents for each in pays)),
        "gets": say(sum(each.amount_cents for each in gets)),
        "day": say_day(made[0].due_on, language) if made else "",
    }
    lists = {"to_pay": pays, "to_get": gets, "inside": inside, "carried": carried}
    kind = {(True, True): "both", (True, False): "pays", (False, True): "gets", (False, False): "none"}
    paragraphs = [words[name].format(**values) for name in ("hello", "lead")]
    paragraphs += [words[name].format(**values, list=listed(chosen)) for name, chosen in lists.items() if chosen]
    subject = words[kind[bool(pays), bool(gets)]].format(**values)
    button = (words["see"], f"/places/{place.id}/statements/{month}")
    return Letter(account.email, language, subject, tuple(paragraphs), button)


LETTERS: dict[str, Writer] = {_CLOSED: _month_closed, _ASKED: _closing_asked}
