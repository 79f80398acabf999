"""The check, checked: against a month worked out on paper, and against documents with one thing wrong in each."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from random import Random

import pytest
from books import Books, Convention, Place, Visit, canonical, from_json, sha256_of
from by_hand import BOOKS, CAEN, MONTH, VISITS
from month import half_away, recompute, statement
from recompute import check_all, check_books, check_month, compare, main
from transfers import check_transfers, fewest_payments, payments_of_the_simple_way

RESULT = recompute(BOOKS)
TEXTS = {"month.json": canonical(MONTH), "caen.json": canonical(CAEN)}


def test_the_month_worked_out_on_paper_is_recomputed():
    assert RESULT.month == {name: value for name, value in MONTH.items() if name != "transfers"}


def test_the_statement_worked_out_on_paper_is_recomputed():
    assert statement(RESULT, "caen", MONTH) == CAEN


def test_nothing_differs_from_the_month_worked_out_on_paper():
    assert check_all(BOOKS, TEXTS) == ([], CAEN["month_sha256"])


def test_the_order_of_the_visits_changes_nothing():
    shuffled = Random(1).sample(VISITS, len(VISITS))
    assert recompute(replace(BOOKS, visits=shuffled)) == RESULT


@pytest.mark.parametrize("reason", ["offered", "stale_list", "too_late"])
def test_a_visit_that_is_waived_costs_nothing_uses_nothing_up_and_stands_in_a_line_of_its_own(reason):
    document = {"tariff": [{"when": {}, "rate_cents": 500}], "allowance": 1, "cap": 1, "money": True, "unit": "visit"}
    agreed = Convention(1, date(2026, 1, 1), document | {"fund_basis_points": 0, "netting": "gross"}, "")
    places = {code: Place(date(2026, 1, 1)) for code in ("caen", "rouen")}

    def came(day, **more):
        at = datetime(2026, 10, day, 9, tzinfo=UTC)
        return Visit(f"{day}", at, "Léa", "caen", "rouen", 1, at.date(), **more)

    visits = [came(1, waived=reason), came(2), came(3), came(4)]
    found = recompute(Books("RESEAU", "2026-10", places, {1: agreed}, visits))
    assert [(one.free, one.paid, one.over_cap, one.amount_cents) for one in found.rated] == [
        (0, 0, 0, 0),
        (1, 0, 0, 0),
        (0, 1, 0, 500),
        (0, 0, 1, 0),
    ]
    assert [(line.get("waived"), line["visits"], line["amount_cents"]) for line in found.month["lines"]] == [
        (None, 3, 500),
        (reason, 1, 0),
    ]


def test_a_visit_that_the_fund_pays_has_the_price_of_its_own_home():
    tariff = [{"when": {"home": ["caen"]}, "rate_cents": 300}, {"when": {}, "rate_cents": 1000}]
    document = {"tariff": tariff, "allowance": None, "cap": None, "money": True, "unit": "visit"}
    document |= {"fund_basis_points": 0, "netting": "gross", "transition_days": 30}
    agreed = Convention(1, date(2026, 1, 1), document, "")
    places = {"caen": Place(date(2026, 1, 1), date(2026, 10, 15)), "rouen": Place(date(2026, 1, 1))}
    at = datetime(2026, 10, 20, 9, tzinfo=UTC)
    visits = [Visit("1", at, "Léa", "caen", "rouen", 1, at.date())]
    [line] = recompute(Books("RESEAU", "2026-10", places, {1: agreed}, visits)).month["lines"]
    assert (line["home"], line["rule"], line["amount_cents"]) == ("@fund", 0, 300)


# Documents with one thing wrong


def _changed(document, *path, by):
    """The document with ``by`` done to what is found at the path."""
    document = deepcopy(document)
    inside = document
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = by(inside[path[-1]])
    return document


def _without(number):
    return lambda entries: entries[:number] + entries[number + 1 :]


def _swapped_creditors(transfers):
    """Caen's 17.51 to Rouen, and its 3.61 to the fund, the other way round."""
    transfers[1]["amount_cents"], transfers[2]["amount_cents"] = 1751, 361
    return transfers


@pytest.mark.parametrize(
    "path, by, found",
    [
        (
            ("lines", 0, "amount_cents"),
            lambda cents: cents + 1,
            "bayeux rouen 1 1 550: amount_cents is 1501, and should",
        ),
        (("lines", 4, "free_units"), lambda units: units - 1, "caen rouen 1 1 550: free_units is 1, and should be 2"),
        (("lines",), _without(2), "Month, lines caen evreux 1 0 0 is missing"),
        (("lines",), lambda lines: lines[::-1], "Month, lines: not in order, or twice"),
        (("lines",), lambda lines: [*lines, lines[-1]], "Month, lines: not in order, or twice"),
        (("lines", 2, "rule"), lambda rule: rule + 1, "lines caen evreux 1 1 0 should not be there"),
        (("lines", 0, "paid_units"), str, 'paid_units is "3", and should be 3'),
        (("lines", 2, "visits"), bool, "visits is true, and should be 1"),
        (("pairs", 2, "vat_cents"), lambda cents: cents + 1, "pairs caen rouen: vat_cents is 108, and should be 107"),
        (("pairs", 1, "visits"), lambda visits: visits - 1, "pairs caen evreux: visits is 1, and should be 2"),
        (("fund", 0, "amount_cents"), lambda cents: cents - 1, "fund caen: amount_cents is 4, and should be 5"),
        (("positions", 3, "position_cents"), lambda cents: -cents, "evreux: position_cents is 787, and should be -787"),
        (("at_home",), _without(0), "at_home caen is missing"),
        (
            ("not_settled", 1, "units"),
            lambda units: units + 1,
            "evreux bayeux took_no_part: units is 2, and should be 1",
        ),
        (("conventions", 0, "document", "cap"), lambda _: None, "document: cap is null, and should be 4"),
        (("conventions", 1, "sha256"), lambda text: text[::-1], "conventions 2: sha256 is"),
        (("netting",), lambda _: "gross", 'netting is "gross", and should be "multilateral"'),
        (("month",), lambda _: "2026-09", 'month is "2026-09", and should be "2026-10"'),
        (("transfers",), _without(3), "By the transfers evreux gets 0 cents in all; its position is -787."),
        (("transfers",), _swapped_creditors, "By the transfers rouen gets 2731 cents in all; its position is 4121."),
        (("transfers", 0, "creditor"), lambda _: "@fund", "By the transfers @fund gets 1944 cents in all"),
        (("transfers", 0, "amount_cents"), lambda cents: cents - 1, "By the transfers bayeux gets -1582 cents in all"),
        (("transfers",), lambda transfers: transfers[::-1], "Transfers are not in the order of debtor and creditor."),
        (("transfers",), lambda _: None, "Month: transfers are missing."),
        (("transfers", 0), lambda _: {}, "Transfer without two places, a positive amount and what it discharges: {}"),
        (("transfers", 0, "amount_cents"), lambda _: -1583, "Transfer without two places, a positive amount"),
        (
            ("transfers", 1, "discharges"),
            _without(1),
            "caen → @fund is 361 cents and discharges 331 cents of its debtor",
        ),
        (("transfers", 1, "discharges"), _without(3), "Of what is set off, @fund gives 0 cents and gets 30."),
        (
            ("transfers", 3, "discharges"),
            lambda _: [],
            "evreux → rouen is 787 cents and discharges 0 cents of its debtor",
        ),
        (
            ("transfers", 0, "discharges", 0, "creditor"),
            lambda _: "evreux",
            "Discharged, but bayeux owes evreux nothing.",
        ),
        (
            ("transfers", 2, "discharges", 1, "amount_cents"),
            lambda cents: cents + 1,
            "1 cents too many are discharged of what caen owes rouen.",
        ),
    ],
)
def test_what_is_wrong_in_a_months_document_is_found(path, by, found):
    assert found in "\n".join(check_month(BOOKS, RESULT, _changed(MONTH, *path, by=by)))


@pytest.mark.parametrize(
    "path, by, found",
    [
        (("made", 1, "visits_detail"), _without(1), f"rouen, visits_detail {VISITS[2].id} is missing"),
        (("made", 1, "visits_detail", 2, "over_cap_units"), lambda _: 0, "over_cap_units is 0, and should be 1"),
        (("made", 1, "visits_detail"), lambda visits: visits[::-1], "visits_detail: not in order, or twice"),
        (("made",), _without(0), "made evreux is missing"),
        (("made", 0, "lines"), _without(1), "made evreux, lines 2 2 550 is missing"),
        (
            ("made", 0, "lines", 0, "amount_cents"),
            lambda cents: cents + 1,
            "lines 1 0 0: amount_cents is 301, and should",
        ),
        (("received", 0, "partner"), lambda _: "bayeux", "received bayeux should not be there"),
        (("position_cents",), lambda cents: -cents, "Statement of caen: position_cents is 2112, and should be -2112"),
        (("fund_cents",), lambda _: 4, "Statement of caen: fund_cents is 4, and should be 5"),
        (("transfers",), _without(0), "transfers caen @fund is missing"),
        (
            ("transfers", 1, "amount_cents"),
            lambda cents: cents - 1,
            "caen rouen: amount_cents is 1750, and should be 1751",
        ),
        (("month_sha256",), lambda text: text[::-1], "Statement of caen: month_sha256 is"),
        (("at_home_visits",), lambda visits: visits + 1, "at_home_visits is 2, and should be 1"),
    ],
)
def test_what_is_wrong_in_a_statement_is_found(path, by, found):
    caen = canonical(_changed(CAEN, *path, by=by))
    differences, _ = check_all(BOOKS, TEXTS | {"caen.json": caen})
    assert found in "\n".join(differences)


def test_a_visit_that_the_document_does_not_count_is_found():
    forgetful = recompute(replace(BOOKS, visits=[visit for visit in VISITS if visit.id != VISITS[1].id]))
    assert "Month, lines caen evreux 1 0 0 is missing." in check_month(
        BOOKS, RESULT, forgetful.month | {"transfers": MONTH["transfers"]}
    )


def test_a_field_that_is_missing_or_too_many_is_found():
    assert compare({"cents": 1}, {"euros": 1}, "Line") == [
        "Line: euros should not be there.",
        "Line: cents is missing.",
    ]


@pytest.mark.parametrize("text", [canonical(MONTH).replace(":", ": ", 1), canonical(MONTH) + " "])
def test_a_document_written_otherwise_than_canonically_is_found(text):
    differences, _ = check_all(BOOKS, {"month.json": text})
    assert differences == ["month.json is not canonical JSON (RFC 8785)."]


def test_a_fraction_of_a_cent_is_refused():
    with pytest.raises(ValueError, match=r"1583\.0 is not a whole number"):
        from_json(canonical(MONTH).replace("1583", "1583.0", 1))


@pytest.mark.parametrize(
    "visit, found",
    [
        (replace(VISITS[0], units=3), "has 3 units (R4)."),
        (replace(VISITS[0], convention=2), "names a convention that was not in force (R7)."),
        (replace(VISITS[0], local_date=date(2026, 11, 1), convention=2), "of 2026-11-01 is posted in 2026-10."),
    ],
)
def test_a_visit_that_contradicts_the_rules_is_found(visit, found):
    (difference,) = check_books(replace(BOOKS, visits=[visit, *VISITS[1:]]))
    assert difference.endswith(found)


def test_a_convention_that_was_changed_after_it_was_hashed_is_found():
    changed = replace(BOOKS.conventions[1], document=BOOKS.conventions[1].document | {"cap": 5})
    assert check_books(replace(BOOKS, conventions=BOOKS.conventions | {1: changed})) == [
        "Convention 1 does not have the SHA-256 that the database says."
    ]


# Netting

OWED = {("a", "b"): 700, ("b", "a"): 300, ("b", "c"): 400}
POSITIONS = {"a": -400, "b": 0, "c": 400}


def _paid(*pieces):
    return {"debtor": pieces[0][0], "creditor": pieces[-1][1], "amount_cents": pieces[0][2]} | {
        "discharges": [{"debtor": debtor, "creditor": creditor, "amount_cents": n} for debtor, creditor, n in pieces]
    }


GROSS = [_paid(("a", "b", 700)), _paid(("b", "a", 300)), _paid(("b", "c", 400))]
BILATERAL = [_paid(("a", "b", 400)), _paid(("b", "c", 400))]
MULTILATERAL = [_paid(("a", "b", 400), ("b", "c", 400))]


@pytest.mark.parametrize(
    "mode, transfers", [("gross", GROSS), ("bilateral", BILATERAL), ("multilateral", MULTILATERAL)]
)
def test_each_way_of_netting_is_known(mode, transfers):
    assert check_transfers(mode, transfers, OWED, POSITIONS) == []


@pytest.mark.parametrize(
    "mode, transfers, found",
    [
        ("bilateral", GROSS, "Transfer a → b is 700 cents; bilateral it is 400."),
        ("gross", BILATERAL, "Transfer b → a is 0 cents; gross it is 300."),
        ("multilateral", BILATERAL, "b both pays and receives."),
        ("multilateral", BILATERAL, "The transfers move 800 cents in all; 400 are enough."),
        ("multilateral", BILATERAL, "There are 2 transfers; 1 are enough."),
        ("bilateral", MULTILATERAL, "Transfer a → c is 400 cents; bilateral it is 0."),
        ("bilateral", MULTILATERAL, "Transfer a → c: bilateral, it discharges itself and nothing else."),
        ("multilateral", [*MULTILATERAL, *MULTILATERAL], "Two transfers have the same debtor and creditor."),
    ],
)
def test_the_wrong_way_of_netting_is_found(mode, transfers, found):
    assert found in check_transfers(mode, transfers, OWED, POSITIONS)


def test_what_two_places_set_off_is_the_same_on_both_sides():
    transfers = [_paid(("a", "b", 399)), _paid(("b", "c", 400))]
    assert "a sets 301 cents off with b, which sets off 300." in check_transfers(
        "bilateral", transfers, OWED, POSITIONS
    )


def _groupings(amounts):
    """Every way to divide the amounts into groups."""
    if not amounts:
        yield []
        return
    for rest in _groupings(amounts[1:]):
        yield [[amounts[0]], *rest]
        for number, group in enumerate(rest):
            yield [*rest[:number], [amounts[0], *group], *rest[number + 1 :]]


@pytest.mark.parametrize("seed", range(12))
def test_the_fewest_payments_are_those_found_by_trying_every_grouping(seed):
    rng = Random(seed)
    amounts = [cents for cents in (rng.randint(-4, 4) for _ in range(6)) if cents]
    amounts = [*amounts, -sum(amounts)] if sum(amounts) else amounts
    settled = [groups for groups in _groupings(amounts) if not any(map(sum, groups))]
    assert fewest_payments(amounts) == len(amounts) - max(map(len, settled))


def test_more_than_sixteen_positions_need_one_payment_less_than_they_are_at_most():
    owed = {(f"d{n:02}", "z"): 2**n for n in range(17)}
    positions = {debtor: -cents for (debtor, _), cents in owed.items()} | {"z": sum(owed.values())}
    transfers = [_paid((debtor, "z", cents)) for (debtor, _), cents in owed.items()]
    assert check_transfers("multilateral", transfers, owed, positions) == []


def test_more_than_sixteen_positions_with_equal_opposites_not_paired_first_are_found():
    owed = {(f"d{n}", f"c{n}"): 100 for n in range(9)}
    transfers = [_paid((f"d{n}", f"c{n}", 50)) for n in range(9)]
    transfers += [_paid((f"d{n}", f"c{(n + 1) % 9}", 50)) for n in range(9)]
    positions = {f"d{n}": -100 for n in range(9)} | {f"c{n}": 100 for n in range(9)}
    assert "There are 18 transfers; 9 are enough." in check_transfers("multilateral", transfers, owed, positions)


def test_of_many_positions_equal_opposites_settle_first_then_the_largest_by_code():
    positions = {"a": -500, "b": -500, "c": 500, "d": 400, "e": -300, "f": 400}
    paid = {("a", "c"): 500, ("b", "d"): 400, ("e", "f"): 300, ("b", "f"): 100}
    assert payments_of_the_simple_way(positions) == paid


# Numbers and JSON


@pytest.mark.parametrize("numerator", range(-25, 26))
def test_halves_are_rounded_away_from_zero(numerator):
    nearest = half_away(numerator, 10)
    away = abs(Fraction(numerator, 10) - nearest)
    assert away < Fraction(1, 2) or (away == Fraction(1, 2) and abs(nearest) * 10 > abs(numerator))


@pytest.mark.parametrize(
    "value, text",
    [
        ({"b": [1, -2, True, None, False], "a": {}}, '{"a":{},"b":[1,-2,true,null,false]}'),
        # The example of RFC 8785, 3.2.3: by UTF-16 code units, a surrogate pair comes before U+FB33.
        (
            {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7},
            '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
        ),
        ('€$\x0f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ("\b\t\f\x00\x7f\u2028", '"\\b\\t\\f\\u0000\x7f\u2028"'),
    ],
)
def test_json_is_written_in_its_one_canonical_form(value, text):
    assert canonical(value) == text


def test_a_number_that_json_would_round_is_not_written():
    with pytest.raises(ValueError, match="too big"):
        canonical(2**53)


def test_a_hash_is_that_of_the_canonical_bytes():
    assert sha256_of({"a": "é"}) == "b3a092a6af48807fa9482b2ee140105575daa26d5b24b3c0e60a7e2dee6683b1"


# The command


def test_a_month_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["nothing.sqlite", "2026-13"])
    assert "2026-13 is not a month such as 2026-10" in capsys.readouterr().err


def test_the_document_of_the_month_must_be_given():
    with pytest.raises(ValueError, match="one document of the month"):
        check_all(BOOKS, {"caen.json": TEXTS["caen.json"]})
