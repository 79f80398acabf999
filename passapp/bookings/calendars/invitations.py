"""What goes with the mails about a booking, for calendars (booking.md 18; iTIP, RFC 5546 and 6047)."""

from passapp.bookings.calendars import files
from passapp.bookings.calendars.feeds import own_entry
from passapp.bookings.calendars.files import Guest
from passapp.bookings.models import Booking
from passapp.kernel.mail import CalendarPart, Sender
from passapp.kernel.problems import Language


class Invitation:
    """The invitation to a booking as it stands, or where it was cancelled or refused, what takes it back.

    As a letter's ``calendar``. The network's address invites: answers are not awaited.
    """

    def __init__(self, booking: Booking, to: str, language: Language) -> None:
        """Of a booking, to the address ``to`` of whoever it is for."""
        self._booking = booking
        self._to = to
        self._language = language

    def __call__(self, sender: Sender) -> CalendarPart:
        """The part, from whoever sends it."""
        entry = own_entry(self._booking, sender.site, self._language)
        method: files.Method = "CANCEL" if entry.status == "CANCELLED" else "REQUEST"
        member = self._booking.member
        name = f"{member.given_name} {member.family_name}" if member else self._to
        guest = Guest(sender.address, self._booking.place.name, self._to, name)
        return CalendarPart(method, files.invitation(entry, method, guest))
