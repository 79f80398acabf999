"""Proof 9: the network changes its key while a door is offline: what the door has never heard of is never "invalid"."""

import pytest
from playwright.sync_api import expect

from passapp.kernel.audit import SYSTEM
from passapp.passes.keys import rotate_keys
from tests.proofs.volunteer import held_by, next_person, until, volunteer
from tests.scenes import visits

pytestmark = pytest.mark.browser


@pytest.fixture
def offline(world, serve, profile):
    """A phone that synchronised six days after the network was founded, and has been offline since."""
    world.later(days=6)
    profile.clock.install(time=world.now)
    phone = volunteer(world, profile.new_page(), serve(world.app))
    phone.loses_the_network()
    return phone


@pytest.fixture
def later(world, profile):
    """Move every clock on, the server's and the phone's."""

    def move(**by):
        world.later(**by)
        profile.clock.set_system_time(world.now)

    return move


def rotate(world, *, compromised=False):
    with world.database.write() as session:
        rotate_keys(session, world.settings.keys_dir, compromised=compromised, at=world.now, actor=SYSTEM)


def learns(phone):
    """The page is opened again with network, and has fetched all that is new."""
    before = max(each["at"] for each in phone.kept("known"))
    phone.page.reload()
    until(phone.page, lambda: min(each["at"] for each in phone.kept("known")) > before)


def says(phone, text, verdict, said_by, **attributes):
    """What the phone shows of a pass."""
    shown = phone.scan(text)
    expect(shown).to_have_attribute("data-verdict", verdict)
    expect(shown).to_have_attribute("data-said-by", said_by)
    for name, value in attributes.items():
        expect(shown).to_have_attribute(f"data-{name}", value)
    words = shown.inner_text()
    next_person(phone)
    return words


def test_a_door_goes_by_the_key_that_was_next_and_asks_for_network_for_one_it_never_heard_of(world, offline, later):
    _, old = held_by(world, "Léa", world.hangar)
    later(days=1)
    rotate(world)
    _, new = held_by(world, "Zoé", world.hangar)
    later(hours=1)
    for text in (old, new):
        says(offline, text, "ok", "door", unsure="false", colour="green")

    later(days=7)
    rotate(world)
    _, unheard = held_by(world, "Ana", world.hangar)
    later(hours=1)
    words = says(offline, unheard, "unknown_key", "door", unsure="true", colour="amber")
    assert "Laissez entrer" in words

    offline.sends_all()
    assert len(visits(world)) == 3
    later(minutes=10)
    for text in (old, new, unheard):
        says(offline, text, "ok" if text != unheard else "ok_again", "server", colour="green")
    # What it learnt, it goes by from now on.
    learns(offline)
    offline.loses_the_network()
    later(minutes=10)
    for text in (old, new, unheard):
        says(offline, text, "ok_again", "door", unsure="false", colour="green")


def test_after_a_stolen_key_was_replaced_the_door_asks_for_network_and_then_refuses_the_stolen_one(
    world, offline, later
):
    _, stolen = held_by(world, "Léa", world.hangar)
    rotate(world, compromised=True)
    rotate(world, compromised=True)
    _, unheard = held_by(world, "Ana", world.hangar)
    later(minutes=10)
    words = says(offline, unheard, "unknown_key", "door", unsure="true", colour="amber")
    assert "Laissez entrer" in words

    offline.sends_all()
    assert len(visits(world)) == 1
    later(minutes=10)
    says(offline, unheard, "ok_again", "server", colour="green")
    says(offline, stolen, "unknown_key", "server", unsure="false", colour="red")
    learns(offline)
    offline.loses_the_network()
    later(minutes=10)
    says(offline, unheard, "ok_again", "door", unsure="false", colour="green")
    says(offline, stolen, "unknown_key", "door", unsure="true", colour="amber")
    assert len(visits(world)) == 1
