"""``python -m passapp`` is the ``passapp`` command."""

from passapp.cli import app

app()
