"""What homes pay for their members' bookings."""
