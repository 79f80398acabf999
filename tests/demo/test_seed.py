from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from passapp.accounts.roles import roles_of
from passapp.accounts.rules import Role
from passapp.accounts.service import account_by_email
from passapp.demo.people import DOOR_PLACE, MEMBER_HOME, ROLE_EMAILS
from passapp.demo.seed import holds_another_network, seed_demo
from passapp.door.models import CheckIn, Door, Visit, VisitIdentity
from passapp.door.rules import Verdict
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.kernel.settings import Settings
from passapp.members.models import Member
from passapp.members.service import member_of_account
from passapp.network.rules import month_of
from passapp.network.service import found_network, plans
from passapp.passes.models import IssuedPass
from passapp.places.models import Place
from passapp.places.service import open_at, place_named
from tests.demo.conftest import NOW, seed


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model))


def test_22_places_have_a_door_and_one_has_none(demo):
    doors = Counter(demo.session.scalars(select(Place.has_door)))
    assert doors == {True: 22, False: 1}
    assert count(demo.session, Door) == 22


def test_there_are_plans_for_everywhere_for_weekdays_and_for_home(demo):
    kinds = {(plan.opens, len(plan.weekdays)) for plan in plans(demo.session)}
    assert kinds == {("everywhere", 7), ("everywhere", 5), ("home", 7)}


def test_every_member_has_a_card_and_some_have_no_email(demo):
    everybody = list(demo.session.scalars(select(Member)))
    assert len(everybody) == 30
    assert set(demo.session.scalars(select(IssuedPass.member_id))) == {member.id for member in everybody}
    assert any(member.email is None for member in everybody)


@pytest.mark.parametrize(
    "role, held",
    [
        ("member", {Role.MEMBER}),
        ("manager", {Role.MANAGER, Role.HOST}),
        ("neighbour", {Role.MANAGER}),
        ("coordinator", {Role.COORDINATOR}),
        ("accountant", {Role.NETWORK_ACCOUNTANT}),
    ],
)
def test_every_link_leads_to_somebody_with_that_role(demo, role, held):
    account = account_by_email(demo.session, ROLE_EMAILS[role])
    assert {grant.role for grant in roles_of(demo.session, account.id)} == held


def test_the_member_of_the_demo_has_been_out_but_not_yet_at_the_demos_door_today(demo):
    lea = member_of_account(demo.session, account_by_email(demo.session, ROLE_EMAILS["member"]).id)
    assert [m.place.code for m in lea.memberships] == [MEMBER_HOME]
    key = select(VisitIdentity.visitor_key).where(VisitIdentity.member_id == lea.id)
    visits = list(demo.session.scalars(select(Visit).where(Visit.visitor_key.in_(key))))
    assert len(visits) > 3
    door = place_named(demo.session, DOOR_PLACE)
    assert (door.id, NOW.date()) not in {(visit.host_id, visit.local_date) for visit in visits}


def test_no_scan_is_of_the_future_and_the_last_ones_are_of_today(demo):
    latest = demo.session.scalar(select(func.max(CheckIn.scanned_at)))
    assert NOW - timedelta(hours=8) < latest <= NOW
    assert demo.session.scalar(select(func.max(CheckIn.received_at))) <= NOW


def test_scans_meet_the_verdicts_of_real_life(demo):
    verdicts = Counter(demo.session.scalars(select(CheckIn.verdict)))
    assert verdicts[Verdict.OK] > 0.8 * verdicts.total()
    assert {Verdict.OK_AGAIN, Verdict.AMBIGUOUS, Verdict.SUSPENDED, Verdict.INVALID} <= verdicts.keys()


def test_people_come_while_the_place_is_open(demo):
    places = {place.id: place for place in demo.session.scalars(select(Place))}
    for host, at in demo.session.execute(select(Visit.host_id, Visit.opened_at)):
        assert open_at(places[host], at)


def test_people_are_mostly_at_home(demo):
    at_home = Counter(demo.session.scalars(select(Visit.at_home)))
    assert at_home[True] > at_home[False] > 0.1 * at_home[True]


def test_the_islands_dates_are_those_of_its_own_zone(demo):
    island = place_named(demo.session, "La Varangue")
    visits = list(demo.session.scalars(select(Visit).where(Visit.host_id == island.id)))
    zone = ZoneInfo("Indian/Reunion")
    assert visits
    assert all(visit.local_date == visit.opened_at.astimezone(zone).date() for visit in visits)


@pytest.mark.parametrize("now", [datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 5, 31, 22, 30, tzinfo=UTC)])
def test_three_months_of_visits_touch_four_calendar_months_at_most(database, tmp_path, now):
    demo = seed(database, tmp_path, now=now, people=3, days=90)
    with demo.session as session:
        days = set(session.scalars(select(Visit.local_date)))
    assert 3 <= len({month_of(day) for day in days}) <= 4
    assert min(days) >= now.date() - timedelta(days=90)


def test_a_second_start_touches_nothing(database, tmp_path):
    with seed(database, tmp_path, people=15, days=8).session as session:
        before = count(session, AuditEntry), count(session, CheckIn), count(session, Member)
    said = []
    later = NOW + timedelta(days=3)
    assert not seed_demo(database, Settings(data_dir=tmp_path), now=later, say=said.append)
    assert said == []
    with database.read() as session:
        assert (count(session, AuditEntry), count(session, CheckIn), count(session, Member)) == before
    assert not holds_another_network(database)


def test_what_is_interrupted_leaves_nothing_and_can_be_started_again(database, tmp_path):
    def press_control_c(text):
        if text.startswith("Passages"):
            raise KeyboardInterrupt

    settings = Settings(data_dir=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        seed_demo(database, settings, now=NOW, say=press_control_c, people=15, days=8)
    with database.read() as session:
        assert count(session, Place) == count(session, Member) == count(session, AuditEntry) == 0
    with seed(database, tmp_path, people=15, days=8).session as session:
        assert count(session, Visit) > 0


def test_a_real_network_is_not_taken_for_the_demo(database):
    assert not holds_another_network(database)
    with database.write() as session:
        found_network(session, "ESCALE", "Le vrai réseau Escale", locale="fr", at=NOW, actor=SYSTEM)
    assert holds_another_network(database)


def test_the_same_now_gives_the_same_visits_on_both_databases(demo, database, tmp_path):
    def what_happened(session: Session) -> list[tuple[str, str, date, str, str, datetime]]:
        query = (
            select(Member.family_name, Place.code, CheckIn.local_date, CheckIn.verdict, CheckIn.scanned_at)
            .join(VisitIdentity, VisitIdentity.visitor_key == CheckIn.visitor_key)
            .join(Member, Member.id == VisitIdentity.member_id)
            .join(Place, Place.id == CheckIn.place_id)
        )
        return sorted(tuple(row) for row in session.execute(query))

    with seed(database, tmp_path).session as session:
        assert what_happened(session) == what_happened(demo.session)
