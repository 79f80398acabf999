"""The mails of bookings: to whom one is for, and to the managers who are asked."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.accounts.models import Account
from passapp.bookings.answers import asked_together, make_answer_link
from passapp.bookings.calendars.invitations import Invitation
from passapp.bookings.models import Booking, BookingState
from passapp.bookings.policies import policy_of_booking
from passapp.bookings.rules import Payer, cancellation_terms
from passapp.bookings.shown import booked_for
from passapp.kernel.api import local_time
from passapp.kernel.mail import Letter, Writer, first_name, language_named
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language
from passapp.kernel.spoken import say_day, say_money, say_span, say_time
from passapp.places.models import Place

MOST_DATES: Final = 12
"""Of a series, that a mail names."""
_WORDS: Final[dict[Language, dict[str, tuple[str, str]]]] = {
    # kind: the subject, and what it says first
    "fr": {
        "booking_booked": ("C'est réservé : {room}, {day}", "C'est réservé : {what}."),
        "booking_requested": (
            "Demande envoyée : {room}, {day}",
            "Votre demande est envoyée : {what}. Réponse avant {answer_by}, par mail.",
        ),
        "booking_accepted": ("C'est accepté : {room}, {day}", "Le lieu accepte votre demande : {what}."),
        "booking_rejected": ("Demande refusée : {room}, {day}", "Le lieu ne peut pas vous recevoir : {what}."),
        "booking_moved": (
            "Réservation changée : {room}, {day}",
            "Votre réservation a changé. C'est maintenant : {what}.",
        ),
        "booking_cancelled": ("Réservation annulée : {room}, {day}", "Votre réservation est annulée : {what}."),
        "booking_cancelled_by_place": (
            "Le lieu annule votre réservation : {room}, {day}",
            "Le lieu a dû annuler votre réservation : {what}. Vous ne devez rien.",
        ),
        "booking_no_show": (
            "Réservation libérée : {room}, {day}",
            (
                "Personne n'a noté votre arrivée : {what}. D'autres peuvent maintenant réserver ce temps. Vous y "
                "étiez ? Dites-le au lieu, et la prochaine fois touchez « Je suis là » en arrivant."
            ),
        ),
        "booking_unanswered": (
            "Demande sans réponse : {room}, {day}",
            "Le lieu n'a pas répondu à temps : {what}. Rien n'est réservé. Appelez-le, ou choisissez autre chose.",
        ),
        "series_booked": (
            "C'est réservé : {room}, {dates} à partir du {day}",
            "C'est réservé : {former}, {dates}.",
        ),
        "series_requested": (
            "Demande envoyée : {room}, {dates} à partir du {day}",
            "Votre demande est envoyée : {former}, {dates}. Réponse avant {answer_by}, par mail.",
        ),
        "series_moved": (
            "Série changée : {room}, {dates} à partir du {day}",
            "Vos réservations ont changé : {former}, {dates}.",
        ),
        "series_cancelled": (
            "Série annulée : {room}, {dates} à partir du {day}",
            "Vos réservations sont annulées : {former}, {dates}.",
        ),
        "series_cancelled_by_place": (
            "Le lieu annule vos réservations : {room}, {dates} à partir du {day}",
            "Le lieu a dû annuler vos réservations : {former}, {dates}. Vous ne devez rien.",
        ),
        "booking_offered": (
            "C'est libre : {room}, {day}",
            "Vous attendiez : {what}. C'est libre, et gardé pour vous jusqu'au {until}.",
        ),
        "booking_rehoused": (
            "Une autre salle pour vous : {room}, {day}",
            "À la place de {former}, nous gardons pour vous {what}, jusqu'au {until}. Cela ne vous engage à rien.",
        ),
        "booking_asked": (
            "À répondre : {room}, {day}",
            (
                "{who} demande à réserver : {what}, pour {people} ({title}). Sans réponse avant {answer_by}, la "
                "demande tombe."
            ),
        ),
    },
    "en": {
        "booking_booked": ("It is booked: {room}, {day}", "It is booked: {what}."),
        "booking_requested": (
            "Request sent: {room}, {day}",
            "Your request is sent: {what}. You get an answer by mail before {answer_by}.",
        ),
        "booking_accepted": ("It is accepted: {room}, {day}", "The place accepts your request: {what}."),
        "booking_rejected": ("Request refused: {room}, {day}", "The place cannot receive you: {what}."),
        "booking_moved": ("Booking changed: {room}, {day}", "Your booking has changed. It is now: {what}."),
        "booking_cancelled": ("Booking cancelled: {room}, {day}", "Your booking is cancelled: {what}."),
        "booking_cancelled_by_place": (
            "The place cancels your booking: {room}, {day}",
            "The place had to cancel your booking: {what}. You owe nothing.",
        ),
        "booking_no_show": (
            "Booking released: {room}, {day}",
            (
                "Nobody noted that you came: {what}. Others may now book that time. You were there? Tell the place, "
                "and next time tap “I am here” as you arrive."
            ),
        ),
        "booking_unanswered": (
            "Request without an answer: {room}, {day}",
            "The place did not answer in time: {what}. Nothing is booked. Call it, or choose something else.",
        ),
        "series_booked": (
            "It is booked: {room}, {dates} from {day} on",
            "It is booked: {former}, {dates}.",
        ),
        "series_requested": (
            "Request sent: {room}, {dates} from {day} on",
            "Your request is sent: {former}, {dates}. You get an answer by mail before {answer_by}.",
        ),
        "series_moved": (
            "Series changed: {room}, {dates} from {day} on",
            "Your bookings have changed: {former}, {dates}.",
        ),
        "series_cancelled": (
            "Series cancelled: {room}, {dates} from {day} on",
            "Your bookings are cancelled: {former}, {dates}.",
        ),
        "series_cancelled_by_place": (
            "The place cancels your bookings: {room}, {dates} from {day} on",
            "The place had to cancel your bookings: {former}, {dates}. You owe nothing.",
        ),
        "booking_offered": (
            "It is free: {room}, {day}",
            "You were waiting for {what}. It is free, and kept for you until {until}.",
        ),
        "booking_rehoused": (
            "Another room for you: {room}, {day}",
            "Instead of {former}, we keep {what} for you, until {until}. It commits you to nothing.",
        ),
        "booking_asked": (
            "To answer: {room}, {day}",
            (
                "{who} asks to book: {what}, for {people} ({title}). Without an answer before {answer_by}, the "
                "request lapses."
            ),
        ),
    },
}
_MORE: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "hello": "Bonjour {name},",
        "what": "{room}, {place}, {span}",
        "elsewhere": "{what} (heure du lieu)",
        "member": "{price} à régler sur place.",
        "home": "{price}, que votre lieu règle pour vous.",
        "nothing": "Rien à payer.",
        "fee": "Frais d'annulation : {fee}.",
        "free_until": "Annulation sans frais jusqu'au {until}.",
        "access": "Pour entrer : {access}",
        "contact": "À qui s'adresser : {contact}",
        "reason": "Raison donnée : « {reason} »",
        "when": "{day} à {time}",
        "people": "{count} {people}",
        "one": "personne",
        "many": "personnes",
        "somebody": "Quelqu'un",
        "of": "{name} ({home})",
        "mine": "Voir mes réservations",
        "answer": "Répondre à la demande",
        "take": "Voir et confirmer",
        "date": "1 date",
        "dates": "{count} dates",
        "still": "À venir dans cette série : {dates}.",
        "and_more": "{dates}, et {count} autres",
        "answer_all": "La demande se répète, sur {count} dates : la réponse vaut pour toutes.",
        "answered_all": "La réponse vaut pour toutes les dates de votre série.",
        "former": "{room}, {place}",
        "once": "Ce bouton est pour vous : ne transférez pas ce mail. Il montre la demande, vous choisissez ensuite.",
    },
    "en": {
        "hello": "Hello {name},",
        "what": "{room}, {place}, {span}",
        "elsewhere": "{what} (the place's time)",
        "member": "{price} to pay on the spot.",
        "home": "{price}, which your place pays for you.",
        "nothing": "Nothing to pay.",
        "fee": "Cancellation fee: {fee}.",
        "free_until": "Free cancellation until {until}.",
        "access": "How to get in: {access}",
        "contact": "Whom to ask: {contact}",
        "reason": "Reason given: “{reason}”",
        "when": "{day} at {time}",
        "people": "{count} {people}",
        "one": "person",
        "many": "people",
        "somebody": "Somebody",
        "of": "{name} ({home})",
        "mine": "See my bookings",
        "answer": "Answer the request",
        "take": "Look and confirm",
        "date": "1 date",
        "dates": "{count} dates",
        "still": "Ahead in this series: {dates}.",
        "and_more": "{dates}, and {count} more",
        "answer_all": "The request repeats, on {count} dates: the answer is for all of them.",
        "answered_all": "The answer is for all dates of your series.",
        "former": "{room}, {place}",
        "once": "This button is yours: do not forward this mail. It shows the request, and you choose then.",
    },
}


def _to_member(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """What became of a booking; nothing where it has changed since, and another mail says so."""
    found = _found(session, message)
    if found is None:
        return None
    account, booking = found
    language = language_named(account.locale)
    more, values = _MORE[language], _values(session, booking, language, account, now)
    subject, lead = (text.format_map(values) for text in _WORDS[language][message.kind])
    paragraphs = [more["hello"].format_map(values), lead]
    if BookingState(booking.state).takes_room:
        paragraphs.append(_price(booking, language))
        paragraphs += _free_until(session, booking, language, now)
    elif booking.fee:
        paragraphs.append(more["fee"].format(fee=say_money(booking.fee, language)))
    if booking.state == BookingState.BOOKED:
        known = {"access": booking.resource.access, "contact": booking.resource.contact}
        paragraphs += [more[name].format_map({name: text}) for name, text in known.items() if text]
    elif booking.reason and message.kind != "booking_cancelled":
        paragraphs.append(more["reason"].format_map(values))
    if booking.series_id is not None and message.kind in {"booking_accepted", "booking_rejected"}:
        paragraphs += [more["answered_all"]] if message.payload.get("together") else []
    calendar = Invitation(booking, account.email, language)
    return Letter(account.email, language, subject, tuple(paragraphs), (more["mine"], "/bookings"), calendar)


def _to_manager(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """A request, with a link made as it leaves; nothing once it was answered, changed, or has lapsed."""
    found = _found(session, message)
    if found is None:
        return None
    account, booking = found
    if booking.state != BookingState.REQUESTED or booking.answer_by is None or booking.answer_by <= now:
        return None
    language = language_named(account.locale)
    more, values = _MORE[language], _values(session, booking, language, account, now)
    who = booked_for(session, booking)
    if who is not None:
        name = f"{who.given_name} {who.initial}."
        values["who"] = more["of"].format_map({"name": name, "home": who.home}) if who.home else name
    subject, lead = (text.format_map(values) for text in _WORDS[language][message.kind])
    secret = make_answer_link(session, booking, account.id)
    count = len(asked_together(session, booking))
    together = [more["answer_all"].format(count=count)] if count > 1 else []
    paragraphs = (more["hello"].format_map(values), lead, *together, more["once"])
    return Letter(account.email, language, subject, paragraphs, (more["answer"], f"/answer#{secret}"))


def _offer(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """What is kept for somebody, to confirm; nothing once they did, or it is kept no longer."""
    found = _found(session, message)
    if found is None:
        return None
    account, booking = found
    if booking.expires_at is None or booking.expires_at <= now:
        return None
    language = language_named(account.locale)
    more, values = _MORE[language], _values(session, booking, language, account, now)
    values["until"] = _when(local_time(booking.expires_at, booking.zone), language)
    former = session.get(Booking, UUID(message.payload["instead_of"])) if "instead_of" in message.payload else None
    if former is not None:
        values["former"] = more["former"].format_map({"room": former.resource.name, "place": former.place.name})
    subject, lead = (text.format_map(values) for text in _WORDS[language][message.kind])
    paragraphs = (more["hello"].format_map(values), lead, _price(booking, language))
    return Letter(account.email, language, subject, paragraphs, (more["take"], f"/bookings/{booking.id}"))


def _of_series(session: Session, message: OutboxMessage, now: datetime) -> Letter | None:
    """What became of a series, with the dates that are to come; nothing where it has changed since."""
    found = _found(session, message)
    if found is None:
        return None
    account, booking = found
    language = language_named(account.locale)
    more, values = _MORE[language], _values(session, booking, language, account, now)
    count = message.payload["count"]
    values["dates"] = more["date"] if count == 1 else more["dates"].format(count=count)
    values["former"] = more["former"].format_map({"room": booking.resource.name, "place": booking.place.name})
    subject, lead = (text.format_map(values) for text in _WORDS[language][message.kind])
    paragraphs = [more["hello"].format_map(values), lead]
    theirs = select(Booking).where(Booking.series_id == booking.series_id).order_by(Booking.starts_at)
    rows = session.scalars(theirs).all()
    ahead = [row for row in rows if BookingState(row.state).takes_room and row.starts_at > now]
    if ahead:
        spans = (say_span(row.local_start, row.local_end, language) for row in ahead[:MOST_DATES])
        dates, others = " ; ".join(spans), len(ahead) - MOST_DATES
        dates = dates if others <= 0 else more["and_more"].format(dates=dates, count=others)
        paragraphs.append(more["still"].format(dates=dates))
    if not BookingState(booking.state).takes_room:
        fee = sum(row.fee for row in rows if row.ended_at == booking.ended_at)
        paragraphs += [more["fee"].format(fee=say_money(fee, language))] if fee else []
        paragraphs += [more["reason"].format_map(values)] if "by_place" in message.kind and booking.reason else []
    elif booking.state == BookingState.BOOKED:
        known = {"access": booking.resource.access, "contact": booking.resource.contact}
        paragraphs += [more[name].format_map({name: text}) for name, text in known.items() if text]
    return Letter(account.email, language, subject, tuple(paragraphs), (more["mine"], "/bookings"))


def _found(session: Session, message: OutboxMessage) -> tuple[Account, Booking] | None:
    account = session.get(Account, message.recipient_id)
    booking = session.get(Booking, UUID(message.payload["booking_id"]))
    if account is None or booking is None or booking.sequence != message.payload["sequence"]:
        return None
    return account, booking


def _values(
    session: Session, booking: Booking, language: Language, account: Account, now: datetime
) -> dict[str, object]:
    """What the sentences name. A name may hold braces: it is put in, and never read as a pattern."""
    more = _MORE[language]
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
    return _MORE[language]["when"].format_map(said)


def _price(booking: Booking, language: Language) -> str:
    more = _MORE[language]
    if not booking.price:
        return more["nothing"]
    price = say_money(booking.price, language)
    return more["home" if booking.payer == Payer.HOME else "member"].format(price=price)


def _free_until(session: Session, booking: Booking, language: Language, now: datetime) -> list[str]:
    if not booking.price or booking.state != BookingState.BOOKED:
        return []
    until, fee = cancellation_terms(booking.price, booking.starts_at, policy_of_booking(session, booking), now)[0]
    if fee:
        return []
    return [
        _MORE[language]["free_until"].format(
            until=_when(local_time(until or booking.starts_at, booking.zone), language)
        )
    ]


LETTERS: dict[str, Writer] = {
    **dict.fromkeys((kind for kind in _WORDS["fr"] if kind != "booking_asked"), _to_member),
    "booking_asked": _to_manager,
    **dict.fromkeys((kind for kind in _WORDS["fr"] if kind.startswith("series_")), _of_series),
    "booking_offered": _offer,
    "booking_rehoused": _offer,
}
