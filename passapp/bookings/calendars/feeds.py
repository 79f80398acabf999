"""Calendars that follow bookings: addresses that nobody guesses, each of which may be taken back (booking.md 14 to 17).

Whoever has an address reads there what it is of; only a hash of it is kept.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import Session, joinedload

from passapp.bookings.calendars import files
from passapp.bookings.calendars.files import Entry, Status
from passapp.bookings.claims import takes_of
from passapp.bookings.models import Booking, BookingState, Claim, ClaimKind, Closure, Feed, Resource
from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import hash_secret, new_secret
from passapp.kernel.mail import language_named
from passapp.kernel.problems import Language, ProblemType
from passapp.members.models import Member
from passapp.members.rules import initial_of
from passapp.network.service import get_network
from passapp.places.models import Place

FEED_UNKNOWN = ProblemType(
    "feed_unknown",
    404,
    en="There is no calendar at this address, or it was taken back: make another address.",
    fr="Il n'y a pas d'agenda à cette adresse, ou elle a été retirée : faites-en une autre.",
)

MINE, RESOURCE, BUSY, PLACE = "mine", "resource", "busy", "place"
CANCELLED_STAYS: Final = timedelta(days=30)
"""As calendars need it to take an event away that they have."""
REVOKED_KEPT: Final = timedelta(days=30)
"""An address that was taken back: so long it is seen that there was one."""
_MINE_GOES_BACK: Final = timedelta(days=366)
_GOES_BACK: Final = timedelta(days=30)
_ENDED: Final = (BookingState.CANCELLED, BookingState.REJECTED, BookingState.NO_SHOW)
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "mine": "Mes réservations ({network})",
        "busy": "Occupé",
        "asked": "En attente de la réponse du lieu.",
        "people": "{count} personnes",
        "person": "1 personne",
    },
    "en": {
        "mine": "My bookings ({network})",
        "busy": "Busy",
        "asked": "Waiting for the place's answer.",
        "people": "{count} people",
        "person": "1 person",
    },
}


@dataclass(frozen=True)
class Contents:
    """What a calendar holds. ``etag`` changes whenever a byte of it would."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def etag(self) -> str:
        """The entity tag, strong: of everything that the file is written from."""
        return f'"{hashlib.sha256(f"{files.FORMAT} {self!r}".encode("utf-8", "replace")).hexdigest()[:32]}"'

    def file(self) -> bytes:
        """The file itself."""
        return files.feed(self.name, self.entries)


def make_feed(
    session: Session,
    kind: Literal["mine", "resource", "busy", "place"],
    *,
    at: datetime,
    actor: Actor,
    member: Member | None = None,
    resource: Resource | None = None,
    place: Place | None = None,
) -> tuple[Feed, str]:
    """A new address, with the secret that it ends in, which nobody sees again."""
    secret = new_secret()
    made = Feed(
        token_hash=hash_secret(secret),
        kind=kind,
        member_id=member.id if member else None,
        resource_id=resource.id if resource else None,
        place_id=place.id if place else resource.place_id if resource else None,
        made_at=at,
    )
    session.add(made)
    session.flush()
    record(session, actor, at, "feed.make", ("feed", made.id), place_id=made.place_id, kind=kind)
    return made, secret


def feeds_of(
    session: Session, *, member: Member | None = None, resource: Resource | None = None, place: Place | None = None
) -> Sequence[Feed]:
    """The addresses that work: of a member, of a resource, or of a place with all its resources; the newest first."""
    if member is not None:
        which = Feed.member_id == member.id
    else:
        which = Feed.resource_id == resource.id if resource else Feed.place_id == (place.id if place else None)
    return session.scalars(select(Feed).where(which, Feed.revoked_at.is_(None)).order_by(Feed.id.desc())).all()


def is_followed(session: Session, member_id: UUID | None) -> bool:
    """Whether somebody has an address of their own bookings that works."""
    theirs = select(Feed.id).where(Feed.member_id == member_id, Feed.revoked_at.is_(None))
    return session.scalar(theirs.limit(1)) is not None


def get_feed(session: Session, feed_id: UUID) -> Feed:
    """An address that works. Raises ``feed_unknown``."""
    feed = session.get(Feed, feed_id)
    if feed is None or feed.revoked_at is not None:
        raise FEED_UNKNOWN.error()
    return feed


def revoke_feed(session: Session, feed: Feed, *, at: datetime, actor: Actor) -> None:
    """Have an address answered with 404 from now on."""
    feed.revoked_at = at
    session.flush()
    record(session, actor, at, "feed.revoke", ("feed", feed.id), place_id=feed.place_id, kind=feed.kind)


def contents_at(session: Session, secret: str, site: str, now: datetime) -> Contents:
    """What is at the address with this secret. ``site``: where the pages are. Raises ``feed_unknown``."""
    feed = session.scalar(select(Feed).where(Feed.token_hash == hash_secret(secret), Feed.revoked_at.is_(None)))
    if feed is None:
        raise FEED_UNKNOWN.error()
    network = get_network(session)
    if feed.kind == MINE:
        member = session.get_one(Member, feed.member_id)
        language = language_named(member.locale)
        mine = session.scalars(_shown(now, now - _MINE_GOES_BACK, Booking.member_id == member.id))
        name = _WORDS[language]["mine"].format(network=network.name)
        return Contents(name, tuple(own_entry(booking, site, language) for booking in mine))
    since, language = now - _GOES_BACK, language_named(network.locale)
    place = session.get_one(Place, feed.place_id)
    if feed.kind == PLACE:
        found = _shown(now, since, Booking.place_id == place.id)
        closed = _closures(session, place, None, since, now)
        return Contents(place.name, (*_for_staff(session, found, site, language), *closed))
    resource = session.get_one(Resource, feed.resource_id)
    ids = {resource.id, *takes_of(session, resource).concerned}
    found, closed = _shown(now, since, _takes(ids, since)), _closures(session, place, ids, since, now)
    name = f"{resource.name}, {place.name}"
    if feed.kind == RESOURCE:
        return Contents(name, (*_for_staff(session, found, site, language), *closed))
    busy = _WORDS[language]["busy"]
    unsaid = (replace(closure, summary=busy, location=None) for closure in closed)
    return Contents(f"{name} ({busy.lower()})", (*_busy(session, found, ids, since, busy), *unsaid))


def own_entry(booking: Booking, site: str, language: Language) -> Entry:
    """A booking as the calendar of whoever it is for has it."""
    place, resource, words = booking.place, booking.resource, _WORDS[language]
    asked = words["asked"] if booking.state == BookingState.REQUESTED else None
    known = [resource.access, resource.contact] if booking.state == BookingState.BOOKED else []  # as the mails say it
    said = [asked, *known]
    position = None if place.latitude is None or place.longitude is None else (place.latitude, place.longitude)
    return _entry(
        booking,
        site,
        summary=booking.title,
        location=f"{resource.name}, {place.name}, {place.postcode} {place.town}",
        position=position,
        description="\n".join(line for line in said if line) or None,
    )


def _for_staff(session: Session, found: Select[Booking], site: str, language: Language) -> Iterator[Entry]:
    words = _WORDS[language]
    homes = {place_id: name for place_id, name in session.execute(select(Place.id, Place.name))}  # noqa: C416
    for booking in session.scalars(found.options(joinedload(Booking.member))):
        who = None
        if booking.member is not None:
            who = f"{booking.member.given_name} {initial_of(booking.member.family_name)}"
            who += f" ({homes[booking.home_id]})" if booking.home_id in homes else ""
        people = words["person"] if booking.people == 1 else words["people"].format(count=booking.people)
        asked = words["asked"] if booking.state == BookingState.REQUESTED else None
        yield _entry(
            booking,
            site,
            summary=booking.title,
            location=booking.resource.name,
            description="\n".join(line for line in (asked, who, people) if line),
        )


def _busy(
    session: Session, found: Select[Booking], ids: Collection[int], since: datetime, busy: str
) -> Iterator[Entry]:
    """When it is taken, set-up and tear-down included, and nothing else."""
    claims = select(Claim.booking_id, func.min(Claim.starts_at), func.max(Claim.ends_at)).where(
        Claim.resource_id.in_(ids),
        Claim.released_at.is_(None),
        Claim.booking_id.is_not(None),
        Claim.ends_at > since,
    )
    taken = {each: (begins, ends) for each, begins, ends in session.execute(claims.group_by(Claim.booking_id))}
    for booking in session.scalars(found):
        begins, ends = taken.get(booking.id, (booking.starts_at, booking.ends_at))
        yield _entry(booking, None, summary=busy, starts_at=begins, ends_at=ends)


def _entry(booking: Booking, site: str | None, **said: object) -> Entry:
    status: Status = "CONFIRMED"
    if booking.state != BookingState.BOOKED:
        status = "TENTATIVE" if BookingState(booking.state).takes_room else "CANCELLED"
    fields: dict[str, object] = {
        "uid": booking.uid,
        "sequence": booking.sequence,
        "made_at": booking.made_at,
        "changed_at": booking.changed_at,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "zone": booking.zone,
        "status": status,
        "url": f"{site}/bookings/{booking.id}" if site else None,
    }
    return Entry(**fields | said)  # type: ignore[arg-type]


def _closures(
    session: Session, place: Place, ids: Collection[int] | None, since: datetime, now: datetime
) -> Iterator[Entry]:
    """When a place, or a resource of it (``ids``: what it takes), is closed; what was removed, for thirty days."""
    closes = [Claim.closure_id == Closure.id, Closure.removed_at.is_not(None) | Claim.released_at.is_(None)]
    closes += [Claim.resource_id.in_(ids)] if ids is not None else []
    stands = or_(Closure.removed_at.is_(None), Closure.removed_at > now - CANCELLED_STAYS)
    query = select(Closure).where(Closure.place_id == place.id, Closure.ends_at > since, stands)
    for closure in session.scalars(query.where(exists().where(*closes)).order_by(Closure.id)):
        yield Entry(
            uid=f"{closure.id}@passapp",
            sequence=0 if closure.removed_at is None else 1,
            made_at=closure.made_at,
            changed_at=closure.removed_at or closure.made_at,
            starts_at=closure.starts_at,
            ends_at=closure.ends_at,
            zone=place.zone,
            status="CONFIRMED" if closure.removed_at is None else "CANCELLED",
            summary=closure.reason,
            location=place.name,
        )


def _shown(now: datetime, since: datetime, which: ColumnElement[bool]) -> Select[Booking]:
    """What a calendar shows: no holds, and what was cancelled for thirty days."""
    stands = Booking.state.in_([BookingState.BOOKED, BookingState.REQUESTED])
    was_more_than_held = exists().where(Claim.booking_id == Booking.id, Claim.kind == ClaimKind.BOOKING)
    ended = and_(Booking.state.in_(_ENDED), Booking.changed_at > now - CANCELLED_STAYS, was_more_than_held)
    # In an order of their own: the database's is another one tomorrow, and the tag with it.
    return select(Booking).where(which, Booking.ends_at > since, or_(stands, ended)).order_by(Booking.id)


def _takes(ids: Collection[int], since: datetime) -> ColumnElement[bool]:
    """Bookings of one of these, or of a room made of them: each found by an index of its own."""
    of_it = select(Booking.id).where(Booking.resource_id.in_(ids), Booking.ends_at > since)
    by_claim = (Claim.resource_id.in_(ids), Claim.ends_at > since, Claim.booking_id.is_not(None))
    return Booking.id.in_(union(of_it, select(Claim.booking_id).where(*by_claim)))
