"""What the tests of rooms on the pages share: times that are asked for, bookings, and what a page says first."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.browser import conftest

PARIS = ZoneInfo("Europe/Paris")


def next_week(world, hour, weekday=1):
    """That hour of a Tuesday, next week, on a wall in Paris."""
    today = world.now.astimezone(PARIS).date()
    day = today + timedelta(days=7 + (weekday - today.weekday()) % 7)
    return datetime.combine(day, time(hour))


def at(wall, hours=2, people=2):
    """The query that asks for so many hours from a wall time on."""
    return f"start={wall:%Y-%m-%dT%H:%M}&end={wall + timedelta(hours=hours):%Y-%m-%dT%H:%M}&people={people}"


def book_it(world, member, room_id, wall, hours=2):
    """Somebody books it through the API."""
    body = {"resource_id": room_id, "title": "Chorale", "people": 1}
    body |= {"start": f"{wall:%Y-%m-%dT%H:%M}", "end": f"{wall + timedelta(hours=hours):%Y-%m-%dT%H:%M}"}
    answer = world.as_member(member).post("/api/v1/bookings", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def results(page):
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", level=2))


def title(page, text):
    return expect(page.get_by_role("heading", level=1, name=text))


def no_violation(page):
    """Axe finds nothing on the page once it has loaded."""
    page.wait_for_load_state("networkidle")
    conftest.no_violation(page)
