"""Places: identity cards, opening hours, the directory."""
