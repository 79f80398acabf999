"""Every page, for whoever opens it, on a phone and on a desktop, in French and in English."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from passapp.app import create_app
from passapp.bookings.models import Booking, Resource
from passapp.demo.people import ROLE_EMAILS
from passapp.demo.seed import seed_demo
from passapp.kernel.audit import SYSTEM
from passapp.kernel.carrier import MailFolder
from passapp.kernel.clock import system_clock
from passapp.kernel.database import Database
from passapp.kernel.migrations import migrate
from passapp.kernel.settings import Settings
from passapp.mailing import send_waiting
from passapp.members.models import Member
from passapp.network.drafts import drafts, make_draft
from passapp.network.rules import month_of
from passapp.network.service import conventions
from passapp.places.models import Place
from tests.browser.conftest import DESKTOP, PHONE, open_context, serving

pytestmark = pytest.mark.browser

PAGES = {
    None: (
        "/",
        "/demo/mails",
        "/demo/mails/{mail}",
        "/invitation",
        "/sign-in",
        "/sign-in/provider",
        "/start",
        "/door",
        "/nowhere",
    ),
    "member": (
        *("/", "/pass", "/arrive", "/places", "/places/{place}", "/account", "/my-data", "/audit", "/sign-in"),
        *("/rooms", "/rooms?start={day}T14:00&end={day}T16:00&people=2", "/places/{place}/rooms"),
        *("/rooms/{room}?start={day}T14:00&end={day}T16:00&people=2", "/bookings", "/bookings?past=yes"),
        "/bookings/{booking}",
    ),
    "manager": (
        "/",
        "/members",
        "/members/{member}",
        "/members?place={own}",
        "/places/{own}",
        "/places/{own}/today",
        "/places/{own}/reviews",
        "/places/{own}/history",
        "/places/{own}/hours",
        "/places/{own}/edit",
        "/places/{own}/doors",
        "/places/{own}/receiving",
        "/places/{own}/people",
        "/places/{own}/keys",
        "/places/{own}/rooms",
        "/places/{own}/rooms/new",
        "/places/{own}/rooms/{room}",
        "/places/{own}/bookings",
        "/places/{own}/closures",
        "/places/{own}/statements/{month}",
        "/places/{own}/statements/{month_before}",
        "/places/{own}/statements/{only_counted}",
        "/places/{own}/payments",
        "/places/{own}/settlement",
        "/months/{only_counted}",
        "/rules",
        "/rules/{proposed}",
    ),
    "coordinator": (
        "/",
        "/start",
        "/members/new",
        "/members/import",
        "/places/new",
        "/people",
        "/plans",
        "/rules",
        "/rules/{draft}",
        "/keys",
        "/audit",
        "/trial-mail",
        "/my-data",
        "/months",
        "/months/{month_before}",
        "/months/{month_before}/closing",
        "/months/{only_counted}/closing",
        "/calendar",
        "/fund",
        "/payments",
    ),
    "accountant": ("/", "/months", "/places/{place}/statements/{month_before}", "/months/{month_before}/closing"),
    "door": ("/door",),
}
VIEWS = [(role, language) for role in PAGES for language in ("fr", "en")]
DAYS = 75
"""Of visits: enough for a month that only counts, one with money, and one whose payments are grouped."""
INVENTED = {"fr": "invent", "en": "invented"}


@dataclass
class Demo:
    """A running demo, and the ids that stand in addresses."""

    address: str
    ids: dict[str, str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    settings = Settings(data_dir=folder, demo=True)
    database = Database(settings.sqlalchemy_url)
    migrate(database.engine)
    seed_demo(database, settings, now=datetime.now(UTC), say=lambda _: None, people=40, days=DAYS)
    send_waiting(database, settings, datetime.now(UTC))
    with database.read() as session:
        own = session.scalars(select(Place).where(Place.code == "la-cantine-numerique")).one()
        member = next(m for m in session.scalars(select(Member)) if any(s.place_id == own.id for s in m.memberships))
        other = session.scalars(select(Place).where(Place.code != own.code, Place.has_door)).first()
        room = session.scalars(
            select(Resource).where(Resource.place_id == own.id, Resource.name == "Salle Seine")
        ).one()
        lea = session.scalars(select(Member).where(Member.email == ROLE_EMAILS["member"])).one()
        booking = session.scalars(select(Booking).where(Booking.member_id == lea.id)).first()
        ids = {"own": str(own.id), "member": str(member.id), "place": str(other.id)}
        ids |= {"room": str(room.id), "booking": str(booking.id)}
    today = datetime.now(UTC).date()
    with database.write() as session:
        next_rules = {"starts_on": today + timedelta(days=90), "document": conventions(session)[-1].document}
        written = make_draft(session, next_rules, at=datetime.now(UTC), actor=SYSTEM)
        [proposed] = drafts(session, unproposed=False)
        ids |= {"draft": str(written.id), "proposed": str(proposed.id)}
    ids |= {
        "mail": MailFolder(folder / "mails").names()[0],
        "day": str(today + timedelta(days=3)),
        "month": month_of(today),
        "month_before": month_of(today.replace(day=1) - timedelta(days=1)),
        "only_counted": month_of(today - timedelta(days=DAYS - 1)),
    }
    with serving(create_app(settings, database=database, clock=system_clock)) as address:
        yield Demo(address, ids)


def settled(page: Page) -> None:
    """Wait until a page has said what it has to say."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")


def _is_asked(said):
    """A pass that is on another phone, here the one of the visit before, is a question to its member and no error."""
    return said.location["url"].endswith("/api/v1/me/live-pass") and "409" in said.text


@pytest.mark.parametrize("role,language", VIEWS)
def test_pages_have_no_axe_violation_no_error_and_no_sideways_scroll(browser, demo, role, language):
    keeps_app = role in {"member", "door"}
    context = open_context(browser, keeps_app=keeps_app, locale=f"{language}-FR", permissions=["camera"], **PHONE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" and not _is_asked(said) else None)
    if role is not None:
        page.goto(f"{demo.address}/demo/{role}")
        page.wait_for_url(lambda url: "/demo/" not in url)
        settled(page)
    for path in PAGES[role]:
        page.set_viewport_size(PHONE["viewport"])
        page.goto(demo.address + path.format(**demo.ids))
        settled(page)
        assert page.locator("html").get_attribute("lang") == language
        assert INVENTED[language] in page.locator("body").inner_text().lower(), f"{path}: says nothing of the demo"
        for size in (PHONE, DESKTOP):  # loading a page takes longer than looking at it twice
            page.set_viewport_size(size["viewport"])
            found = Axe().run(page, options={"resultTypes": ["violations"]})
            assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
            sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert sideways <= 0, f"{path} scrolls {sideways} px sideways"
    context.close()
    assert errors == []
