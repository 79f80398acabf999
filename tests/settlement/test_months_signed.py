"""Statements are canonical, signed and chained: anyone checks them from the file and the public keys alone."""

import json
import os
from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import pytest
import rfc8785
from hypothesis import given
from typer.testing import CliRunner

from passapp.cli import app
from passapp.kernel.audit import SYSTEM
from passapp.network.rules import Netting
from passapp.settlement.months.keys import renew_key
from passapp.settlement.rules.amounts import share
from passapp.settlement.rules.checking import arithmetic_flaws
from passapp.settlement.rules.documents import Documents, PublishedVersion, sha256_of
from passapp.settlement.rules.month import Former, Opening, Terms, settle
from passapp.settlement.rules.rating import Credit
from tests.scenes import check_in, scan_at
from tests.settlement.conventions import convention, document, partners, visit
from tests.settlement.living import CLOSES, close, code_of, november, pass_time
from tests.settlement.months import MONTH, agree, old_pass
from tests.world import NOW

REASONS = st.sampled_from([None, None, None, "offered", "stale_list", "too_late"])
VISITS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(1, 3), st.integers(1, 28), REASONS),
    max_size=30,
)


def settled(made, credits_=0, mode=Netting.MULTILATERAL):
    rules = {"allowance": 1, "cap": 3, "fund_basis_points": 333, "unit": "half_day"}
    visits = [
        visit(home, host, visitor=visitor, day=day, at_home=home == host, waived=reason, units=1 + day % 2)
        for home, host, visitor, day, reason in made
    ]
    among = partners("a", "b", "c", "d", vat=((date(2026, 10, 10), 550),))
    back = tuple(Credit(visit().id, "a", "b", "2026-09", 1, 550, 101) for _ in range(credits_))
    former = Former((Opening("a", "b", 250, "2026-09"),) * bool(made), back)
    result = settle("2026-10", visits, {1: convention(**rules)}, among, Terms(mode, 200), (), former)
    written = document(**rules)
    return Documents("RESEAU", result, [PublishedVersion(1, date(2020, 1, 1), sha256_of(written), written)])


@given(VISITS, st.integers(0, 2), st.sampled_from(Netting))
def test_a_statement_is_written_as_rfc_8785_writes_it_and_adds_up(made, credits_, mode):
    documents = settled(made, credits_, mode)
    assert documents.month_bytes == rfc8785.dumps(documents.month)
    for place in "abcd":
        assert documents.statement_bytes(place) == rfc8785.dumps(documents.statement(place))
        assert arithmetic_flaws(documents.statement(place)) == []


def leaves(value, path=()):
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, (*path, name))
    elif isinstance(value, list):
        for n, each in enumerate(value):
            yield from leaves(each, (*path, n))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path


MADE = [("a", "b", 1, day, None) for day in (1, 2, 3, 4)] + [("b", "a", 2, 5, None)]
AMOUNTS = [path for path in leaves(settled(MADE, 1).statement("b")) if "conventions" not in path]
SAYS_NO_SUM = {"convention", "rule", "at_home_visits", "vat_basis_points", "rate_cents"}
"""Or says one that the next cent does not change."""


@pytest.mark.parametrize("path", [path for path in AMOUNTS if path[-1] not in SAYS_NO_SUM])
def test_whichever_number_of_a_statement_is_changed_it_adds_up_no_more(path):
    statement = settled(MADE, 1).statement("b")
    inside = statement
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] += 1
    assert arithmetic_flaws(statement) != []


def forged(change):
    """A statement in which somebody changed something and had everything after it add up again."""
    statement = settled([("a", "b", 1, 1, None), ("a", "b", 1, 2, None)]).statement("b")
    [row] = statement["received"]
    for each in (*row["lines"], *row["visits_detail"]):
        change(each)
        each["amount_cents"] = each["paid_units"] * each["rate_cents"]
    row["net_cents"] = sum(line["amount_cents"] for line in row["lines"])
    row["vat_cents"] = sum(share(line["amount_cents"], line["vat_basis_points"]) for line in row["lines"])
    row["total_cents"] = row["net_cents"] + row["vat_cents"]
    statement["fund_cents"] = share(row["net_cents"], 333)
    statement["openings"] = []
    statement["position_cents"] = row["total_cents"] - statement["fund_cents"]
    debt = {"debtor": "a", "creditor": "b", "amount_cents": row["total_cents"]}
    back = {"debtor": "b", "creditor": "@fund", "amount_cents": statement["fund_cents"]}
    statement["transfers"] = [debt | {"discharges": [debt]}, back | {"discharges": [back]}]
    return statement


def test_a_statement_that_somebody_forged_adds_up_all_the_same():
    assert arithmetic_flaws(forged(lambda _: None)) == []


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"rate_cents": 90_000}, "received a: a rate of 900.00 euros, and the rule says 5.00 euros"),
        ({"rule": 7}, "received a: a line of a rule that the statement does not have"),
        ({"rule": -1}, "received a: a line of a rule that the statement does not have"),
    ],
)
def test_a_line_says_what_the_rule_in_the_same_file_says(changed, said):
    assert said in arithmetic_flaws(forged(lambda each: each.update(changed)))


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"allowance": None}, "received a: free units, and the rules grant none"),
        ({"tariff": [{"when": {"home": ["c"]}, "rate_cents": 500}]}, "received a: a line of a rule that is not for a"),
        ({"vat": "none"}, "received a: a tax, and the rules settle none"),
        ({"cap": None}, "received a: units over a cap that the rules do not have"),
    ],
)
def test_a_line_has_what_its_rules_grant(changed, said):
    made = [("a", "b", 1, day, None) for day in (11, 13, 15, 17)]
    statement = settled(made).statement("b")
    [version] = statement["conventions"]
    version["document"] = version["document"] | changed
    version["sha256"] = sha256_of(version["document"])
    assert said in arithmetic_flaws(statement)


def test_who_checks_is_told_amounts_as_people_say_them_in_the_currency_of_the_statement():
    statement = forged(lambda _: None)
    [row] = statement["received"]
    row["net_cents"] += 4500
    said = "the totals are 55.00 euros and {}, and 10.00 euros and {} come out"
    tax = f"{row['vat_cents'] / 100:.2f} euros of tax"
    assert f"received a: {said.format(tax, tax)}" in arithmetic_flaws(statement)
    statement = forged(lambda _: None) | {"currency": "gonettes"}
    statement["position_cents"] -= 12345
    assert any("gonettes comes out" in flaw and "euros comes" not in flaw for flaw in arithmetic_flaws(statement))


def test_a_rate_of_tax_that_cannot_be_is_a_flaw_and_no_accident():
    statement = forged(lambda _: None)
    row = {"partner": "a", "vat_basis_points": -10_000, "bookings": 0, "bookings_detail": [], "total_cents": 0}
    assert arithmetic_flaws(statement | {"bookings_received": [row]}) == [
        "it lacks a part that every statement has, or has it in another form"
    ]


def test_what_goes_to_the_fund_is_what_the_rules_say_and_a_payment_settles_debts_that_there_are():
    statement = forged(lambda _: None)
    statement["fund_cents"] += 1
    assert any("common fund" in flaw for flaw in arithmetic_flaws(statement))
    stranger = {"debtor": "x", "creditor": "b", "amount_cents": 100}
    back = {"debtor": "b", "creditor": "x", "amount_cents": 100}
    statement = forged(lambda _: None)
    statement["transfers"] += [stranger | {"discharges": []}, back | {"discharges": [back]}]
    assert arithmetic_flaws(statement) == [
        "the debts under the payment of x to b do not come to it",
        "payments settle 1.00 euros that b owes x, and it owes 0.00 euros",
    ]


@pytest.mark.parametrize("broken", [{}, {"conventions": 3}, {"conventions": [], "received": [{"partner": "a"}]}])
def test_what_is_no_whole_statement_is_said_to_be_none(broken):
    assert arithmetic_flaws(broken) == ["it lacks a part that every statement has, or has it in another form"]


@pytest.fixture
def files(world, tmp_path, monkeypatch):
    """The moulin's signed statement of November, and the public keys, as files; the command has another database."""
    agree(world)
    november(world)
    pass_time(world, CLOSES)
    manager = world.as_manager(world.moulin)
    answer = manager.get(f"/api/v1/places/{world.moulin.id}/statements/{MONTH}/sealed.json")
    assert answer.status_code == 200, answer.text
    statement, keys = tmp_path / "statement.json", tmp_path / "keys.json"
    statement.write_bytes(answer.content)
    keys.write_bytes(world.client().get("/api/v1/statement-keys").content)
    monkeypatch.setenv("PASSAPP_DATA_DIR", str(tmp_path / "elsewhere"))
    return statement, keys


def verify(*words):
    return CliRunner().invoke(app, ["verify", *map(str, words)])


def test_a_signed_statement_is_verified_from_the_file_alone(files):
    statement, keys = files
    result = verify(statement, "--keys", keys)
    assert result.exit_code == 0, result.output
    assert json.loads(statement.read_bytes())["seal"]["sha256"] in result.output


def test_a_file_of_a_large_network_is_read_and_one_without_end_is_not(files):
    statement, keys = files
    with statement.open("ab") as file:
        file.write(b" " * 100_000_000)
    assert verify(statement, "--keys", keys).exit_code == 0
    os.truncate(statement, 300_000_000)
    assert "too large to be a statement" in verify(statement, "--keys", keys).output


@pytest.mark.parametrize(
    "path, value, said",
    [
        (("statement", "position_cents"), 501, "hash that the seal says"),
        (("seal", "number"), 2, "signature is not the network's"),
        (("seal", "place"), "hangar", "of another network, month or place"),
        (("kid",), "s0000000", "no key s0000000"),
        (("signature",), "AAAA", "signature is not the network's"),
    ],
)
def test_whatever_is_changed_in_it_is_noticed(files, path, value, said):
    statement, keys = files
    sealed = json.loads(statement.read_bytes())
    inside = sealed
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    statement.write_bytes(rfc8785.dumps(sealed))
    result = verify(statement, "--keys", keys)
    assert result.exit_code == 1
    assert said in result.output


def test_a_statement_that_is_not_signed_or_keys_that_are_none_are_said_to_be_so(files, tmp_path):
    statement, keys = files
    bare = tmp_path / "bare.json"
    bare.write_bytes(rfc8785.dumps(json.loads(statement.read_bytes())["statement"]))
    assert "Only a signed statement" in verify(bare, "--keys", keys).output
    keys.write_text('{"keys": {"s": "AAAA"}}')
    assert "These are no public keys" in verify(statement, "--keys", keys).output


def test_with_the_database_a_signed_statement_is_recomputed_too(world, files, monkeypatch, database_url):
    monkeypatch.setenv("PASSAPP_DATABASE_URL", database_url)
    result = verify(files[0])
    assert result.exit_code == 0, result.output
    assert "It is right, to the cent." in result.output


def test_what_a_former_key_signed_stays_good_and_it_is_said_to_be_former(world, files):
    statement, keys = files
    with world.database.write() as session:
        renew_key(session, world.settings.keys_dir, at=world.now, actor=SYSTEM)
    keys.write_bytes(world.client().get("/api/v1/statement-keys").content)
    kid = json.loads(statement.read_bytes())["kid"]
    known = json.loads(keys.read_bytes())
    assert (len(known["keys"]), list(known["retired"])) == (2, [kid])
    result = verify(statement, "--keys", keys)
    assert result.exit_code == 0, result.output
    assert f"Its key {kid} was retired on {world.now:%Y-%m-%d}" in result.output


def test_what_changed_since_it_was_published_waits_for_its_next_version(world):
    agree(world)
    shown = old_pass(world, world.hangar)
    november(world)
    manager = world.as_manager(world.moulin)
    path = f"/api/v1/places/{world.moulin.id}/statements/{MONTH}/sealed.json"
    assert manager.get(path).status_code == 200
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW))
    assert code_of(manager.get(path)) == (409, "statement_changed")
    pass_time(world, world.now + timedelta(minutes=1))
    assert manager.get(path).json()["seal"]["number"] == 2


def test_each_statement_names_the_one_before_it(world, files, tmp_path):
    statement, keys = files
    manager, path = world.as_manager(world.moulin), f"/api/v1/places/{world.moulin.id}/statements"
    close(world)
    statement.write_bytes(manager.get(f"{path}/{MONTH}/sealed.json").content)
    pass_time(world, datetime(2027, 1, 1, 12, tzinfo=UTC))
    after = tmp_path / "after.json"
    after.write_bytes(manager.get(f"{path}/2026-12/sealed.json").content)
    followed = verify(after, "--keys", keys, "--previous", statement)
    assert followed.exit_code == 0, followed.output
    assert "It follows the statement before it." in followed.output
    assert "was not checked" in verify(after, "--keys", keys).output
    assert "does not follow" in verify(statement, "--keys", keys, "--previous", after).output


def test_the_first_statement_of_a_place_is_said_to_be_the_first(world, tmp_path):
    november(world)
    manager = world.as_manager(world.moulin)
    statement, keys = tmp_path / "statement.json", tmp_path / "keys.json"
    statement.write_bytes(manager.get(f"/api/v1/places/{world.moulin.id}/statements/{MONTH}/sealed.json").content)
    keys.write_bytes(world.client().get("/api/v1/statement-keys").content)
    assert "It is the first of its place." in verify(statement, "--keys", keys).output


def test_the_statement_before_it_has_to_be_signed_too(world, files, tmp_path):
    statement, keys = files
    before = json.loads(statement.read_bytes())
    before["signature"] = "AAAA"
    former = tmp_path / "former.json"
    former.write_bytes(rfc8785.dumps(before))
    refused = verify(statement, "--keys", keys, "--previous", former)
    assert refused.exit_code == 1
    assert "the statement before it: the signature is not the network's" in refused.output


@pytest.mark.parametrize("seal", ["x", 3, None, []])
def test_a_seal_that_is_none_is_said_to_be_none_before_another_too(files, seal):
    statement, keys = files
    statement.write_bytes(rfc8785.dumps(json.loads(statement.read_bytes()) | {"seal": seal}))
    refused = verify(statement, "--keys", keys, "--previous", statement)
    assert (refused.exit_code, type(refused.exception)) == (1, SystemExit)
    assert "it holds no statement, or no seal" in refused.output


def test_the_command_prints_the_same_signed_statement_as_the_page(world, files, monkeypatch, database_url):
    monkeypatch.setenv("PASSAPP_DATABASE_URL", database_url)
    monkeypatch.setattr("passapp.cli.settlement.system_clock", lambda: world.now)
    printed = CliRunner().invoke(app, ["settle", MONTH, "--place", "moulin", "--signed"])
    assert printed.stdout_bytes == files[0].read_bytes(), printed.output


@pytest.mark.parametrize(
    "words, said",
    [(["--signed"], "Say of which place"), (["--place", "moulin", "--signed", "--csv"], "Choose one")],
)
def test_a_signed_statement_is_of_one_place_and_in_one_form(words, said):
    result = CliRunner().invoke(app, ["settle", MONTH, *words])
    assert result.exit_code == 1
    assert said in result.output
