"""Alembic's environment: one chain of migrations for SQLite and PostgreSQL.

The application passes its connection in; ``alembic revision`` and ``alembic check`` on the command line
connect to PASSAPP_DATABASE_URL themselves.
"""

from alembic import context
from sqlalchemy import Connection

import passapp.app
import passapp.bookings.models  # noqa: F401  (every room's tables)
from passapp.kernel.database import Base, Database
from passapp.kernel.settings import Settings


def run(connection: Connection) -> None:
    """Run the migrations on a connection."""
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with Database(Settings().sqlalchemy_url).engine.begin() as own:
        run(own)
