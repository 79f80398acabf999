"""A real server, a real Chromium."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from passapp.accounts.access import session_cookie
from passapp.accounts.rules import AT_A_PLACE, Role
from passapp.kernel.web_app import web_folder
from passapp.members.models import Member
from tests.chromium import PATIENCE, find_chromium
from tests.conftest import ENGINES
from tests.world import World

HERE = Path(__file__).parent
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each page is looked at on one of the two databases, half of them on each; ``-k sqlite`` looks at all on that one.

    What a page shows is what the API answers, and that is held on both by the tests of every other folder.
    """
    if any(engine in config.option.keyword for engine in ENGINES):
        return

    def has_its_turn(item: pytest.Item) -> bool:
        engine = getattr(getattr(item, "callspec", None), "params", {}).get("database_url")
        if engine is None or HERE not in item.path.parents:
            return True
        return engine == ENGINES[crc32(item.nodeid.replace(engine, "").encode()) % 2]

    config.hook.pytest_deselected(items=[item for item in items if not has_its_turn(item)])
    items[:] = filter(has_its_turn, items)


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Callable[..., Browser]:
    """Start the machine's Chromium; ``film``: what its camera sees."""

    def start(film: Path | None = None) -> Browser:
        assert web_folder() is not None, "build the web app first: make test does"
        camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        if film is not None:
            camera.append(f"--use-file-for-fake-video-capture={film}")
        return playwright.chromium.launch(executable_path=str(find_chromium()), args=[*QUIET, *camera])

    return start


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """One browser for every test that needs no film."""
    browser = launch()
    yield browser
    browser.close()


@contextmanager
def serving(app: Callable[..., Any], **config: Any) -> Iterator[str]:
    """Serve an application on a free port of this machine; gives its address. ``config``: uvicorn's."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Its logging would stay set up for whatever test comes next in this process.
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, **config))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], str]]:
    """Serve applications for the length of one test."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


def open_context(browser: Browser, *, keeps_app: bool = False, **options: object) -> BrowserContext:
    """A fresh profile of that browser.

    ``keeps_app``: its first page fetches the whole web app, two hundred files, for when there is no network. Who needs
    none is spared that: it takes longer than most pages.
    """
    context = browser.new_context(service_workers="allow" if keeps_app else "block", **options)
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def open_page(world: World, serve: Callable[[FastAPI], str], browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody, on a phone in Paris: a member, an account, or a role, at the moulin by default."""
    with ExitStack() as stack:

        def open_as(who: Any, path: str, *, place: Any = None, size: dict[str, Any] = PHONE) -> Page:
            if isinstance(who, Role):
                who = world.account(who, (place or world.moulin) if who in AT_A_PLACE else None)
            elif isinstance(who, Member):
                who = who.account_id
            address = serve(world.app)
            context = stack.enter_context(open_context(browser, locale="fr-FR", timezone_id="Europe/Paris", **size))
            secret = world.signed_in(who).cookies[session_cookie(world.settings)]
            context.add_cookies([{"name": session_cookie(world.settings), "value": secret, "url": address}])
            page = context.new_page()
            page.goto(address + path)
            return page

        yield open_as


def no_violation(page: Page) -> None:
    """Axe finds nothing on the page once it is there; what fades in or out has no contrast of its own.

    Nothing fades for three seconds: what does not end by then is of something that is drawn no more, and never ends.
    """
    expect(page.locator("h1:visible").first).to_be_visible()
    page.evaluate(
        """() => Promise.race([
            new Promise((over) => setTimeout(over, 3000)),
            Promise.allSettled(document.getAnimations()
                .filter((each) => each.effect.getComputedTiming().endTime !== Infinity).map((each) => each.finished)),
        ])"""
    )
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """Until something holds on the server; ten seconds at most."""
    for _ in range(50):
        if holds():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it never came to hold")
