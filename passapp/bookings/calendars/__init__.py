"""Bookings in other people's calendars, and theirs in ours."""
