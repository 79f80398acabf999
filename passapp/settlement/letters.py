"""The mails of settlement: what a place's month came to (moments.md 4), errors reported in it, and how they end."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal
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
from passapp.network.rules import parse_month
from passapp.network.service import currency_of
from passapp.places.models import Place
from passapp.settlement.contests.models import Contest
from passapp.settlement.months.models import MonthVersion, Statement
from passapp.settlement.service import Month

ContestNews = Literal["reported", "answered", "accepted", "refused", "withdrawn"]

_HELLO: Final[dict[Language, str]] = {"fr": "Bonjour {name},", "en": "Hello {name},"}
_COUNTS: Final[dict[Language, str]] = {"fr": "{Month} : {received}, {made}", "en": "{Month}: {received}, {made}"}
_COUNTED: Final[dict[Language, dict[str, tuple[str, str]]]] = {
    "fr": {"received": ("passage reçu", "passages reçus"), "made": ("fait ailleurs", "faits ailleurs")},
    "en": {"received": ("visit received", "visits received"), "made": ("made elsewhere", "made elsewhere")},
}
"""Of one, and of more: in French, none is singular too."""
_OWED: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "pays": "À ce jour, {place} doit {pays}.",
        "gets": "À ce jour, {place} doit recevoir {gets}.",
        "both": "À ce jour, {place} doit {pays} et doit recevoir {gets}.",
        "none": "À ce jour, {place} n'a rien à payer ni à recevoir.",
        "counts": "Le réseau compte les passages : il n'y a rien à payer.",
    },
    "en": {
        "pays": "As it stands, {place} owes {pays}.",
        "gets": "As it stands, {place} is owed {gets}.",
        "both": "As it stands, {place} owes {pays} and is owed {gets}.",
        "none": "As it stands, {place} owes nothing and is owed nothing.",
        "counts": "The network counts visits: there is nothing to pay.",
    },
}
_LOOK: Final[dict[Language, tuple[str, str]]] = {
    "fr": ("Tout est juste ? Rien à faire. Une erreur ? Signalez-la jusqu’au {until}.", "Voir le relevé"),
    "en": ("All is right? Nothing to do. An error? Report it by {until}.", "See the statement"),
}
_CONTEST: Final[dict[Language, dict[ContestNews, tuple[str, str]]]] = {
    "fr": {
        "reported": (
            "Une erreur est signalée : {month}, {home} et {host}",
            (
                "{who} signale une erreur dans les {things} {of_month} entre {home} et {host}. Sans réponse de votre "
                "part au plus tard le {until}, {taken_out}."
            ),
        ),
        "answered": (
            "À décider : une erreur signalée, {month}",
            "{home} et {host} ne sont pas d'accord sur des {things} {of_month}. À décider au plus tard le {decide}.",
        ),
        "accepted": (
            "Erreur corrigée : {month}, {home} et {host}",
            "L'erreur signalée par {who} est reconnue : {out}.",
        ),
        "refused": (
            "Rien ne change : {month}, {home} et {host}",
            "L'erreur signalée par {who} n'est pas retenue : ces {things} {of_month} comptent.",
        ),
        "withdrawn": (
            "Rien à répondre : {month}, {home} et {host}",
            "{who} ne signale plus d'erreur dans les {things} {of_month}.",
        ),
    },
    "en": {
        "reported": (
            "An error is reported: {month}, {home} and {host}",
            (
                "{who} reports an error in the {things} of {month} between {home} and {host}. Without an answer from "
                "you by {until}, {taken_out}."
            ),
        ),
        "answered": (
            "To decide: a reported error, {month}",
            "{home} and {host} do not agree about {things} of {month}. To be decided by {decide}.",
        ),
        "accepted": (
            "Error corrected: {month}, {home} and {host}",
            "The error that {who} reported is accepted: {out}.",
        ),
        "refused": (
            "Nothing changes: {month}, {home} and {host}",
            "The error that {who} reported is not accepted: these {things} of {month} count.",
        ),
        "withdrawn": (
            "Nothing to answer: {month}, {home} and {host}",
            "{who} reports no error in the {things} of {month} any more.",
        ),
    },
}
_THINGS: Final[dict[Language, dict[str, str]]] = {
    "fr": {"visits": "passages", "bookings": "réservations"},
    "en": {"visits": "visits", "bookings": "bookings"},
}
_TAKEN_OUT: Final[dict[Language, dict[str, tuple[str, str]]]] = {
    "fr": {
        "visits": ("ces passages sont retirés", "ces passages {of_month} ne comptent plus"),
        "bookings": ("ces réservations sont retirées", "ces réservations {of_month} ne comptent plus"),
        "amount": ("le montant de la réservation est corrigé", "le montant de la réservation est corrigé"),
    },
    "en": {
        "visits": ("these visits are taken out", "these visits of {month} count no more"),
        "bookings": ("these bookings are taken out", "these bookings of {month} count no more"),
        "amount": ("the amount of the booking is corrected", "the amount of the booking is corrected"),
    },
}
"""What becomes of it, and what has."""
_SEE: Final[dict[Language, str]] = {"fr": "Voir", "en": "Look at it"}


def tell_of_statements(session: Session, version: MonthVersion, month: Month, *, until: date, at: datetime) -> None:
    """Tell the managers of each place what its month came to, the accountants where it has no manager.

    It is a manager's mail of the month; at the closing it is the accountants' turn (decision 0036).
    """
    received, made, pays, gets = (Counter[str]() for _ in range(4))
    for pair in month.settlement.pairs:
        received[pair.host] += pair.visits
        made[pair.home] += pair.visits
    for transfer in month.settlement.transfers:
        pays[transfer.debtor] += transfer.amount_cents
        gets[transfer.creditor] += transfer.amount_cents
    codes = {place.id: place.code for place in month.places.values()}
    has_money, people = month.has_money, people_by_place(session)
    stated = select(Statement.place_id).where(Statement.month == version.month, Statement.number == version.number)
    for place_id in session.scalars(stated.order_by(Statement.place_id)).all():
        code = codes[place_id]
        said = {"received": received[code], "made": made[code], "pays": pays[code], "gets": gets[code]}
        for account_id in people[place_id, Role.MANAGER] or people[place_id, Role.PLACE_ACCOUNTANT]:
            key = f"statement_ready:{version.month}:{place_id}:{account_id}"
            payload = said | {"money": has_money, "until": until.isoformat()}
            enqueue(
                session, at, "statement_ready", key, account_id, place_id=str(place_id), month=version.month, **payload
            )


def tell_of_contest(session: Session, contest: Contest, news: ContestNews, *, at: datetime) -> None:
    """Tell whom it concerns: the place that is asked, the coordination that decides, or both places how it ended."""
    if news == "answered":
        role = select(RoleGrant.account_id).where(RoleGrant.role == Role.COORDINATOR).order_by(RoleGrant.account_id)
        told: Sequence[UUID] = session.scalars(role).all()
    elif news in {"reported", "withdrawn"}:
        told = people_of(session, contest.other_id)
    else:
        told = sorted({*people_of(session, contest.home_id), *people_of(session, contest.host_id)})
    for account_id in told:
        key = f"contest_{news}:{contest.id}:{account_id}"
        enqueue(session, at, f"contest_{news}", key, account_id, contest_id=str(contest.id))


def people_of(session: Session, place_id: UUID, *roles: Literal[Role.MANAGER, Role.PLACE_ACCOUNTANT]) -> Sequence[UUID]:
    """Who looks after a place's settlement: its managers and its accountants, or those of these ``roles`` alone."""
    roles = roles or (Role.MANAGER, Role.PLACE_ACCOUNTANT)
    query = select(RoleGrant.account_id).where(RoleGrant.role.in_(roles), RoleGrant.place_id == place_id)
    return session.scalars(query.distinct().order_by(RoleGrant.account_id)).all()


def in_charge_of(session: Session, place_id: UUID) -> Sequence[UUID]:
    """Whom something that happened to a place is told: its managers, or the accountants of one that has none."""
    return people_of(session, place_id, Role.MANAGER) or people_of(session, place_id, Role.PLACE_ACCOUNTANT)


def people_by_place(session: Session) -> defaultdict[tuple[UUID | None, str], list[UUID]]:
    """The managers and the accountants of all places, by place and role: for what is said to each of a thousand."""
    roles = RoleGrant.role.in_((Role.MANAGER, Role.PLACE_ACCOUNTANT))
    query = select(RoleGrant.place_id, RoleGrant.role, RoleGrant.account_id).where(roles).distinct()
    found: defaultdict[tuple[UUID | None, str], list[UUID]] = defaultdict(list)
    for place_id, role, account_id in session.execute(query.order_by(RoleGrant.account_id)):
        found[place_id, role].append(account_id)
    return found


def _statement_ready(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
    account = session.get(Account, message.recipient_id)
    said = message.payload
    place = session.get(Place, UUID(said["place_id"]))
    if account is None or place is None:
        return None
    language = language_named(account.locale)
    month, currency = say_month(parse_month(said["month"]), language), currency_of(session)
    values = {
        "name": first_name(account.name),
        "place": place.name,
        "Month": month[0].upper() + month[1:],
        **{name: _count(said[name], *words, language) for name, words in _COUNTED[language].items()},
        "pays": say_money(said["pays"], language, currency),
        "gets": say_money(said["gets"], language, currency),
        "until": say_day(date.fromisoformat(said["until"]), language),
    }
    owed = {(True, True): "both", (True, False): "pays", (False, True): "gets", (False, False): "none"}
    kind = owed[said["pays"] > 0, said["gets"] > 0] if said["money"] else "counts"
    subject = _COUNTS[language]
    look, button = _LOOK[language]
    words = (_HELLO[language], f"{subject}.", _OWED[language][kind], look)
    path = f"/places/{place.id}/statements/{said['month']}"
    paragraphs = tuple(each.format(**values) for each in words)
    return Letter(account.email, language, subject.format(**values), paragraphs, (button, path))


def _count(number: int, one: str, more: str, language: Language) -> str:
    is_one = number == 1 or (language == "fr" and number == 0)
    return f"{number} {one if is_one else more}"


def _contest(news: ContestNews) -> Writer:
    def write(session: Session, message: OutboxMessage, _now: datetime) -> Letter | None:
        account = session.get(Account, message.recipient_id)
        contest = session.get(Contest, UUID(message.payload["contest_id"]))
        if account is None or contest is None:
            return None
        language = language_named(account.locale)
        home, host, who = (
            session.get_one(Place, key).name for key in (contest.home_id, contest.host_id, contest.place_id)
        )
        month, about = say_month(parse_month(contest.month), language), contest.about
        what = about if contest.owed_cents is None else "amount"
        values = {
            "name": first_name(account.name),
            "things": _THINGS[language][about],
            "taken_out": _TAKEN_OUT[language][what][0],
            "out": _TAKEN_OUT[language][what][1].format(month=month, of_month=of(month)),
            "month": month,
            "of_month": of(month),
            "home": home,
            "host": host,
            "who": who,
            "until": say_day(contest.answer_by, language),
            "decide": say_day(contest.decide_by, language),
        }
        subject, words = (each.format(**values) for each in _CONTEST[language][news])
        hello = _HELLO[language].format(**values)
        path = f"/months/{contest.month}/errors/{contest.id}"
        return Letter(account.email, language, subject, (hello, words), (_SEE[language], path))

    return write


LETTERS: dict[str, Writer] = {
    "statement_ready": _statement_ready,
    **{f"contest_{news}": _contest(news) for news in ("reported", "answered", "accepted", "refused", "withdrawn")},
}
