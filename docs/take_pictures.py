"""Take the README's pictures from a fresh demo: ``make pictures``. Needs Chromium."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from passapp.app import create_app  # noqa: E402
from passapp.demo.people import DOOR_PLACE  # noqa: E402
from passapp.demo.seed import seed_demo  # noqa: E402
from passapp.kernel.database import Database  # noqa: E402
from passapp.kernel.migrations import migrate  # noqa: E402
from passapp.kernel.settings import Settings  # noqa: E402
from passapp.passes.models import IssuedPass  # noqa: E402
from passapp.passes.qr import draw_png  # noqa: E402
from passapp.passes.service import text_of  # noqa: E402
from passapp.places.service import place_named  # noqa: E402
from tests.browser.conftest import PHONE, QUIET, serving  # noqa: E402
from tests.browser.video import film, hold_up  # noqa: E402
from tests.chromium import find_chromium  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
TALL = {"viewport": {"width": 1280, "height": 1560}}
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
"""A Friday afternoon: people have come, and some are still there."""


def main() -> None:
    """Seed a demo, open its pages, and write one picture of each."""
    folder = Path(tempfile.mkdtemp())
    settings = Settings(data_dir=folder, demo=True)
    database = Database(settings.sqlalchemy_url)
    migrate(database.engine)
    seed_demo(database, settings, now=NOW, say=print)
    with database.read() as session:
        place = place_named(session, DOOR_PLACE).id
        issued = next(p for p in session.query(IssuedPass) if p.revoked_at is None and p.member.given_name == "Léa")
        reel = film(folder / "pass.mjpeg", hold_up(draw_png(text_of(session, issued, settings.keys_dir)), seconds=4))
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    app = create_app(settings, database=database, clock=lambda: NOW)
    with serving(app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_chromium()), args=[*QUIET, *camera, f"--use-file-for-fake-video-capture={reel}"]
        )
        for name, role, path, size, wait_for in (
            ("pass", "member", "/pass", PHONE, "canvas.drawn"),
            ("door", "door", "/door", PHONE, "[data-verdict]"),
            ("months", "coordinator", "/months/2026-10", TALL, "table"),
            ("statement", "manager", "/places/{place}/statements/2026-10", PHONE, "main h2"),
            ("today", "manager", "/places/{place}/today", PHONE, "main h2"),
            ("rooms", "member", "/rooms?start=2026-11-24T14:00&end=2026-11-24T16:00&people=4", PHONE, ".result"),
            ("week", "manager", "/places/{place}/bookings", TALL, ".ec-event"),
        ):
            context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", permissions=["camera"], **size)
            context.clock.set_fixed_time(NOW)
            page = context.new_page()
            page.goto(f"{address}/demo/{role}")
            page.wait_for_url(lambda url: "/demo/" not in url)
            page.goto(address + path.format(place=place))
            page.locator(wait_for).first.wait_for(timeout=30_000)
            page.wait_for_timeout(700)
            page.screenshot(path=PICTURES / f"{name}.png", scale="css")
            context.close()
        browser.close()
    database.dispose()


if __name__ == "__main__":
    main()
