"""The mails of bookings: to whom one is for, and to the managers who are asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.bookings.answers import asked_together, make_answer_link
from passapp.bookings.calendars.external import was_read_before
from passapp.bookings.calendars.feeds import is_followed
from passapp.bookings.calendars.invitations import Invitation
from passapp.bookings.letter_words import MORE, WORDS
from passapp.bookings.models import Booking, BookingState
from passapp.bookings.policies import policy_from, policy_of_booking, read_policies
from passapp.bookings.rules import Payer, cancellation_terms, free_until
from passapp.bookings.shown import booked_for
from passapp.bookings.telling import told_of
from passapp.kernel.api import local_time
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language
from passapp.kernel.spoken import say_day, say_money, say_span, say_time
from passapp.places.models import Place

MOST_DATES: Final = 12
"""Of a series, that a mail names."""


def _to_member(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """What became of a booking, or of dates of a series; nothing of what has changed since: another mail says so."""
    found = _found(session, message)
    if found is None:
        return None
    account, told = found
    booking, is_whole = told[0], _is_of_series(message)
    if message.payload.get("was") == told_of(booking):  # it was put back
        return None
    language = language_named(account.locale)
    more, values = MORE[language], _values(session, booking, language, account, now)
    values["dates"] = more["date"] if len(told) == 1 else more["dates"].format(count=len(told))
    values["former"] = more["former"].format_map({"room": booking.resource.name, "place": booking.place.name})
    subject, lead = (text.format_map(values) for text in WORDS[language][message.kind])
    paragraphs = [more["hello"].format_map(values), lead]
    if is_whole:
        paragraphs += [] if message.kind.startswith("series") else [more["answered_all"]]
        paragraphs += _still_ahead(session, booking, language, now)
    if BookingState(booking.state).takes_room:
        paragraphs.append(_price(told, language))
        free = _each_free_until(session, told, language) if is_whole else _free_until(session, booking, language, now)
        paragraphs += free
    elif fee := sum(each.fee for each in told):
        paragraphs.append(more["fee"].format(fee=say_money(fee, language)))
    if booking.state == BookingState.BOOKED and booking.ends_at > now:
        known = {"access": booking.resource.access, "contact": booking.resource.contact}
        paragraphs += [more[name].format_map({name: text}) for name, text in known.items() if text]
    elif booking.reason and message.kind not in {"booking_cancelled", "series_cancelled"}:
        paragraphs.append(more["reason"].format_map(values))
    if BookingState(booking.state).takes_room and is_followed(session, booking.member_id):
        paragraphs.append(more["follows"])
    link = more["mine"], "/bookings"
    if message.kind == "booking_cancelled_by_place" and booking.starts_at > now:
        said = message.payload.get("rehoused")  # of a closure
        paragraphs += [] if said is None else [more["rehoused" if said else "not_rehoused"]]
        link = link if said else (more["look"], _search(booking))
    calendar = Invitation(session, booking, account.email, language, is_whole=is_whole)
    return Letter(account.email, language, subject, tuple(paragraphs), link, calendar)


def _to_manager(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """A request, with a link made as it leaves; nothing once it was answered, changed, or has lapsed."""
    found = _found(session, message)
    if found is None:
        return None
    account, (booking, *_) = found
    if booking.state != BookingState.REQUESTED or booking.answer_by is None or booking.answer_by <= now:
        return None
    language = language_named(account.locale)
    more, values = MORE[language], _values(session, booking, language, account, now)
    who = booked_for(session, booking)
    if who is not None:
        name = f"{who.given_name} {who.initial}."
        values["who"] = more["of"].format_map({"name": name, "home": who.home}) if who.home else name
    subject, lead = (text.format_map(values) for text in WORDS[language][message.kind])
    secret = make_answer_link(session, booking, account.id)
    count = len(asked_together(session, booking, now=now))
    together = [more["answer_all"].format(count=count)] if count > 1 else []
    unread = [] if was_read_before(session, booking) else [more["unread"]]
    paragraphs = (more["hello"].format_map(values), lead, *unread, *together, more["once"])
    return Letter(account.email, language, subject, paragraphs, (more["answer"], f"/answer#{secret}"))


def _offer(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """What is kept for somebody, to confirm; nothing once they did, or it is kept no longer."""
    found = _found(session, message)
    if found is None:
        return None
    account, (booking, *_) = found
    if booking.expires_at is None or booking.expires_at <= now:
        return None
    language = language_named(account.locale)
    more, values = MORE[language], _values(session, booking, language, account, now)
    values["until"] = _when(local_time(booking.expires_at, booking.zone), language)
    former = session.get(Booking, UUID(message.payload["instead_of"])) if "instead_of" in message.payload else None
    if former is not None:
        values["former"] = more["former"].format_map({"room": former.resource.name, "place": former.place.name})
    subject, lead = (text.format_map(values) for text in WORDS[language][message.kind])
    paragraphs = (more["hello"].format_map(values), lead, _price([booking], language))
    return Letter(account.email, language, subject, paragraphs, (more["take"], f"/bookings/{booking.id}"))


def _is_of_series(message: OutboxMessage) -> bool:
    """Whether one mail tells what became of many dates."""
    return message.kind.startswith("series_") or bool(message.payload.get("together"))


def _found(session: Session, message: OutboxMessage) -> tuple[Account, Sequence[Booking]] | None:
    """Whom it is for, and what it is about: a booking, or all dates that changed at once, as they were left then."""
    account = session.get(Account, message.recipient_id)
    booking = session.get(Booking, UUID(message.payload["booking_id"]))
    if account is None or booking is None:
        return None
    if not _is_of_series(message):
        return (account, [booking]) if booking.sequence == message.payload["sequence"] else None
    stands = not any(word in message.kind for word in ("cancelled", "rejected"))
    told = [
        each
        for each in _dates(session, booking)
        if each.changed_at == message.created_at and BookingState(each.state).takes_room == stands
    ]
    return (account, told) if told else None


def _dates(session: Session, booking: Booking) -> Sequence[Booking]:
    theirs = select(Booking).where(Booking.series_id == booking.series_id)
    return session.scalars(theirs.order_by(Booking.starts_at, Booking.id)).all()


def _still_ahead(session: Session, booking: Booking, language: Language, now: datetime) -> list[str]:
    """The dates of a series that are to come."""
    rows = _dates(session, booking)
    ahead = [row for row in rows if BookingState(row.state).takes_room and row.starts_at > now]
    if not ahead:
        return []
    more, others = MORE[language], len(ahead) - MOST_DATES
    dates = " ; ".join(say_span(row.local_start, row.local_end, language) for row in ahead[:MOST_DATES])
    dates = dates if others <= 0 else more["and_more"].format(dates=dates, count=others)
    return [more["still"].format(dates=dates)]


def _search(booking: Booking) -> str:
    """The page that looks for something else at its time, for as many, of its kind."""
    times = {"start": booking.local_start, "end": booking.local_end}
    said = {name: f"{local:%Y-%m-%dT%H:%M}" for name, local in times.items()}
    return "/rooms?" + urlencode(said | {"people": booking.people, "kind": booking.resource.kind})


def _values(
    session: Session, booking: Booking, language: Language, account: Account, now: datetime
) -> dict[str, object]:
    """What the sentences name. A name may hold braces: it is put in, and never read as a pattern."""
    more = MORE[language]
    span = say_span(booking.local_start, booking.local_end, language)
    what = more["what"].format_map({"room": booking.resource.name, "place": booking.place.name, "span": span})
    home = session.get(Place, booking.home_id) if booking.home_id else None
    if home is not None and home.zone != booking.zone:
        what = more["elsewhere"].format_map({"what": what})
    answer_by = local_time(booking.answer_by or now, booking.zone)
    return {
        "name": first_name(account.name),
        "room": booking.resource.name,
        "day": say_day(booking.local_start, language),
        "what": what,
        "people": more["people"].format(count=booking.people, people=more["one" if booking.people == 1 else "many"]),
        "title": booking.title,
        "reason": booking.reason,
        "who": more["somebody"],
        "answer_by": _when(answer_by, language),
    }


def _when(at: datetime, language: Language) -> str:
    said = {"day": say_day(at, language, weekday=True), "time": say_time(at, language)}
    return MORE[language]["when"].format_map(said)


def _price(bookings: Sequence[Booking], language: Language) -> str:
    """What it costs, and who pays it: of many dates in all, for some may be the member's and others their home's."""
    more = MORE[language]
    sums = {payer: sum(each.price for each in bookings if each.payer == payer) for payer in Payer}
    said = [more[payer.value].format(price=say_money(price, language)) for payer, price in sums.items() if price]
    if not said:
        return more["nothing"]
    return " ".join(said) if len(bookings) == 1 else more["in_all"].format(price=" ".join(said))


def _free_until(session: Session, booking: Booking, language: Language, now: datetime) -> list[str]:
    if not booking.price or booking.state != BookingState.BOOKED:
        return []
    policy = policy_of_booking(session, booking)
    terms = cancellation_terms(booking.price, booking.starts_at, policy, now, at_least=booking.at_least)
    until, fee = terms[0]
    if fee:
        return []
    return [
        MORE[language]["free_until"].format(until=_when(local_time(until or booking.starts_at, booking.zone), language))
    ]


def _each_free_until(session: Session, told: Sequence[Booking], language: Language) -> list[str]:
    """The same of the dates of a series, by how long before each; nothing where one of them costs more already."""
    if any(each.state != BookingState.BOOKED or each.at_least for each in told) or not any(each.price for each in told):
        return []
    read = read_policies(session, told)
    free = [free_until(policy_from(each.document)) for each in read]
    if None in free:
        return []
    more, hours = MORE[language], max(each for each in free if each is not None)
    return [more["each_free"].format(hours=hours) if hours else more["each_free_always"]]


LETTERS: dict[str, Writer] = {
    **dict.fromkeys(WORDS["fr"], _to_member),
    "booking_asked": _to_manager,
    "booking_offered": _offer,
    "booking_rehoused": _offer,
}
