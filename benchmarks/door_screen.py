"""What a door's and a member's browser do: from the camera to the screen, what they fetch, what Lighthouse says.

Real pages in the machine's Chromium, without a window, on a server of this process.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as TookTooLong

from benchmarks.check_in import free_port
from benchmarks.frames import MIDDLE, code_of, frame
from benchmarks.network import Crowd, make_network
from passapp.accounts.access import session_cookie
from passapp.accounts.models import Account
from passapp.accounts.sessions import open_session
from passapp.app import create_app
from passapp.door.pairing import make_pairing_link
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings
from passapp.members.service import NewMembership, add_member
from passapp.places.models import Place

WEB = Path(__file__).parent.parent / "web"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chromium-headless-shell")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "locale": "fr-FR"}

CAMERA = (640, 480)
FRAMES_A_SECOND = 30
LEAD_IN = 12
"""Seconds before the first pass: the page opens, learns who may come, and loses the network."""
HELD_FOR, EVERY = 0.8, 2.5
"""Seconds: how long each pass is held up, and from one to the next."""
MARK = 40
"""Pixels: a corner of the film is white while a pass is held up, so that the page's clock knows since when."""

PROBE = """
(() => {
  window.seen = [];
  const canvas = new OffscreenCanvas(1, 1), context = canvas.getContext('2d', { willReadFrequently: true });
  let lit = false, since = 0, shown = false;
  const look = (video) => video.requestVideoFrameCallback((_, { presentationTime }) => {
    context.drawImage(video, 8, 8, 16, 16, 0, 0, 1, 1);
    const bright = context.getImageData(0, 0, 1, 1).data[0] > 128;
    if (bright && !lit) since = presentationTime;
    lit = bright;
    look(video);
  });
  const note = (verdict) => {
    const begun = since, painted = new MessageChannel();
    // A frame is asked for, and what follows it comes after the paint.
    requestAnimationFrame(() => painted.port2.postMessage(0));
    painted.port1.onmessage = () => {
      if (begun) window.seen.push([verdict, performance.now() - begun]);
      since = 0;
      setTimeout(() => dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })), 500);
    };
  };
  new MutationObserver(() => {
    const video = document.querySelector('video');
    if (video && !video.looked) look(video), (video.looked = true);
    const verdict = document.querySelector('[data-verdict]');
    if (verdict && !shown) note(verdict.dataset.verdict);
    shown = verdict !== null;
  }).observe(document, { subtree: true, childList: true });
})();
"""


@dataclass(frozen=True)
class Scene:
    """A network that is served: its address, its database, its people, and whose session a cookie holds."""

    address: str
    database: Database
    crowd: Crowd
    cookie: Mapping[str, str]


def verdict_times(folder: Path, form: str, held_up: int) -> list[tuple[str, float]]:
    """Hold passes before a paired, offline door; each verdict, and its milliseconds from the frame to the paint."""
    folder.mkdir()
    # The server's clock is the film's: a live pass shows another proof every 15 s, drawn beforehand.
    begins = datetime.now(UTC).replace(microsecond=0)
    ahead = timedelta()

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    with _served(folder, clock, live=form == "live") as scene:
        times = [begins + timedelta(seconds=LEAD_IN + EVERY * number) for number in range(held_up)]
        texts = [
            scene.crowd.show_live(number, at) if form == "live" else scene.crowd.passes[number]
            for number, at in enumerate(times)
        ]
        film = _film(folder / "door.mjpeg", texts)
        camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
        with _chromium(folder, *camera, f"--use-file-for-fake-video-capture={film}") as context:
            page = context.new_page()
            page.add_init_script(PROBE)
            ahead = begins - datetime.now(UTC)
            _pair(page, scene)
            page.locator("video.on").wait_for(timeout=30_000)
            page.wait_for_timeout(4000)
            context.set_offline(True)
            whole_film = (LEAD_IN + EVERY * held_up) * 1000
            with suppress(TookTooLong):  # some were not read
                page.wait_for_function("count => seen.length >= count", arg=held_up, polling=500, timeout=whole_film)
            seen: list[tuple[str, float]] = page.evaluate("window.seen")
            return seen[:held_up]


def weights(folder: Path) -> dict[str, dict[str, int]]:
    """What the pass page (of a member) and the door page (paired) fetch at first: bytes over the wire, by file."""
    found = {}
    with _served(folder, lambda: datetime.now(UTC)) as scene:
        for path in ("/pass", "/door"):
            with _chromium(folder / path[1:]) as context:
                page = context.new_page()
                # The service worker fetches the rest of the pages afterwards, for when there is no network.
                context.add_init_script("delete Navigator.prototype.serviceWorker")
                if path == "/door":
                    _pair(page, scene)
                else:
                    context.add_cookies([{**scene.cookie, "url": scene.address}])
                found[path] = _fetched(context, page, f"{scene.address}{path}")
    return found


def _fetched(context: BrowserContext, page: Page, address: str) -> dict[str, int]:
    """The files of a first load of this address, and their sizes as they were sent, headers apart."""
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.clearBrowserCache")
    names: dict[str, str] = {}
    heads: dict[str, int] = {}
    sizes: dict[str, int] = {}

    def answered(event: dict[str, Any]) -> None:
        path = event["response"]["url"].removeprefix(address.rpartition("/")[0])
        names[event["requestId"]] = path if path.startswith("/api/") else path.rpartition("/")[2]
        heads[event["requestId"]] = event["response"]["encodedDataLength"]

    def loaded(event: dict[str, Any]) -> None:
        name = names.get(event["requestId"], event["requestId"])
        sizes[name] = event["encodedDataLength"] - heads.get(event["requestId"], 0)

    network.on("Network.responseReceived", answered)
    network.on("Network.loadingFinished", loaded)
    page.goto("about:blank")
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(1500)
    return sizes


@dataclass(frozen=True)
class Scored:
    """Lighthouse's scores of a page, of 100, by category, and the audits that cost it points."""

    scores: dict[str, float]
    lacking: list[str]


def scores(folder: Path, pages: Sequence[str], runs: int) -> dict[str, Scored]:
    """Lighthouse's scores: `/pass` as a member, `/door` paired, any other page as somebody who is not signed in."""
    found = {}
    with _served(folder, lambda: datetime.now(UTC)) as scene:
        for path in pages:
            port = free_port()
            with _chromium(folder / (path[1:] or "first"), f"--remote-debugging-port={port}") as context:
                page = context.new_page()
                if path == "/pass":
                    context.add_cookies([{**scene.cookie, "url": scene.address}])
                if path == "/door":
                    _pair(page, scene)
                    page.wait_for_timeout(2000)
                page.goto("about:blank")
                results = [_lighthouse(f"{scene.address}{path}", port) for _ in range(runs)]
            categories = results[0]["categories"]
            middle = {
                name: median(result["categories"][name]["score"] * 100 for result in results) for name in categories
            }
            found[path] = Scored(middle, _lacking(results[-1]))
    return found


def _lighthouse(address: str, port: int) -> dict[str, Any]:
    program = WEB / "node_modules" / "lighthouse" / "cli" / "index.js"
    command = ["node", str(program), address, f"--port={port}", "--output=json", "--quiet", "--disable-storage-reset"]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(  # noqa: S603  (our own program and arguments)
        [*command, "--no-enable-error-reporting"], capture_output=True, timeout=180, check=True, env=environment
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _lacking(result: Mapping[str, Any]) -> list[str]:
    """The audits with a weight that are not full marks."""
    weighed = {
        reference["id"]
        for each in result["categories"].values()
        for reference in each["auditRefs"]
        if reference["weight"]
    }
    audits = result["audits"]
    return sorted(name for name in weighed if (audits[name]["score"] or 0) < 0.9 and audits[name]["score"] is not None)  # noqa: PLR2004


@contextmanager
def _served(folder: Path, clock: Any, *, live: bool = False) -> Iterator[Scene]:  # noqa: ANN401
    """A network of one place on SQLite, served from a thread of this process."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    address = f"http://localhost:{port}"
    settings = Settings(data_dir=folder, port=port, public_url=address)
    crowd = make_network(settings, places=1, members=60, doors=0, live=live)
    database = Database(settings.sqlalchemy_url)
    now = datetime.now(UTC)
    with database.write() as session:
        place = session.query(Place).one()
        wanted = {"given_name": "Camille", "family_name": "Essai", "email": "camille@example.org"}
        membership = NewMembership(place.id, "TOUT", date(2020, 1, 1))
        account_id = add_member(session, wanted, membership, at=now, actor=SYSTEM).account_id
        account = session.query(Account).filter_by(id=account_id).one()
        secret = open_session(session, account, at=now, address=None)
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings, clock=clock), port=port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        yield Scene(address, database, crowd, {"name": session_cookie(settings), "value": secret})
    finally:
        server.should_exit = True
        thread.join(timeout=15)
        database.dispose()


@contextmanager
def _chromium(folder: Path, *flags: str) -> Iterator[BrowserContext]:
    """The machine's Chromium with a profile of its own."""
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if program is None:
        message = "there is no Chromium on this machine: sudo apt install chromium"
        raise RuntimeError(message)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / "profile", executable_path=program, args=[*FLAGS, *flags], permissions=["camera"], **PHONE
        )
        try:
            yield context
        finally:
            context.close()


def _pair(page: Page, scene: Scene) -> None:
    """Make this browser a door of the place."""
    with scene.database.write() as session:
        place = session.query(Place).one()
        _, secret = make_pairing_link(
            session, place, label=None, hours=1, max_uses=5, at=datetime.now(UTC) - timedelta(minutes=1), actor=SYSTEM
        )
    page.goto(f"{scene.address}/door#pair={secret}")
    page.get_by_role("textbox").fill("Camille")
    page.keyboard.press("Enter")
    page.locator("video").wait_for(state="attached", timeout=30_000)


def _film(file: Path, texts: Sequence[str]) -> Path:
    """Passes held up one after the other, as motion JPEG: each in a trembling hand, and badly seen."""
    nobody = _jpeg(None, 0)
    with file.open("wb") as reel:
        reel.write(nobody * (LEAD_IN * FRAMES_A_SECOND))
        for number, text in enumerate(texts):
            code = code_of(text)
            held = round(HELD_FOR * FRAMES_A_SECOND)
            for turn in range(held // 4):
                reel.write(_jpeg(code, number * 100 + turn) * 4)
            reel.write(nobody * (round(EVERY * FRAMES_A_SECOND) - held // 4 * 4))
        reel.write(nobody * FRAMES_A_SECOND * 60)
    return file


def _jpeg(code: Image.Image | None, seed: int) -> bytes:
    picture = Image.new("L", CAMERA, 150)
    if code is not None:
        width = CAMERA[1] * 3 // 4
        picture.paste(frame(code, width, MIDDLE, seed), ((CAMERA[0] - width) // 2, 0))
    picture.paste(255 if code is not None else 0, (0, 0, MARK, MARK))
    file = BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=85)
    return file.getvalue()
