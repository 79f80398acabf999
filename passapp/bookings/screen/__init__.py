"""The tablet outside a room."""
