"""Booking rooms, desks and equipment at any place of the network (booking.md)."""
