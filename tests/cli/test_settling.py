"""``passapp settle``, ``verify``, ``convention`` and ``places vat``, on both databases."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from passapp.door.models import VisitVoid
from passapp.kernel.database import Base, Database
from passapp.network.models import ConventionVersion
from passapp.places.models import VatStatus
from tests.scenes import close_month, rows, visits
from tests.settlement.conventions import document, rule
from tests.settlement.months import agree, make_visit, old_pass

MONTH = "2026-11"

COUNTS = """\
2026-11  review

home        host        visits
hangar      moulin           2
moulin      hangar           1

between places               3
at home (not settled)        1

sha256 """


@pytest.fixture
def at_world(world, bare, monkeypatch):
    """The terminal, on the world's own database."""
    monkeypatch.setenv("PASSAPP_DATABASE_URL", world.database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(world.settings.data_dir))
    return bare


def test_where_there_is_no_database_none_is_made_and_the_file_alone_can_be_checked(bare, tmp_path):
    file = tmp_path / "signed.json"
    file.write_text('{"schema": "passapp/statement/1", "month": "2026-10", "place": "moulin", "conventions": []}')
    said = bare.fails("verify", str(file))
    assert said.startswith("There is no database here.")
    assert said.endswith("--keys KEYS.json\n")
    assert not (tmp_path / "data").exists()


def test_where_there_is_no_network_it_is_said_how_to_begin(bare):
    bare.ok("migrate")
    assert "`passapp set-up`" in bare.fails("settle", "2026-10")


def a_month_with_money(world):
    agree(world, netting="multilateral", allowance=1)
    shown = old_pass(world, world.hangar)
    phare = world.place("phare")
    for day in (3, 4):
        make_visit(world, world.hangar, world.moulin, datetime(2026, 11, day, 9, tzinfo=UTC), shown)
    generous = old_pass(world, world.moulin)
    make_visit(world, world.moulin, world.moulin, datetime(2026, 11, 5, 9, tzinfo=UTC), generous)
    make_visit(world, world.moulin, phare, datetime(2026, 11, 6, 9, tzinfo=UTC), generous)
    make_visit(world, world.moulin, phare, datetime(2026, 11, 7, 9, tzinfo=UTC), generous)


def test_a_count_only_month_is_printed_as_a_table_of_counts(world, at_world):
    for home, host in ((world.hangar, world.moulin),) * 2 + ((world.moulin, world.hangar), (world.moulin,) * 2):
        make_visit(world, home, host)
    close_month(world, MONTH, "review")
    assert at_world.ok("settle", MONTH).startswith(COUNTS)


def test_a_month_with_money_is_printed_with_positions_and_payments(world, at_world):
    a_month_with_money(world)
    printed = at_world.ok("settle", MONTH)
    assert "payments (multilateral): 1 of 5.00 in all, instead of 2 of 10.00" in printed
    assert "hangar      pays phare             5.00" in printed
    assert "moulin      phare            2       1       1         0        5.00" in printed


def test_what_is_wrong_with_a_month_is_said_in_a_sentence(at_world):
    assert at_world.fails("settle", "october") == "Write a month as 2026-10.\n"
    assert at_world.fails("settle", "2099-01") == "January 2099 has not begun yet.\n"
    assert at_world.fails("settle", MONTH, "--place", "nowhere", "--json") == "There is no such place in the network.\n"


def test_a_months_document_is_verified_to_the_cent(world, at_world, tmp_path):
    a_month_with_money(world)
    for name, words in (("month", ()), ("statement", ("--place", "hangar"))):
        file = tmp_path / f"{name}.json"
        file.write_text(at_world.ok("settle", MONTH, *words, "--json"))
        assert at_world.ok("verify", file).startswith("It is right, to the cent.\nsha256 ")


def test_the_printed_hash_is_the_one_of_the_printed_file(world, at_world):
    a_month_with_money(world)
    printed = at_world.ok("settle", MONTH, "--json")
    assert at_world.ok("settle", MONTH).rstrip().endswith(hashlib.sha256(printed.encode()).hexdigest())


def test_a_cent_moved_in_a_document_is_found(world, at_world, tmp_path):
    a_month_with_money(world)
    forged = json.loads(at_world.ok("settle", MONTH, "--place", "hangar", "--json"))
    forged["position_cents"] += 1
    forged["made"][0]["visits_detail"].pop()
    file = tmp_path / "forged.json"
    file.write_text(json.dumps(forged))
    said = at_world.fails("verify", file)
    assert "It is NOT what the visits and the rules come to." in said
    assert "/position_cents: -4.99 euros, where -5.00 euros comes out" in said
    assert "/made/0/visits_detail: 1 entries, where 2 come out" in said


def test_a_statement_of_former_visits_no_longer_matches_once_one_was_undone(world, at_world, tmp_path):
    a_month_with_money(world)
    file = tmp_path / "month.json"
    file.write_text(at_world.ok("settle", MONTH, "--json"))
    gone = visits(world)[-1]
    with world.database.write() as session:
        session.add(VisitVoid(visit_id=gone.id, revision=gone.revision, at=world.now, reason="undone"))
    assert "It is NOT" in at_world.fails("verify", file)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no",
        b"[]",
        b"{}",
        b'{"schema":"passapp/month/1"}',
        b'{"schema":"passapp/month/1","month":7}',
        b'{"schema":"passapp/statement/1","month":"2026-11"}',
        b'{"schema":"passapp/month/1","month":"2026-11","x":1e400}',
        b'{"schema":"passapp/month/1","month":"2026-11","x":99999999999999999999999}',
        b'{"schema":"passapp/month/1","month":"2026-11","x":"\\ud800"}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"schema":"passapp/month/1","month":"2026-10","month":"2026-11"}',
    ],
)
def test_a_file_that_is_no_statement_is_refused_with_a_reason(at_world, tmp_path, content):
    file = tmp_path / "file.json"
    file.write_bytes(content)
    assert at_world.fails("verify", file).startswith("This is no statement of ours: ")


def test_a_statement_of_an_unknown_month_or_place_is_refused(at_world, tmp_path):
    file = tmp_path / "file.json"
    for fields, sentence in (
        ({"schema": "passapp/month/1", "month": "2026-13"}, "Write a month as 2026-10.\n"),
        ({"schema": "passapp/month/1", "month": "2098-01"}, "January 2098 has not begun yet.\n"),
        ({"schema": "passapp/statement/1", "month": MONTH, "place": "x"}, "There is no such place in the network.\n"),
    ):
        file.write_text(json.dumps(fields))
        assert at_world.fails("verify", file) == sentence


def test_the_lines_are_printed_for_a_spreadsheet(world, at_world):
    a_month_with_money(world)
    printed = at_world.ok("settle", MONTH, "--csv")
    first = printed.splitlines()[1]
    assert first == "2026-11;Passages;hangar;Le Hangar;moulin;Le Moulin;;2;Tous;2;2;1;1;0;5,00;0,00;5,00;"
    assert at_world.fails("settle", MONTH, "--place", "hangar").startswith("A statement is printed with")
    assert at_world.fails("settle", MONTH, "--csv", "--json") == "Choose one: --json, --csv or --signed.\n"


def test_the_same_visits_come_to_the_same_documents_on_the_other_database(
    world, at_world, monkeypatch, tmp_path, another_database_url
):
    a_month_with_money(world)
    words = [("settle", MONTH, "--json"), ("settle", MONTH, "--place", "hangar", "--json")]
    here = [at_world.ok(*each) for each in words]
    engine = "postgresql" if world.database.is_sqlite else "sqlite"
    monkeypatch.setenv("PASSAPP_DATABASE_URL", copied(world, another_database_url(engine)))
    assert [at_world.ok(*each) for each in words] == here
    file = tmp_path / "statement.json"
    file.write_text(here[1])
    assert at_world.ok("verify", file).startswith("It is right")


def copied(world, url):
    """The same rows in another database, inserted backwards."""
    other = Database(url)
    with world.database.read() as here, other.write() as there:
        for table in Base.metadata.sorted_tables:
            found = [dict(row._mapping) for row in here.execute(select(table))]
            if found:
                there.execute(insert(table), found[::-1])
    other.dispose()
    return url


def test_rules_are_published_from_a_file_and_shown(world, at_world, tmp_path):
    first_day = datetime.now(UTC).date() + timedelta(days=40)
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(document()))
    said = at_world.ok("convention", "publish", file, "--from", first_day)
    assert said.startswith(f"Version 2 holds from {first_day}.")
    assert f"version 2, from {first_day}" in at_world.ok("convention", "show")


def test_rules_that_cannot_be_published_are_told_flaw_by_flaw(world, at_world, tmp_path):
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(document(tariff=[rule(-1, plan=["TOUT"])], cap=-2)))
    said = at_world.fails("convention", "publish", file, "--from", "2099-01-01")
    assert said.startswith("These rules cannot be published as they are.\n")
    assert "/tariff/0/rate_cents: Give 0 or more." in said
    assert "/cap: Give 0 or more." in said
    for content in ("", "[]", "[" * 100_000):
        file.write_text(content)
        assert at_world.fails("convention", "publish", file, "--from", "2099-01-01")
    assert len(rows(world, ConventionVersion)) == 1


def test_a_places_vat_is_said_from_a_date_on(world, at_world):
    assert at_world.ok("places", "vat", "moulin", "8.5", "--from", "2026-01-01").startswith("moulin charges 8.5 % VAT")
    at_world.ok("places", "vat", "moulin", "20", "--from", "2026-06-01")
    at_world.ok("places", "vat", "moulin", "19.6", "--from", "2026-06-01")
    at_world.ok("places", "vat", "moulin", "5,5", "--from", "2026-07-01")
    said = {(v.starts_on.month, v.basis_points) for v in rows(world, VatStatus)}
    assert said == {(1, 850), (6, 1960), (7, 550)}
    for percent in ("-1", "100.5", "8.555", "NaN", "Infinity", "1e99", "1e999999999", "abc", ""):
        said = at_world.fails("places", "vat", "moulin", "--from", "2026-01-01", "--", percent)
        assert "percentage from 0 to 100" in said
