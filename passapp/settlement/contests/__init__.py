"""Errors that places report in a month, how they are answered and decided, and what is given back for them."""
