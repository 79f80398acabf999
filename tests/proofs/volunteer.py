"""A volunteer's phone at the Moulin, the server's clock, and what stands on the server in the end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from passapp.door.models import CheckIn
from passapp.kernel.audit import SYSTEM
from passapp.passes.models import IssuedPass
from passapp.passes.service import revoke_pass
from passapp.places.models import Place
from tests.browser.test_offline_door import CLOCK, Phone
from tests.scenes import rows
from tests.world import World

NO_CAMERA_YET = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
"""The page that pairs a phone is not given the camera: nothing is scanned before the proof begins."""


def a_clock_wrong_by(off: timedelta) -> str:
    """The script of a device whose clock is so far ahead, until somebody sets it (`Phone.sets_its_clock`)."""
    return CLOCK.replace("?? 0", f"?? {off.total_seconds() * 1000:.0f}")


def run_clocks(world: World, ahead: timedelta = timedelta()) -> None:
    """From now on the server's clock runs, as the machine's does, or so far ahead of it."""
    world.app.state.clock = lambda: datetime.now(UTC) + ahead


def volunteer(world: World, page: Page, address: str) -> Phone:
    """A phone that was paired through the team link, and says that it is ready to work with no network."""
    return Phone(world, page, address)


def next_person(phone: Phone) -> None:
    """Back to the camera."""
    phone.page.get_by_role("button", name="Suivant").click()
    expect(phone.page.locator("[data-verdict]")).to_have_count(0)


def held_by(world: World, given_name: str, home: Place | None = None) -> tuple[IssuedPass, str]:
    """The card of a new member, and what its QR says."""
    card = world.card(world.member(home or world.moulin, given_name=given_name))
    return card, world.text(card)


def revoke(world: World, card: IssuedPass, at: datetime | None = None) -> None:
    """End a card, now or at an instant."""
    with world.database.write() as session:
        attached = session.get_one(IssuedPass, card.id)
        revoke_pass(session, attached, "Perdue", at=at or world.app.state.clock(), actor=SYSTEM)


def written_down(world: World) -> dict[str, str]:
    """The verdict of every check-in, by the id that the phone gave its scan; an id that stands twice is an error."""
    found = rows(world, CheckIn)
    by_scan = {str(row.scan_id): row.verdict for row in found}
    assert len(by_scan) == len(found)
    return by_scan


def ids(kept: list[dict[str, Any]]) -> set[str]:
    """The ids of what a phone keeps."""
    return {each["id"] for each in kept}


def until(page: Page, holds: Callable[[], object], patience: int = 15_000) -> None:
    """Let the page go on until something holds."""
    for _ in range(patience // 50):
        if holds():
            return
        page.wait_for_timeout(50)
    message = "it never came to hold"
    raise AssertionError(message)
