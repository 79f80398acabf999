"""The door: paired devices, check-ins, verdicts and visits (door.md)."""
