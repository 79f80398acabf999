"""Chores: done when something is to do, by one process at a time, and none keeps another from being done."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from passapp.accounts.models import AccessToken, Account, SignInLink
from passapp.accounts.rules import Role
from passapp.accounts.service import make_sign_in_link
from passapp.door.models import Door, PairingLink
from passapp.door.pairing import make_pairing_link
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.kernel.settings import Settings
from passapp.kernel.ticking import PARTLY_FAILED, Chore, failed_chores, hold_off, tick, ticking
from passapp.members.models import Member
from passapp.passes.models import SigningKey
from passapp.places.models import Place
from passapp.running import MEANINGS, chores
from tests.kernel.log_lines import LogLines
from tests.world import NOW

ROWS = (SignInLink, AccessToken, PairingLink, SigningKey)


def do(world, **options):
    """What the real chores did; SQLite's own one apart, which looks after statistics."""
    done = tick(world.database, chores(world.settings), now=world.now, **options)
    assert done.pop("sqlite") is not None
    return done


def test_every_chore_says_in_words_what_it_counts(world):
    assert set(MEANINGS) == set(chores(world.settings))


def counted(world):
    with world.session() as session:
        return {model.__tablename__: session.scalar(select(func.count()).select_from(model)) for model in ROWS}


@pytest.fixture
def used(world):
    """A network with a sign-in link, a session, a team link and a door."""
    account = world.account(Role.COORDINATOR)
    world.signed_in(account)
    world.as_door()
    with world.database.write() as session:
        make_sign_in_link(session, session.get_one(Account, account.id), at=world.now, actor=SYSTEM, how="mail")
        place = session.get_one(Place, world.hangar.id)
        make_pairing_link(session, place, label=None, hours=1, max_uses=5, at=world.now, actor=SYSTEM)
    return world


def test_where_nothing_is_old_nothing_is_done(used):
    before = counted(used)
    assert set(do(used).values()) == {0}
    assert counted(used) == before


def test_a_sign_in_link_goes_a_day_after_it_expired(used):
    used.later(hours=24)
    assert do(used)["sign_in_links"] == 0
    used.later(hours=1)
    assert do(used)["sign_in_links"] == 1
    assert counted(used)["sign_in_link"] == 0


def test_a_session_goes_a_month_after_it_expired_and_the_token_of_a_door_never(used):
    used.later(days=59)
    assert do(used)["sessions"] == 0
    used.later(days=2)
    assert do(used)["sessions"] == 1
    with used.session() as session:
        assert session.scalars(select(AccessToken.id)).all() == session.scalars(select(Door.token_id)).all()


def test_a_session_that_was_ended_goes_a_month_later(used):
    with used.database.write() as session:
        session.execute(update(AccessToken).where(AccessToken.account_id.is_not(None)).values(revoked_at=used.now))
    used.later(days=31)
    assert do(used)["sessions"] == 1


def test_a_team_link_goes_a_month_after_it_expired(used):
    used.later(days=31)
    assert do(used)["team_links"] == 1
    assert counted(used)["pairing_link"] == 0


def test_a_second_round_has_nothing_to_do(used):
    used.later(days=100)
    assert sum(do(used).values()) == 3
    assert sum(do(used).values()) == 0


def test_a_dry_run_says_what_would_be_done_and_does_nothing(used):
    used.later(days=100)
    before = counted(used)
    assert sum(do(used, dry_run=True).values()) == 3
    assert counted(used) == before


def test_a_network_without_a_next_key_gets_one(world):
    with world.database.write() as session:
        session.delete(session.scalars(select(SigningKey).where(SigningKey.promoted_at.is_(None))).one())
    keys = set(world.settings.keys_dir.iterdir())
    assert do(world, dry_run=True)["keys"] == 1
    assert set(world.settings.keys_dir.iterdir()) == keys
    assert do(world)["keys"] == 1
    assert counted(world)["signing_key"] == 2
    assert len(set(world.settings.keys_dir.iterdir()) - keys) == 1


def test_before_there_is_a_network_no_key_is_made(database, tmp_path):
    settings = Settings(data_dir=tmp_path / "data")
    done = tick(database, chores(settings), now=NOW)
    assert done["keys"] == 0
    assert not settings.keys_dir.exists()


def test_sqlite_learns_how_many_rows_its_tables_hold(world):
    for _ in range(30):
        world.member()
    with world.session() as session:  # SQLite looks after the tables that it was asked to search
        assert session.scalars(select(Member).where(Member.family_name == "Bertin3")).one()
    chore = {"sqlite": chores(world.settings)["sqlite"]}
    found = tick(world.database, chore, now=world.now)["sqlite"]
    assert (found > 0) is world.database.is_sqlite
    assert tick(world.database, chore, now=world.now) == {"sqlite": 0}


def test_a_chore_that_fails_is_logged_and_keeps_no_other_from_being_done(world):
    def fail(*_args):
        raise ValueError("marque@example.org")

    done = []
    after = Chore(lambda *_: 1, lambda *_: done.append(True))
    with LogLines() as lines:
        assert tick(world.database, {"bad": Chore(fail, fail), "good": after}, now=world.now) == {
            "bad": None,
            "good": 1,
        }
    assert done == [True]
    failed, _ = lines.of("passapp.tick")
    assert (failed["event"], failed["chore"], failed["level"]) == ("chore failed", "bad", "error")
    assert "marque" not in lines.text


def test_a_chore_of_which_some_fails_has_failed_and_what_else_it_did_stays(used):
    def part(session, now):
        chores(used.settings)["team_links"].do(session, now)
        return PARTLY_FAILED

    used.later(days=100)
    before = counted(used)
    with LogLines() as lines:
        assert tick(used.database, {"part": Chore(lambda *_: 1, part)}, now=used.now) == {"part": None}
    assert counted(used) != before
    assert [(line["event"], line["chore"]) for line in lines.of("passapp.tick")] == [("chore failed", "part")]


def test_a_chore_is_known_to_fail_since_the_first_time_until_it_goes_well(world):
    def fail(*_args):
        raise ValueError

    def failed():
        with world.session() as session:
            return failed_chores(session)

    bad, well, other = Chore(lambda *_: 1, fail), Chore(lambda *_: 1, lambda *_: None), Chore(fail, fail)
    first = world.now
    tick(world.database, {"one": bad, "other": other}, now=first)
    tick(world.database, {"one": bad}, now=first + timedelta(minutes=1))
    assert failed() == {"one": first, "other": first}
    tick(world.database, {"one": well}, now=first + timedelta(minutes=2), dry_run=True)
    assert failed() == {"one": first, "other": first}
    tick(world.database, {"one": well}, now=first + timedelta(minutes=3))
    assert failed() == {"other": first}


def test_that_another_process_is_at_a_chore_is_no_word_that_it_goes_well(world):
    def fail(*_args):
        raise ValueError

    tick(world.database, {"one": Chore(lambda *_: 1, fail)}, now=world.now)
    if world.database.is_sqlite:  # one process writes at a time
        return
    with world.session() as session:
        hold_off(session, ["one"])
        well = Chore(lambda *_: 1, lambda *_: None)
        assert tick(world.database, {"one": well}, now=world.now + timedelta(minutes=1)) == {"one": 0}
        assert failed_chores(session) == {"one": world.now}


def test_a_chore_that_fails_half_way_changes_nothing(used):
    def half(session, now):
        chores(used.settings)["team_links"].do(session, now)
        raise ValueError

    used.later(days=100)
    before = counted(used)
    assert tick(used.database, {"half": Chore(lambda *_: 1, half)}, now=used.now) == {"half": None}
    assert counted(used) == before


def test_processes_that_tick_at_once_do_a_chore_once(used, database_url):
    used.later(days=100)
    several = [Database(database_url) for _ in range(4)]
    try:
        with ThreadPoolExecutor(len(several)) as threads:
            rounds = list(threads.map(lambda d: tick(d, chores(used.settings), now=used.now), several))
    finally:
        for database in several:
            database.dispose()
    assert sorted(done["team_links"] for done in rounds) == [0, 0, 0, 1]


def test_a_server_ticks_at_once_and_again_until_it_stops(world):
    rounds = threading.Semaphore(0)

    def count(*_args):
        rounds.release()
        return 0

    with ticking(world.database, {"count": Chore(count, count)}, lambda: world.now, every=0.01):
        assert all(rounds.acquire(timeout=20) for _ in range(3))
    while rounds.acquire(blocking=False):
        pass
    time.sleep(0.1)
    assert not rounds.acquire(blocking=False)


def test_a_clock_that_fails_ends_no_server(world):
    # What is asked outside of any chore fails too: a database that does not answer.
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    with LogLines() as lines:
        assert (
            tick(nowhere, chores(world.settings), now=world.now + timedelta(days=1)).keys()
            == chores(world.settings).keys()
        )
    events = {line["event"] for line in lines.of("passapp.tick")}
    assert events == {"chore failed", "failed chores not written down"}
