"""Whether a statement adds up, from the statement alone, and whether its numbers are those of its own rules. Pure.

Whoever holds the file needs no database for it. That its visits took place is what the two places of each line know;
whose free visits were used up elsewhere (R9), only who has all visits.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from passapp.settlement.rules.advances import net_of
from passapp.settlement.rules.amounts import BASIS_POINTS, amount_said, divide, share
from passapp.settlement.rules.documents import sha256_of
from passapp.settlement.rules.netting import obligations_of
from passapp.settlement.rules.rating import FUND

_Say = Callable[[int], str]
_UNITS = ("units", "free_units", "paid_units", "over_cap_units", "amount_cents")


def arithmetic_flaws(statement: Mapping[str, Any]) -> list[str]:
    """What does not add up in a statement, in words. Whatever it lacks, or holds of another kind, is a flaw too."""
    try:
        return list(_flaws(statement))
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
        return ["it lacks a part that every statement has, or has it in another form"]


def _flaws(statement: Mapping[str, Any]) -> Iterable[str]:
    for version in statement["conventions"]:
        if sha256_of(version["document"]) != version["sha256"]:
            yield f"version {version['number']} of the rules does not have its hash"
    rules = {version["number"]: version["document"] for version in statement["conventions"]}
    say = partial(amount_said, currency=statement.get("currency"))
    yield from _currency_flaws(statement, rules.values())
    position = 0
    for side, sign in (("received", 1), ("made", -1)):
        for row in statement[side]:
            where = f"{side} {row['partner']}"
            yield from _row_flaws(row, where, say)
            home, host = (row["partner"], statement["place"]) if sign == 1 else (statement["place"], row["partner"])
            yield from _rule_flaws(row, rules, {"home": home, "host": host}, where, say)
            position += sign * row["total_cents"]
        for row in statement.get(f"bookings_{side}", ()):
            yield from _booking_flaws(row, f"bookings_{side} {row['partner']}")
            position += sign * row["total_cents"]
    fund = _fund(statement, rules)
    if fund != statement["fund_cents"]:
        yield f"what goes to the common fund is {say(statement['fund_cents'])}, and {say(fund)} comes out"
    position -= statement["fund_cents"]
    place = statement["place"]
    position += _balance(statement.get("openings", ()), place)
    if position != statement["position_cents"]:
        yield f"the position is {say(statement['position_cents'])}, and {say(position)} comes out"
    paid = _balance([*statement["transfers"], *statement.get("carried", ())], place)
    if paid != statement["position_cents"]:
        yield f"the payments come to {say(paid)}, and the position is {say(statement['position_cents'])}"
    yield from _payment_flaws(statement, say)


def _currency_flaws(statement: Mapping[str, Any], rules: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Whether its amounts are in one currency, that of its rules (R16); debts may be older than the rules."""
    own = statement.get("currency")
    theirs = {version.get("currency") for version in rules if version["money"]}
    if (theirs - {own}) or (own and not theirs and not statement.get("openings")):
        said = ", ".join(sorted(each or "euros" for each in theirs)) or "no money"
        yield f"it is in {own or 'euros'}, and its rules settle {said}"


def _balance(moves: Iterable[Mapping[str, Any]], place: str) -> int:
    moves = list(moves)
    gets: int = sum(move["amount_cents"] for move in moves if move["creditor"] == place)
    pays: int = sum(move["amount_cents"] for move in moves if move["debtor"] == place)
    return gets - pays


def _row_flaws(row: Mapping[str, Any], where: str, say: _Say) -> Iterable[str]:
    visits, lines = row["visits_detail"], row["lines"]
    for each in (*visits, *lines):
        units = 0 if each.get("waived") else each["units"]
        if each["free_units"] + each["paid_units"] + each["over_cap_units"] != units:
            yield f"{where}: units that are neither free, paid nor over the cap"
        if each["amount_cents"] != each["paid_units"] * each["rate_cents"]:
            yield f"{where}: an amount is not its paid units times its rate"
    for name in _UNITS:
        if _by_rate(visits, name) != _by_rate(lines, name):
            yield f"{where}: the visits' {name} are not those of the lines"
    if not len(visits) == row["visits"] == sum(line["visits"] for line in lines):
        yield f"{where}: the number of visits is not that of the lines"
    if row["units"] != sum(line["units"] for line in lines):
        yield f"{where}: the units are not those of the lines"
    yield from _total_flaws(row, where, say)


def _by_rate(rows: Iterable[Mapping[str, Any]], name: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in rows:
        found[row["rate_cents"]] = found.get(row["rate_cents"], 0) + row[name]
    return found


def _rule_flaws(
    row: Mapping[str, Any], rules: Mapping[int, Mapping[str, Any]], between: Mapping[str, str], where: str, say: _Say
) -> Iterable[str]:
    """Whether each line has what the rule that it names grants (R7, R9), and the tax that its version settles."""
    for line in row["lines"]:
        version = rules.get(line["convention"])
        if version is None or not 0 <= line["rule"] < len(version["tariff"]):
            yield f"{where}: a line of a rule that the statement does not have"
            continue
        rule = version["tariff"][line["rule"]]
        if line["rate_cents"] != rule["rate_cents"]:
            yield f"{where}: a rate of {say(line['rate_cents'])}, and the rule says {say(rule['rate_cents'])}"
        for name, code in between.items():
            only = rule["when"].get(name)
            if only is not None and code != FUND and code not in only:
                yield f"{where}: a line of a rule that is not for {code}"
        if line["free_units"] and not version.get("allowance"):
            yield f"{where}: free units, and the rules grant none"
        if line["over_cap_units"] and version.get("cap") is None:
            yield f"{where}: units over a cap that the rules do not have"
        if line["vat_basis_points"] and version.get("vat") == "none":
            yield f"{where}: a tax, and the rules settle none"


def _booking_flaws(row: Mapping[str, Any], where: str) -> Iterable[str]:
    """Whether a row of bookings comes to them, less what is given back; they include tax, rounded once (R11)."""
    owed = 0 if row.get("not_settled") else sum(each["amount_cents"] for each in row["bookings_detail"])
    total = owed - sum(each["amount_cents"] for each in row.get("credits", ()))
    net = net_of(total, row["vat_basis_points"])
    if (row["total_cents"], row["net_cents"], row["vat_cents"]) != (total, net, total - net):
        yield _totals_said(row, where, (net, total - net), amount_said)
    if row["bookings"] != len(row["bookings_detail"]):
        yield f"{where}: the number of bookings is not that of its detail"


def _fund(statement: Mapping[str, Any], rules: Mapping[int, Mapping[str, Any]]) -> int:
    """What the place owes the common fund for what it received (R12): rounded once."""
    base = 0
    for row in statement["received"]:
        for sign, owed in ((1, row["lines"]), (-1, row.get("credits", ()))):
            base += sign * sum(each["amount_cents"] * rules[each["convention"]]["fund_basis_points"] for each in owed)
    return divide(base, BASIS_POINTS)


def _payment_flaws(statement: Mapping[str, Any], say: _Say) -> Iterable[str]:
    """Whether each payment is explained by the debts it settles (R16), and no more of the place's than there are.

    Those lead from the payer to the payee, or to others whom further payments reach instead.
    """
    place, settled = statement["place"], dict[tuple[str, str], int]()
    for payment in (*statement["transfers"], *statement.get("carried", ())):
        arrived: dict[str, int] = {}
        for debt in payment["discharges"]:
            debtor, creditor, cents = debt["debtor"], debt["creditor"], debt["amount_cents"]
            arrived[debtor] = arrived.get(debtor, 0) - cents
            arrived[creditor] = arrived.get(creditor, 0) + cents
            settled[debtor, creditor] = settled.get((debtor, creditor), 0) + cents
        if arrived.pop(payment["debtor"], 0) != -payment["amount_cents"] or any(
            cents < 0 for cents in arrived.values()
        ):
            yield f"the debts under the payment of {payment['debtor']} to {payment['creditor']} do not come to it"
    owed = {(debt.debtor, debt.creditor): debt.amount_cents for debt in obligations_of(_debts(statement))}
    for (debtor, creditor), cents in settled.items():
        most = owed.get((debtor, creditor), 0)
        if place in {debtor, creditor} and cents > most:
            yield f"payments settle {say(cents)} that {debtor} owes {creditor}, and it owes {say(most)}"


def _debts(statement: Mapping[str, Any]) -> Iterable[tuple[str, str, int]]:
    """What others owe the place and what it owes them, the common fund and former months too."""
    place = statement["place"]
    exchanged: dict[tuple[str, str], int] = {}  # visits and bookings are one debt
    for row in (*statement["received"], *statement.get("bookings_received", ())):
        pair = row["partner"], place
        exchanged[pair] = exchanged.get(pair, 0) + row["total_cents"]
    for row in (*statement["made"], *statement.get("bookings_made", ())):
        pair = place, row["partner"]
        exchanged[pair] = exchanged.get(pair, 0) + row["total_cents"]
    yield from ((*pair, cents) for pair, cents in exchanged.items())
    yield place, FUND, statement["fund_cents"]
    for each in statement.get("openings", ()):
        yield each["debtor"], each["creditor"], each["amount_cents"]


def _total_flaws(row: Mapping[str, Any], where: str, say: _Say) -> Iterable[str]:
    """What each home owes each host: VAT once per rate, on the total (R11)."""
    lines = row["lines"]
    by_rate: dict[int, int] = {}
    for line in lines:
        by_rate[line["vat_basis_points"]] = by_rate.get(line["vat_basis_points"], 0) + line["amount_cents"]
    for credit in row.get("credits", ()):
        by_rate[credit["vat_basis_points"]] = by_rate.get(credit["vat_basis_points"], 0) - credit["amount_cents"]
    net, vat = sum(by_rate.values()), sum(share(cents, points) for points, cents in by_rate.items())
    if (net, vat, net + vat) != (row["net_cents"], row["vat_cents"], row["total_cents"]):
        yield _totals_said(row, where, (net, vat), say)


def _totals_said(row: Mapping[str, Any], where: str, own: tuple[int, int], say: _Say) -> str:
    """Where a row's totals are others; ``own``: what comes out before tax, and the tax."""
    said, found = (f"{say(net)} and {say(vat)} of tax" for net, vat in ((row["net_cents"], row["vat_cents"]), own))
    return f"{where}: the totals are {said}, and {found} come out"
