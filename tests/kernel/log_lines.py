"""What Passapp and the server log, as the JSON lines that an operator keeps."""

import io
import json
import logging
from typing import Any, Self

from passapp.kernel.logs import formatter


class LogLines:
    """Reads the lines as they are written; use it in a ``with``."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self._handler = logging.StreamHandler(self._stream)
        self._handler.setFormatter(formatter(for_people=False))
        self._levels: dict[str, int] = {}

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self._handler)
        for name in ("passapp", "uvicorn"):
            self._levels[name] = logging.getLogger(name).level
            logging.getLogger(name).setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._handler)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)

    @property
    def text(self) -> str:
        """Everything as it was written."""
        return self._stream.getvalue()

    def of(self, logger: str) -> list[dict[str, Any]]:
        """The lines of one logger."""
        return [line for line in self.all() if line["logger"] == logger]

    def all(self) -> list[dict[str, Any]]:
        """Every line."""
        return [json.loads(line) for line in self.text.splitlines()]
