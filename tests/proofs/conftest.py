"""What the ten proofs of the door stand on: a real server, a real Chromium, a camera that sees real pass pictures."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from PIL.Image import Image
from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import PHONE, browser, launch, open_context, serving
from tests.browser.video import film

__all__ = ["browser", "launch"]  # fixtures


class Dated:
    """An application whose answers are dated by its own clock, which a proof sets: doors measure theirs with it."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def dated(message: Any) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self.app.state.clock(), usegmt=True)
                message["headers"] = [*message["headers"], (b"date", date.encode())]
            await send(message)

        await self.app(scope, receive, dated)


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], str]]:
    """Serve an application for the length of one proof."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(Dated(app), date_header=False))


@pytest.fixture
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """A volunteer's phone: a browser of its own, without a camera."""
    context = open_context(browser, keeps_app=True, locale="fr-FR", **PHONE)
    yield context
    context.close()


@pytest.fixture
def filmed(launch: Callable[..., Browser], tmp_path: Path) -> Iterator[Callable[..., BrowserContext]]:
    """A volunteer's phone whose camera sees these scenes, over and over."""
    with ExitStack() as stack:

        def start(*scenes: Iterable[Image]) -> BrowserContext:
            browser = launch(film(tmp_path / "door.mjpeg", *scenes))
            stack.callback(browser.close)
            return open_context(browser, keeps_app=True, locale="fr-FR", permissions=["camera"], **PHONE)

        yield start
