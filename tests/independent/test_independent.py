"""What Passapp settles is what the independent check recomputes, on both databases."""

import ast
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import recompute as program
from books import from_json, read_books
from by_hand import BOOKS
from by_hand import MONTH as MONTH_BY_HAND
from invented import MONTH, invent, store
from month import recompute
from sqlalchemy import NullPool, select
from typer.testing import CliRunner

from passapp.bookings.models import Booking, BookingAdvance
from passapp.bookings.rules import Rate
from passapp.cli import app
from passapp.kernel.audit import SYSTEM
from passapp.kernel.database import Database
from passapp.places.models import Place
from passapp.places.service import change_place, get_place, set_vat
from passapp.settlement.months.models import Statement
from passapp.settlement.months.versions import publish
from tests.bookings.rooms import ALWAYS, book, room
from tests.demo.conftest import seed
from tests.settlement.details.places import say
from tests.settlement.living import close, november
from tests.settlement.months import MONTH as NOVEMBER
from tests.settlement.months import agree

HERE = Path(program.__file__).parent
PROGRAM = ("books.py", "month.py", "recompute.py", "transfers.py")


@pytest.fixture
def passapp(database_url, tmp_path, monkeypatch):
    """What a command of Passapp prints, on that database."""
    return _passapp_on(database_url, tmp_path, monkeypatch)


def _passapp_on(database_url, folder, monkeypatch):
    monkeypatch.setenv("PASSAPP_DATABASE_URL", database_url)
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(folder))

    def run(*words):
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def documents(passapp, month, places):
    """The month as it is printed, and the statement of each place."""
    texts = {"month": passapp("settle", month, "--json")}
    return texts | {code: passapp("settle", month, "--place", code, "--json") for code in places}


def test_the_check_imports_nothing_of_passapp():
    imported = set()
    for name in PROGRAM:
        for node in ast.walk(ast.parse((HERE / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(node.module.split(".")[0])
    ours = {Path(name).stem for name in PROGRAM}
    assert imported - ours <= (sys.stdlib_module_names - {"importlib", "runpy"}) | {"psycopg"}


def test_the_month_worked_out_on_paper_is_settled_so(database_url, passapp):
    store(database_url, BOOKS)
    printed = from_json(passapp("settle", "2026-10", "--json"))
    assert printed | {"transfers": []} == MONTH_BY_HAND | {"transfers": []}


@pytest.mark.parametrize("netting", ["gross", "bilateral", "multilateral"])
def test_invented_months_agree(database_url, passapp, netting):
    books, voided = invent(f"few {netting}", places=9, netting=netting)
    store(database_url, books, voided)
    found, _ = program.check_all(read_books(database_url, MONTH), documents(passapp, MONTH, books.places))
    assert found == []


@pytest.mark.parametrize("netting", ["gross", "bilateral", "existing_debts", "multilateral"])
def test_an_invented_month_that_takes_over_much_from_the_one_before_agrees(database_url, passapp, netting):
    books, voided = invent(f"former {netting}", places=9, netting=netting, former=True)
    store(database_url, books, voided)
    texts = documents(passapp, MONTH, books.places)
    assert program.check_all(read_books(database_url, MONTH), texts)[0] == []
    month = from_json(texts["month"])
    assert all(month[name] for name in ("credits", "openings", "transfers", "carried"))
    assert not any(one.visit in texts["month"] for one in books.credits)
    assert not any(one.booking in texts["month"] for one in books.booking_credits)
    assert {"2026-04"} <= {line.get("origin") for line in month["lines"]}


def test_an_invented_month_of_more_than_sixteen_positions_agrees(database_url, passapp):
    books, voided = invent("many", places=24, visits=500)
    store(database_url, books, voided)
    found, _ = program.check_all(read_books(database_url, MONTH), documents(passapp, MONTH, list(books.places)[:5]))
    assert found == []


def test_an_invented_month_of_a_network_that_only_counts_agrees(database_url, passapp):
    books, voided = invent("counts", places=6, unit="visit", money=False)
    store(database_url, books, voided)
    texts = documents(passapp, MONTH, books.places)
    assert program.check_all(read_books(database_url, MONTH), texts)[0] == []
    assert from_json(texts["month"])["transfers"] == []


def test_an_invented_month_in_a_local_currency_agrees(database_url, passapp):
    books, voided = invent("local", places=9, former=True, currency="sous l’Étoile")
    store(database_url, books, voided)
    texts = documents(passapp, MONTH, books.places)
    assert program.check_all(read_books(database_url, MONTH), texts)[0] == []
    month = from_json(texts["month"])
    assert month["currency"] == "sous l’Étoile"
    assert {row["not_settled"] for row in month["bookings"]} >= {"in_euros"}
    assert not any(row["total_cents"] for row in month["bookings"])


def test_every_month_and_every_statement_of_the_demo_agrees(database, database_url, passapp, tmp_path):
    seed(database, tmp_path, people=30, days=85).session.close()
    whole_months_with_money = 0
    for month in ("2026-08", "2026-09", "2026-10", "2026-11"):
        books = read_books(database_url, month)
        texts = documents(passapp, month, books.places)
        assert program.check_all(books, texts)[0] == []
        moved = sum(line["amount_cents"] for line in from_json(texts["month"])["lines"])
        whole_months_with_money += moved > 0 and month < "2026-11"
    assert whole_months_with_money >= 2


def test_a_closed_month_agrees_whatever_is_dated_back_into_it_later(world, database_url):
    agree(world, allowance=1, netting="multilateral")
    with world.database.write() as session:
        session.add(BookingAdvance(place_id=world.hangar.id, ceiling=None))
    booked = book(world, room(world, world.moulin, ALWAYS, [Rate(hour=1200)]), world.member(world.hangar))
    november(world, visits=2)
    close(world)
    with world.database.write() as session:
        moulin = get_place(session, world.moulin.id)
        changes = {"code": "grand-moulin", "left_on": date(2026, 11, 5)}
        change_place(session, moulin, changes, at=world.now, actor=SYSTEM)
        set_vat(session, moulin, date(2026, 11, 1), 2000, at=world.now, actor=SYSTEM)
        session.get_one(Booking, booked).price = 9900
    say(world.as_manager(world.hangar), world.hangar, netting="gross")
    coordinator = world.as_coordinator()
    month = f"/api/v1/months/{NOVEMBER}/document.json"
    texts = {"month": coordinator.get(month).text} | {
        place.code: coordinator.get(f"/api/v1/places/{place.id}/statements/{NOVEMBER}/document.json").text
        for place in (world.hangar, world.moulin)
    }
    assert program.check_all(read_books(database_url, NOVEMBER), texts)[0] == []
    assert '"bookings":' in texts["month"]


def test_a_month_is_published_with_the_same_hashes_on_both_databases(another_database_url, tmp_path):
    books, voided = invent("published", places=7, former=True)
    found = []
    for engine in ("sqlite", "postgresql"):
        url = another_database_url(engine)
        store(url, books, voided)
        database = Database(url, poolclass=NullPool)
        with database.write() as session:
            published = publish(session, tmp_path / engine, MONTH, at=datetime(2026, 6, 2, tzinfo=UTC))
            rows = session.execute(
                select(Place.code, Statement.sha256).join(Place, Place.id == Statement.place_id)
            ).all()
            assert published is not None
            found.append((published.version.sha256, sorted(map(tuple, rows))))
        database.dispose()
    assert found[0] == found[1]
    assert len(found[0][1]) == len(books.places)


def test_the_check_reads_from_the_database_what_was_stored(database_url):
    books, voided = invent("stored", places=6)
    store(database_url, books, voided)
    assert recompute(read_books(database_url, MONTH)).month == recompute(books).month


def _run_alone(*words, month):
    """The program by itself, in another folder, with the month's document on its standard input."""
    command = [sys.executable, HERE / "recompute.py", *words]
    return subprocess.run(command, input=month, capture_output=True, text=True, cwd="/", check=False, timeout=60)


def test_the_check_is_a_program_of_its_own(database_url, passapp, tmp_path):
    store(database_url, BOOKS)
    statement = tmp_path / "caen.json"
    statement.write_text(passapp("settle", "2026-10", "--place", "caen", "--json"), encoding="utf-8")
    month = passapp("settle", "2026-10", "--json")
    ran = _run_alone(database_url, "2026-10", "-", statement, month=month)
    assert ran.stdout.startswith("2026-10: 21 visits, 0 differences. SHA-256 "), ran.stderr
    assert ran.returncode == 0


def test_the_program_says_what_differs_and_fails(database_url, passapp):
    store(database_url, BOOKS)
    month = passapp("settle", "2026-10", "--json").replace('"vat_cents":107', '"vat_cents":108')
    ran = _run_alone(database_url, "2026-10", month=month)
    assert ran.stdout.startswith("-: Month, pairs caen rouen: vat_cents is 108, and should be 107.\n"), ran.stderr
    assert ran.returncode == 1
