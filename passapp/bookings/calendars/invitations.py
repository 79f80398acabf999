"""What goes with the mails about bookings, for calendars (booking.md 18; iTIP, RFC 5546 and 6047)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.bookings.calendars import files
from passapp.bookings.calendars.feeds import own_entry
from passapp.bookings.calendars.files import Entry, Guest
from passapp.bookings.calendars.recurring import Invited, invited
from passapp.bookings.models import Booking, Series
from passapp.kernel.mail import CalendarPart, Sender
from passapp.kernel.problems import Language


class Invitation:
    """The invitation to a booking as it stands, or where it was cancelled or refused, what takes it back.

    As a letter's ``calendar``. The network's address invites: answers are not awaited. A date of a series is told as
    such, in the event that the series is in whoever's calendar: all of it is sent again, so that it comes to be right
    whatever was missed, unless this one date is taken back.
    """

    def __init__(self, session: Session, booking: Booking, to: str, language: Language, *, is_whole: bool) -> None:
        """Of a booking, to the address ``to`` of whoever it is for; ``is_whole``: the mail is about its series."""
        self._session = session
        self._booking = booking
        self._to = to
        self._language = language
        self._is_whole = is_whole

    def __call__(self, sender: Sender) -> CalendarPart:
        """The part, from whoever sends it."""
        method, entries = self._said(sender.site)
        member = self._booking.member
        name = f"{member.given_name} {member.family_name}" if member else self._to
        guest = Guest(sender.address, self._booking.place.name, self._to, name)
        return CalendarPart(method, files.invitation(entries, method, guest))

    def _said(self, site: str) -> tuple[files.Method, Sequence[Entry]]:
        alone = own_entry(self._booking, site, self._language)
        is_over = alone.status == "CANCELLED"
        series = self._series(site)
        if series is None:
            return "CANCEL" if is_over else "REQUEST", [alone]
        if not series.stands:
            return "CANCEL", series.entries
        if is_over and not self._is_whole:
            return "CANCEL", [series.of_booking[self._booking.id]]
        return "REQUEST", series.entries

    def _series(self, site: str) -> Invited | None:
        if self._booking.series_id is None:
            return None
        series = self._session.get_one(Series, self._booking.series_id)
        theirs = select(Booking).where(Booking.series_id == series.id).order_by(Booking.starts_at, Booking.id)
        return invited(series, self._session.scalars(theirs).all(), site, self._language)
