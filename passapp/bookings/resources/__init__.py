"""What can be booked at a place, and on which terms."""
