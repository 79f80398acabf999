"""Who waits for a room that is taken."""
