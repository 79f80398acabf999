"""Logs: one line an event, for people or as JSON, and in none of them anybody's name, address or token.

A line says what happened in words of ours, never in what somebody sent. An exception is told by its type and by where
it was raised: what it says of itself often quotes a value, as a driver quotes the row that it refused.
"""

import json
import logging
import os
import sqlite3
import sys
from contextvars import ContextVar
from traceback import walk_tb
from typing import Literal

import psycopg
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request that this task or thread works for."""

SHOWN = ("method", "route", "status", "caller", "milliseconds", "chore", "count", "month")
"""What may stand beside a line's words; whatever else a library attaches to its own is left out."""

# What these say is about the machine: a full disk, a server that does not answer.
_QUOTES_NOBODY = (sqlite3.OperationalError, psycopg.OperationalError)
_DEEPEST_CAUSE = 5


def configure_logs(style: Literal["auto", "json", "console"], *, level: int = logging.INFO) -> None:
    """Send every log of this process, the libraries' too, to standard error in one form.

    ``level`` is that of Passapp and of the server; libraries are heard from WARNING on.
    """
    for_people = style == "console" or (style == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(for_people=for_people))
    # What no line shows need not be asked of the system for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for ours in ("passapp", "uvicorn"):
        logging.getLogger(ours).setLevel(level)


def formatter(*, for_people: bool) -> logging.Formatter:
    """Makes a line of a record of the standard library's logging."""
    # One encoder for all lines: this is on the way of every scan.
    encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
    renderer: Processor = structlog.processors.JSONRenderer(serializer=lambda event, **_: encode(event))
    if for_people:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(allow=SHOWN),
            _name_the_request,
        ],
        processors=[_tell_exception, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _name_the_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if (identifier := request_id.get()) is not None:
        event["request_id"] = identifier
    return event


def _tell_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    raised = event.pop("exc_info", None)
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["exception"] = told(error)
    return event


def told(error: BaseException) -> str:
    """An exception and its causes by type and place in the code, without what they say of any value."""
    causes: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and len(causes) < _DEEPEST_CAUSE:
        causes.append(following)
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return "\ncaused by ".join(map(_told_alone, causes))


def _told_alone(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, OSError) and error.errno:
        name += f": {os.strerror(error.errno)}"
    elif isinstance(error, _QUOTES_NOBODY):
        name += f": {str(error).partition(chr(10))[0]}"
    frames = [
        f"  {frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in walk_tb(error.__traceback__)
    ]
    return "\n".join([name, *frames])
