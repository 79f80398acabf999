"""Times when a place or a room is closed."""
