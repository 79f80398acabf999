"""What is forgotten when its time has come, not a day earlier, and what of it is counted before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from passapp.accounts.invitations import Wanted, invite
from passapp.accounts.models import Account, Invitation
from passapp.accounts.roles import cancel_invitation
from passapp.accounts.rules import Role
from passapp.door.judging import OLDEST_SCAN
from passapp.door.models import CheckIn, CheckInUndo, Door, LookUp, UndoReason, Visit, VisitIdentity
from passapp.kernel.audit import SYSTEM, Actor, AuditEntry, AuditOrigin, record
from passapp.kernel.ticking import tick
from passapp.members.models import Member
from passapp.network.rules import days_of
from passapp.passes.keys import pseudonym_key
from passapp.passes.models import ErasedPass
from passapp.places.models import Place
from passapp.privacy.erasure import FORGET_TOO
from passapp.privacy.models import YearFigure, YearlyPseudonym, YearSecret
from passapp.privacy.retention import chores
from passapp.privacy.rules import last_month_to_forget, yearly_pseudonym
from passapp.running import chores as every_chore
from tests.at_once import at_once
from tests.privacy.lives import OCTOBER, choose, erase, forget, visit
from tests.scenes import check_in, close_month, everything_stored, rows, undo

OVER = datetime(2027, 2, 16, 3, tzinfo=UTC)
"""October ended, was under review for 15 days, and three months have passed."""
YEAR_OVER = datetime(2027, 4, 16, 3, tzinfo=UTC)


def counted(world, *models):
    with world.session() as session:
        return [session.scalar(select(func.count()).select_from(model)) for model in models]


@pytest.mark.parametrize(
    "today, month",
    [
        (date(2027, 2, 15), "2026-09"),
        (date(2027, 2, 16), "2026-10"),
        (date(2027, 3, 15), "2026-10"),
        (date(2027, 4, 15), "2026-11"),
        (date(2027, 4, 16), "2026-12"),
        (date(2028, 3, 1), "2027-10"),
    ],
)
def test_a_month_is_forgotten_three_months_after_its_review(today, month):
    assert last_month_to_forget(today) == month


def test_every_chore_of_privacy_is_one_of_the_server(world):
    assert chores(world.settings.keys_dir).keys() <= every_chore(world.settings).keys()


def test_who_came_is_forgotten_three_months_after_the_month_closed_and_not_before(world):
    visit(world, world.member(), world.moulin)
    before = counted(world, Visit, CheckIn)
    assert forget(world, OVER - timedelta(days=1)) == {}
    assert counted(world, VisitIdentity) == [1]
    assert forget(world, OVER) == {"visit_identities": 1}
    assert counted(world, VisitIdentity) == [0]
    assert counted(world, Visit, CheckIn) == before


def test_a_second_round_finds_nothing_to_forget(world):
    visit(world, world.member(), world.moulin)
    forget(world, OVER)
    assert forget(world, OVER) == {}


def test_a_dry_run_says_what_would_be_forgotten_and_forgets_nothing(world):
    answer = visit(world, world.member(), world.moulin)
    undo(world.as_door(world.moulin), answer["check_in_id"])
    before = everything_stored(world)
    assert forget(world, OVER, dry_run=True) == {"visit_identities": 1}
    assert everything_stored(world) == before


@pytest.mark.parametrize("state", ["provisional", "review"])
def test_a_month_that_is_still_looked_into_is_not_forgotten(world, state):
    visit(world, world.member(), world.moulin)
    close_month(world, "2026-10", state)
    assert forget(world, OVER + timedelta(days=200)) == {}
    close_month(world, "2026-10", "closed")
    assert forget(world, OVER + timedelta(days=200))["visit_identities"] == 1


def test_why_a_check_in_was_undone_is_forgotten_with_who_it_was(world):
    answer = visit(world, world.member(), world.moulin)
    undo(world.as_door(world.moulin), answer["check_in_id"], "Léa n'est pas venue")
    assert forget(world, OVER) == {"visit_identities": 1, "undo_reasons": 1}
    assert counted(world, UndoReason, CheckInUndo) == [0, 1]


def test_a_reason_that_is_written_once_nobody_stands_behind_it_is_forgotten_at_once(world):
    member = world.member()
    answer = visit(world, member, world.moulin)
    assert erase(world.as_member(member), member.email).status_code == 204
    undo(world.as_manager(world.moulin), answer["check_in_id"], "Léa n'est pas venue")
    assert forget(world, world.now) == {"undo_reasons": 1}


# Counting people


def pseudonyms(world):
    return sorted((row.year, row.pseudonym) for row in rows(world, YearlyPseudonym))


def test_a_forgotten_month_leaves_one_pseudonym_a_person_of_that_year(world):
    member, other = world.member(), world.member()
    visit(world, member, world.moulin)
    visit(world, other, world.moulin)
    visit(world, member, world.moulin, OCTOBER - timedelta(days=30))
    forget(world, OVER)
    [secret] = rows(world, YearSecret)
    key = pseudonym_key(world.settings.keys_dir)
    expected = [yearly_pseudonym(key, secret.secret, each) for each in (member.id, member.id, other.id)]
    assert pseudonyms(world) == sorted((2026, each) for each in expected)


def test_who_came_to_their_own_place_only_leaves_none(world):
    visit(world, world.member(world.moulin), world.moulin)
    forget(world, OVER)
    assert pseudonyms(world) == []


def test_who_would_not_be_counted_leaves_none(world):
    member = world.member()
    visit(world, member, world.moulin)
    choose(world.as_member(member), "yearly_count", given=False)
    assert forget(world, OVER) == {"visit_identities": 1}
    assert pseudonyms(world) == []


def test_who_would_not_be_counted_any_more_is_taken_out(world):
    member, other = world.member(), world.member()
    for each in (member, other):
        visit(world, each, world.moulin)
    forget(world, OVER)
    choose(world.as_member(member), "yearly_count", given=False)
    assert len(pseudonyms(world)) == 1


def test_who_is_erased_is_taken_out(world):
    member = world.member()
    visit(world, member, world.moulin)
    forget(world, OVER)
    erase(world.as_member(member), member.email)
    assert pseudonyms(world) == []


@pytest.fixture
def year(world):
    """A year: one person who went to two places, one who came often, one only at home, one who would not be counted."""
    phare = world.place("phare", "Le Phare")
    traveller, regular, at_home, quiet = (world.member() for _ in range(4))
    visit(world, traveller, world.moulin)
    visit(world, traveller, phare, OCTOBER + timedelta(days=60))
    for month in range(3):
        visit(world, regular, world.moulin, OCTOBER - timedelta(days=31 * month))
    visit(world, at_home, world.hangar)
    visit(world, quiet, world.moulin)
    choose(world.as_member(quiet), "yearly_count", given=False)
    neighbour = world.member(world.moulin)
    visit(world, neighbour, world.hangar, OCTOBER + timedelta(days=70))
    return world


def figures_of(world):
    answer = world.as_coordinator().get("/api/v1/year-figures")
    assert answer.status_code == 200
    return answer.json()["items"]


def test_the_years_figures_are_made_once_its_december_is_forgotten(year):
    forget(year, YEAR_OVER - timedelta(days=1))
    assert figures_of(year) == []
    assert forget(year, YEAR_OVER)["year_figures"] == 1
    [made] = figures_of(year)
    assert (made["year"], made["people"], made["made_at"]) == (2026, 3, "2027-04-16T03:00:00Z")
    assert {place["code"]: (place["received"], place["sent"]) for place in made["places"]} == {
        "hangar": (1, 2),
        "moulin": (2, 1),
        "phare": (1, 0),
    }


def test_what_the_figures_were_made_of_is_destroyed(year):
    forget(year, YEAR_OVER)
    assert counted(year, YearSecret, YearlyPseudonym, VisitIdentity) == [0, 0, 0]


def test_figures_are_made_once_and_a_late_scan_changes_none(year):
    forget(year, YEAR_OVER)
    before = figures_of(year)
    late = year.member()
    card = year.card(late)
    year.now = YEAR_OVER
    scan = year.scan(year.text(card), scanned_at=(OCTOBER + timedelta(days=50)).isoformat())
    check_in(year.as_door(year.moulin), scan)
    forget(year, YEAR_OVER + timedelta(days=1))
    forget(year, YEAR_OVER + timedelta(days=2))
    assert figures_of(year) == before
    assert counted(year, YearSecret, YearlyPseudonym) == [0, 0]


def test_a_visit_that_counts_no_more_counts_nobody(world):
    answer = visit(world, world.member(), world.moulin)
    undo(world.as_door(world.moulin), answer["check_in_id"])
    forget(world, YEAR_OVER)
    assert [figure.people for figure in rows(world, YearFigure)] == [0]


def test_a_year_is_not_counted_while_one_of_its_months_is_looked_into(year):
    close_month(year, "2026-12", "review")
    forget(year, YEAR_OVER)
    assert figures_of(year) == []
    close_month(year, "2026-12", "closed")
    forget(year, YEAR_OVER)
    assert figures_of(year)[0]["people"] == 3


# The rest


def look_up(world, card):
    """A host types a code to see whose it is, and lets nobody in."""
    answer = world.as_door(world.moulin).post("/api/v1/short-codes/look-up", json={"short_code": card.short_code})
    assert answer.status_code == 200


def test_who_looked_is_forgotten_with_the_visits_of_that_month_and_not_before(world):
    world.now = OCTOBER
    look_up(world, world.card(world.member()))
    assert forget(world, OVER - timedelta(days=1)) == {}
    assert forget(world, OVER) == {"look_ups": 1}
    assert counted(world, LookUp) == [0]


def test_who_looked_in_a_month_that_is_still_looked_into_is_not_forgotten(world):
    world.now = OCTOBER
    look_up(world, card := world.card(world.member()))
    world.now = OCTOBER - timedelta(days=30)
    look_up(world, card)
    close_month(world, "2026-10", "review")
    assert forget(world, OVER + timedelta(days=20)) == {"look_ups": 1}
    assert [row.at for row in rows(world, LookUp)] == [OCTOBER]
    close_month(world, "2026-10", "closed")
    assert forget(world, OVER + timedelta(days=20)) == {"look_ups": 1}


def test_no_look_up_says_whose_a_forgotten_visit_was(world):
    """A name said without network on 31 October is received, and noted, in November."""
    world.now = datetime(2026, 10, 31, 12, tzinfo=UTC)
    member = world.member(given_name="Nina", family_name="Roux", email="nina@example.org")
    world.card(member)
    made, door = world.now, world.as_door(world.moulin)
    world.later(days=2)
    said = {"name": "Nina Roux", "second": member.email}
    assert check_in(door, world.scan(by_name=said, scanned_at=made.isoformat()))["verdict"] == "ok"
    assert counted(world, LookUp, VisitIdentity) == [1, 1]
    assert forget(world, OVER) == {"visit_identities": 1}
    assert counted(world, LookUp, VisitIdentity) == [0, 0]


def test_a_scan_is_too_old_before_its_month_is_forgotten():
    """Else it would find nobody behind that day's visits, and make the same person a second one."""
    every_day = (date(2026, 1, 1) + timedelta(days=number) for number in range(4 * 366))
    ends = ((today, days_of(last_month_to_forget(today))[1] + timedelta(days=1)) for today in every_day)
    forgotten_after = min(today - end for today, end in ends)
    assert forgotten_after == timedelta(days=104)
    # Dates of places are a day ahead of ours, or behind, at most.
    assert forgotten_after - timedelta(days=1) > OLDEST_SCAN


def test_where_a_deed_came_from_is_forgotten_after_a_year_and_the_deed_never(world):
    with world.database.write() as session:
        record(session, Actor("system", None, "192.0.2.7"), world.now, "keys.rotate", ("signing_key", "abc"))
    before = counted(world, AuditEntry)
    assert "audit_origins" not in forget(world, world.now + timedelta(days=365))
    assert forget(world, world.now + timedelta(minutes=1))["audit_origins"] == 1
    assert counted(world, AuditOrigin) == [0]
    assert counted(world, AuditEntry) == before


def test_an_invitation_is_forgotten_ninety_days_after_it_came_to_nothing(world):
    inviter = world.account(Role.COORDINATOR)
    with world.database.write() as session:
        by, place = session.get_one(Account, inviter.id), session.get_one(Place, world.hangar.id)
        made = [
            invite(session, Wanted(email, "Sam", "fr", Role.HOST, place), by, at=world.now, actor=SYSTEM)
            for email in ("expires@example.org", "cancelled@example.org")
        ]
        cancel_invitation(session, made[1], at=world.now, actor=SYSTEM)
    made_at = world.now
    assert "invitations" not in forget(world, made_at + timedelta(days=90))
    assert forget(world, made_at + timedelta(days=91))["invitations"] == 1
    [left] = rows(world, Invitation)
    assert left.email == "expires@example.org"
    assert forget(world, left.expires_at + timedelta(days=91))["invitations"] == 1


def test_the_index_of_an_erased_pass_is_forgotten_a_hundred_days_after_the_card_expired(world):
    member = world.member()
    card = world.card(member)
    erase(world.as_member(member), member.email)
    assert "erased_passes" not in forget(world, card.expires_at + timedelta(days=100))
    assert forget(world, card.expires_at + timedelta(days=101))["erased_passes"] == 1
    assert counted(world, ErasedPass) == [0]


def test_the_name_of_a_phone_is_forgotten_a_year_after_it_was_cut_off(world):
    world.as_door(world.moulin)
    world.as_door(world.hangar)
    [cut, _] = sorted(rows(world, Door), key=lambda door: door.place_id != world.moulin.id)
    path = f"/api/v1/places/{world.moulin.id}/doors/{cut.id}"
    assert world.as_coordinator().delete(path).status_code == 204
    assert "door_names" not in forget(world, world.now + timedelta(days=365))
    assert forget(world, world.now + timedelta(days=1))["door_names"] == 1
    assert sorted(door.name for door in rows(world, Door)) == ["Téléphone", "—"]
    assert "door_names" not in forget(world, world.now + timedelta(days=1))


def test_every_chore_that_an_erasure_holds_off_exists(world):
    assert every_chore(world.settings).keys() >= FORGET_TOO


def test_chores_and_erasures_at_the_same_moment_do_not_wait_for_one_another(world):
    members = [world.member() for _ in range(4)]
    for member in members:
        for month in range(3):
            visit(world, member, world.moulin, OCTOBER - timedelta(days=31 * month))
    world.now = OVER
    calls = [
        (world.as_member(each), "POST", "/api/v1/my-data/erasure", {"json": {"confirm": each.email}})
        for each in members
    ]
    with ThreadPoolExecutor(2) as threads:
        rounds = [threads.submit(tick, world.database, chores(world.settings.keys_dir), now=OVER) for _ in range(4)]
        answers = at_once(world, calls)
        done = [each.result(timeout=60) for each in rounds]
    assert [answer.status_code for answer in answers] == [204] * 4
    assert [result for one in done for result in one.values() if result is None] == []
    forget(world, OVER)
    assert counted(world, VisitIdentity, Member) == [0, 0]
