"""Proof 6: a door whose clock is wrong, by minutes or by days, judges as of the true time, and so does the server."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.door.models import CheckIn, DayGuest
from tests.phones import Phone as MembersPhone
from tests.proofs.volunteer import a_clock_wrong_by, held_by, next_person, run_clocks, until, volunteer
from tests.scenes import rows, visits

pytestmark = pytest.mark.browser

BLINK = timedelta(seconds=20)
"""How exactly a scan's time is known: a machine that many share takes its time; the errors are of minutes and days."""


def live_pass(world, given_name):
    """A member's phone with its live pass; gives what it shows now."""
    phone = MembersPhone()
    mine = world.as_member(world.member(world.moulin, given_name=given_name))
    given = mine.post("/api/v1/me/live-pass", json={"public_key": phone.public_key}).json()
    return lambda: phone.show(given["text"], datetime.now(UTC))


@pytest.mark.parametrize(
    "wrong",
    [timedelta(minutes=3), timedelta(minutes=-3), timedelta(days=2), timedelta(days=-2)],
    ids=["3 minutes fast", "3 minutes slow", "2 days fast", "2 days slow"],
)
def test_a_wrong_clock_changes_no_verdict_and_no_time_on_the_server(world, serve, profile, wrong):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    (_, card), (_, later_card) = held_by(world, "Léa"), held_by(world, "Zoé")
    run_clocks(world)
    live, later_live = live_pass(world, "Ana"), live_pass(world, "Bo")
    profile.add_init_script(a_clock_wrong_by(wrong))
    phone = volunteer(world, profile.new_page(), serve(world.app))
    expect(phone.page.locator("[data-list=fresh]")).to_be_visible()
    scanned = {}

    def lets_in(text, name, said_by):
        before = datetime.now(UTC)
        shown = phone.scan(text)
        expect(shown).to_contain_text(f"Bonjour {name}")
        expect(shown).to_have_attribute("data-said-by", said_by)
        expect(shown).to_have_attribute("data-corrected", "false")
        scanned[len(scanned)] = (before, datetime.now(UTC))
        next_person(phone)

    lets_in(card, "Léa", "server")
    lets_in(live(), "Ana", "server")
    phone.loses_the_network()
    lets_in(later_card, "Zoé", "door")
    lets_in(later_live(), "Bo", "door")
    phone.sends_all()

    check_ins = sorted(rows(world, CheckIn), key=lambda row: row.scanned_at)
    assert [(row.verdict, row.form) for row in check_ins] == [("ok", "card"), ("ok", "live")] * 2
    for row, (before, after) in zip(check_ins, scanned.values(), strict=True):
        assert before - BLINK <= row.scanned_at <= after + BLINK
        assert before + wrong - BLINK <= row.device_scanned_at <= after + wrong + BLINK
    assert [visit.opened_at for visit in visits(world)] == [row.scanned_at for row in check_ins]
    expect(phone.page.get_by_text("le serveur a répondu autrement")).to_have_count(0)


@pytest.mark.parametrize("wrong", [timedelta(days=2), timedelta(days=-2)], ids=["2 days fast", "2 days slow"])
@pytest.mark.parametrize("set_right", ["before the scan", "after the scan", "after the page was closed"])
def test_a_clock_set_right_before_the_scans_leave_changes_no_date(world, serve, profile, wrong, set_right):
    world.now = datetime.now(UTC) - timedelta(minutes=1)
    _, card = held_by(world, "Léa")
    run_clocks(world)
    profile.add_init_script(a_clock_wrong_by(wrong))
    phone = volunteer(world, profile.new_page(), serve(world.app))
    phone.page.get_by_role("button", name="Invité·e du jour").wait_for()
    phone.loses_the_network()
    if set_right == "before the scan":
        phone.sets_its_clock(timedelta())
    before = datetime.now(UTC)
    expect(phone.scan(card)).to_be_visible()
    next_person(phone)
    phone.page.get_by_role("button", name="Invité·e du jour").click()
    phone.page.get_by_role("button", name="Noter son entrée").click()
    until(phone.page, lambda: len(phone.kept("deeds")) == 1)
    after = datetime.now(UTC)
    phone.sets_its_clock(timedelta())
    if set_right == "after the page was closed":
        phone.opened_again()
    phone.sends_all()

    [check_in], [guest] = rows(world, CheckIn), rows(world, DayGuest)
    assert before - BLINK <= check_in.scanned_at <= after + BLINK
    assert before - BLINK <= guest.at <= after + BLINK
    if set_right != "before the scan":
        assert [visit.opened_at for visit in visits(world)] == [check_in.scanned_at]
