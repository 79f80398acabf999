"""A month by the rules (R1 to R15), from the visits to the positions: every line of its document but the transfers."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta

from books import Visit, sha256_of

FUND = "@fund"
PAIR = ("home", "host")
MODES = ("gross", "bilateral", "existing_debts", "multilateral")  # from every debt as it is to the fewest payments


@dataclass
class Rated:
    """A visit to settle, and what it costs. Its units are free, paid, or over the cap; or none of these, if waived."""

    visit: Visit
    free: int
    paid: int
    over_cap: int
    rule: int
    rate_cents: int
    vat: int

    @property
    def amount_cents(self):
        return self.paid * self.rate_cents  # R10


def half_away(numerator, denominator):
    """The fraction, rounded to a whole number; halves go away from zero (R1)."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def first_match(tariff, visit):
    """The number and the rate of the first rule whose every condition holds (R7)."""
    facts = {"plan": visit.plan, "host_class": visit.host_class, "zone": visit.zone}
    facts |= {"home": visit.home, "host": visit.host}
    for number, rule in enumerate(tariff):
        if all(facts[what] in allowed for what, allowed in rule["when"].items()):
            return number, rule["rate_cents"]
    raise ValueError(f"No rule of the tariff fits visit {visit.id}.")


def payer(books, visit):
    """The home; or the fund, for as many days as was agreed after the home has left; or nobody (R13)."""
    home, rules = books.places[visit.home], books.conventions[visit.convention].document
    if not books.places[visit.host].takes_part_on(visit.local_date):
        return None
    if home.takes_part_on(visit.local_date):
        return visit.home
    days = timedelta(days=rules.get("transition_days", 0))
    has_just_left = home.left_on and home.left_on <= visit.local_date < home.left_on + days
    return FUND if has_just_left else None


def used_before(books):
    """What the members of late visits have used up of their months, in the months that are settled (R14)."""
    free_so_far, paid_so_far = Counter(), Counter()
    for month in sorted({month for month, _ in books.earlier}):
        visits = [visit for posted, visit in books.earlier if posted == month and not visit.at_home]
        rate(books, [visit for visit in visits if payer(books, visit)], free_so_far, paid_so_far)
    return free_so_far, paid_so_far


def rate(books, visits, free_so_far, paid_so_far):
    """What each visit costs: in the order of R8, the free allowance first, then up to the cap (R9).

    A visit that the host offered (R7), that an old list let in (R19) or that came to light too late (R14) is counted
    for 0.00: it uses up neither.
    """
    rated = []
    for visit in sorted(visits, key=lambda visit: (visit.opened_at, visit.id)):
        rules = books.conventions[visit.convention].document
        number, cents = first_match(rules["tariff"], visit)
        taxed = rules.get("vat", "by_host") == "by_host"
        vat = books.places[visit.host].vat_on(visit.local_date) if taxed else 0
        if visit.waived:
            rated.append(Rated(visit, 0, 0, 0, number, cents if rules["money"] else 0, vat))
            continue
        free = min(visit.units, max(0, (rules["allowance"] or 0) - free_so_far[visit.visitor]))
        rest = visit.units - free
        paid = rest if rules["cap"] is None else min(rest, max(0, rules["cap"] - paid_so_far[visit.visitor]))
        free_so_far[visit.visitor] += free
        paid_so_far[visit.visitor] += paid
        rated.append(Rated(visit, free, paid, rest - paid, number, cents if rules["money"] else 0, vat))
    return rated


def currency(books):
    """The local currency that the network settles in, or none: euros. It has but one, whenever its rules came (R16)."""
    return next((v.document["currency"] for v in books.conventions.values() if v.document.get("currency")), None)


def _said_currency(currency, conventions, openings):
    """What a document says of it: where its rules settle in it, or a debt of former rules is in it."""
    has_any = openings or any(version["document"].get("currency") for version in conventions)
    return {"currency": currency} if currency and has_any else {}


@dataclass
class Result:
    """The month as it must be: all of its document but the transfers, and what the checks of those need."""

    month: dict
    rated: list[Rated]
    bookings: list[dict]
    owed: dict[tuple[str, str], int] = field(default_factory=dict)  # (debtor, creditor): cents
    positions: dict[str, int] = field(default_factory=dict)
    lowered: dict[str, str] = field(default_factory=dict)
    currency: str | None = None
    credits: list = field(default_factory=list)


def recompute(books):
    """Recompute a month from its books."""
    at_home = Counter(visit.host for visit in books.visits if visit.at_home)  # R5
    elsewhere = [visit for visit in books.visits if not visit.at_home]
    unsettled = [visit for visit in elsewhere if not payer(books, visit)]  # R13
    rated = rate(books, [visit for visit in elsewhere if payer(books, visit)], *used_before(books))
    for one in rated:  # only now: the rule looks at the member's own home, whoever pays (R7)
        one.visit = replace(one.visit, home=payer(books, one.visit))
    lines = _lines(rated, books.month)
    pairs = _pairs(lines, books.credits)
    fund = _fund(lines, books)
    bookings = _bookings(books)
    owed, exchanged = Counter(), Counter()
    for row in (*pairs, *bookings):  # what a home advances is owed with its visits; the fund takes no share of it
        exchanged[row["home"], row["host"]] += row["total_cents"]
    for debtor, creditor, cents in (
        *((*pair, cents) for pair, cents in exchanged.items()),
        *((share["host"], FUND, share["amount_cents"]) for share in fund),
        *((opening.debtor, opening.creditor, opening.cents) for opening in books.openings),
    ):
        if cents:  # less than nothing is owed the other way
            owed[(debtor, creditor) if cents > 0 else (creditor, debtor)] += abs(cents)
    positions = {place: 0 for row in (*pairs, *bookings) for place in (row["home"], row["host"])}
    for (debtor, creditor), cents in owed.items():
        positions[debtor] = positions.get(debtor, 0) - cents
        positions[creditor] = positions.get(creditor, 0) + cents
    mode = books.in_force_on(books.days()[-1]).document["netting"]
    lowered = {place: own for place, own in sorted(books.modes.items()) if MODES.index(own) < MODES.index(mode)}
    some = {
        "credits": _given_back(books.credits),
        "bookings": [_without_ids(row) for row in bookings],
        "openings": [_opening(opening) for opening in books.openings],
        "lowered": [{"place": place, "netting": own} for place, own in lowered.items()],
    }
    month = {
        "schema": "passapp/month/1",
        "network": books.network,
        "month": books.month,
        **_said_currency(currency(books), _conventions(books), books.openings),
        "conventions": _conventions(books),
        "at_home": [{"place": place, "visits": visits} for place, visits in sorted(at_home.items())],
        "lines": lines,
        "not_settled": _not_settled(unsettled),
        "pairs": pairs,
        **{name: rows for name, rows in some.items() if rows},
        "fund": fund,
        "positions": [{"place": place, "position_cents": cents} for place, cents in sorted(positions.items())],
        "netting": mode,
    }
    return Result(month, rated, bookings, dict(owed), positions, lowered, currency(books), books.credits)


def _conventions(books):
    """The versions in force on any day of the month, or named by a visit of it."""
    used = {version.number for day in books.days() if (version := books.in_force_on(day))}
    used |= {visit.convention for visit in books.visits} | {credit.convention for credit in books.credits}
    return [
        {
            "number": number,
            "starts_on": books.conventions[number].starts_on.isoformat(),
            "sha256": sha256_of(books.conventions[number].document),
            "document": books.conventions[number].document,
        }
        for number in sorted(used)
    ]


def _lines(rated, month):
    """One line for what is priced alike between two places.

    What is waived, and why, has lines of its own, and so has what comes from a closed month (R14).
    """
    groups = defaultdict(list)
    for one in rated:
        made = f"{one.visit.local_date:%Y-%m}"
        key = (one.visit.home, one.visit.host, one.visit.convention, one.rule, one.vat, one.visit.waived or "")
        groups[*key, made if made < month else ""].append(one)
    return [
        {
            "home": home,
            "host": host,
            "convention": convention,
            "rule": rule,
            "rate_cents": group[0].rate_cents,
            "vat_basis_points": vat,
            "visits": len(group),
            "units": sum(one.visit.units for one in group),
            "free_units": sum(one.free for one in group),
            "paid_units": sum(one.paid for one in group),
            "over_cap_units": sum(one.over_cap for one in group),
            "amount_cents": sum(one.amount_cents for one in group),
        }
        | ({"waived": waived} if waived else {})
        | ({"origin": origin} if origin else {})
        for (home, host, convention, rule, vat, waived, origin), group in sorted(groups.items())
    ]


def _pairs(lines, credits_):
    """What each home owes each host, less what is given back. VAT once per rate, on the total of that rate (R11)."""
    groups, back = defaultdict(list), defaultdict(list)
    for line in lines:
        groups[line["home"], line["host"]].append(line)
    for credit in credits_:
        back[credit.home, credit.host].append(credit)
    pairs = []
    for home, host in sorted(groups.keys() | back.keys()):
        group, by_rate = groups[home, host], Counter()
        for line in group:
            by_rate[line["vat_basis_points"]] += line["amount_cents"]
        for credit in back[home, host]:
            by_rate[credit.vat] -= credit.cents
        net = sum(by_rate.values())
        vat = sum(half_away(cents * basis_points, 10_000) for basis_points, cents in by_rate.items())
        pair = {"home": home, "host": host}
        pair |= {"visits": sum(line["visits"] for line in group), "units": sum(line["units"] for line in group)}
        pairs.append(pair | {"net_cents": net, "vat_cents": vat, "total_cents": net + vat})
    return pairs


def _fund(lines, books):
    """What each host owes the common fund: its share of the amounts without VAT, rounded once per host (R12)."""
    shares = Counter()
    for line in lines:
        rules = books.conventions[line["convention"]].document
        shares[line["host"]] += line["amount_cents"] * rules["fund_basis_points"]
    for credit in books.credits:
        shares[credit.host] -= credit.cents * books.conventions[credit.convention].document["fund_basis_points"]
    owed = {host: half_away(share, 10_000) for host, share in sorted(shares.items())}
    return [{"host": host, "amount_cents": cents} for host, cents in owed.items() if cents]


def _not_settled(visits):
    groups = defaultdict(list)
    for visit in visits:
        groups[visit.home, visit.host].append(visit.units)
    return [
        {"home": home, "host": host, "reason": "took_no_part", "visits": len(units), "units": sum(units)}
        for (home, host), units in sorted(groups.items())
    ]


def _credit(credit):
    return {
        "visit": credit.visit,
        "origin": credit.origin,
        "convention": credit.convention,
        "vat_basis_points": credit.vat,
        "amount_cents": credit.cents,
    }


def _given_back(credits_):
    """What the network sees of credits: sums. Which visit each is for is between two places, in their statements."""
    groups = defaultdict(int)
    for one in credits_:
        groups[one.home, one.host, one.origin, one.convention, one.vat] += one.cents
    names = ("home", "host", "origin", "convention", "vat_basis_points")
    return [dict(zip(names, key, strict=True)) | {"amount_cents": cents} for key, cents in sorted(groups.items())]


def _without_ids(row):
    """A row of bookings as the network sees it: what is given back is summed by the month it comes from."""
    by_origin = Counter()
    for one in row.get("credits", []):
        by_origin[one["origin"]] += one["amount_cents"]
    back = [{"origin": origin, "amount_cents": cents} for origin, cents in sorted(by_origin.items())]
    return without(row, "detail", "credits") | ({"credits": back} if back else {})


def _opening(opening):
    return {
        "debtor": opening.debtor,
        "creditor": opening.creditor,
        "amount_cents": opening.cents,
        "month": opening.month,
    }


def without(row, *names):
    """The same row without some of its members."""
    return {name: value for name, value in row.items() if name not in names}


def _bookings(books):
    """A row for the advanced bookings of a home at a host with one VAT rate, which the prices include (R11, R13).

    What is given back of bookings of closed months is taken off the row of its rate, whoever has left since (R15).
    Rooms are priced in euros: a network that settles in another currency tells of them, and leaves them out (R16).
    """
    groups, back = defaultdict(list), defaultdict(list)
    for credit in books.booking_credits:
        back[credit.home, credit.host, credit.vat, True, ""].append(credit)
    for one in books.bookings:
        both = books.places[one.home], books.places[one.host]
        why = "in_euros" if currency(books) else ""
        if not all(place.takes_part_on(one.local_date) for place in both):
            why = "took_no_part"
        groups[one.home, one.host, both[1].vat_on(one.local_date), not why, why].append(one)
    rows = []
    for key in sorted(groups.keys() | back.keys()):
        (home, host, vat, settled, why), group, credits_ = key, groups.get(key, []), back.get(key, [])
        total = (sum(one.cents for one in group) if settled else 0) - sum(one.cents for one in credits_)
        net = half_away(total * 10_000, 10_000 + vat)
        rows.append(
            {
                "home": home,
                "host": host,
                "vat_basis_points": vat,
                "bookings": len(group),
                "cancelled": sum(one.cancelled for one in group),
                "net_cents": net,
                "vat_cents": total - net,
                "total_cents": total,
                "detail": [
                    {
                        "id": one.id,
                        "local_date": one.local_date.isoformat(),
                        "cancelled": one.cancelled,
                        "amount_cents": one.cents,
                    }
                    for one in sorted(group, key=lambda one: (one.local_date, one.id))
                ],
            }
            | ({} if settled else {"not_settled": why})
            | ({"credits": [_booking_credit(one) for one in credits_]} if credits_ else {})
        )
    return rows


def _booking_credit(credit):
    return {"booking": credit.booking, "origin": credit.origin, "amount_cents": credit.cents}


def statement(result, place, month_document):
    """The statement of a place; its transfers and the hash are those of the month's document."""
    month = result.month
    booked = {
        name: [
            {"partner": row[theirs], **without(row, "home", "host", "detail"), "bookings_detail": row["detail"]}
            for row in result.bookings
            if row[ours] == place
        ]
        for name, ours, theirs in (("bookings_received", "host", "home"), ("bookings_made", "home", "host"))
    }
    moved = {
        name: [row for row in month_document.get(name, []) if place in (row["debtor"], row["creditor"])]
        for name in ("openings", "carried")
    }
    return {
        "schema": "passapp/statement/1",
        "network": month["network"],
        "month": month["month"],
        "place": place,
        "month_sha256": sha256_of(month_document),
        **_said_currency(result.currency, month["conventions"], moved["openings"]),
        "conventions": month["conventions"],
        "at_home_visits": sum(row["visits"] for row in month["at_home"] if row["place"] == place),
        "received": _partners(result, "host", place, "home"),
        "made": _partners(result, "home", place, "host"),
        **{name: rows for name, rows in booked.items() if rows},
        "not_settled": [row for row in month["not_settled"] if place in (row["home"], row["host"])],
        "fund_cents": sum(row["amount_cents"] for row in month["fund"] if row["host"] == place),
        "position_cents": result.positions.get(place, 0),
        "transfers": [row for row in month_document["transfers"] if place in (row["debtor"], row["creditor"])],
        **{name: rows for name, rows in moved.items() if rows},
    }


def _credits(result, pair):
    return [_credit(one) for one in result.credits if (one.home, one.host) == (pair["home"], pair["host"])]


def _partners(result, own_side, place, other_side):
    return [
        {
            "partner": pair[other_side],
            **without(pair, *PAIR),
            "lines": [
                without(line, *PAIR) for line in result.month["lines"] if all(line[side] == pair[side] for side in PAIR)
            ],
            **({"credits": back} if (back := _credits(result, pair)) else {}),
            "visits_detail": [
                {
                    "id": one.visit.id,
                    "local_date": one.visit.local_date.isoformat(),
                    "units": one.visit.units,
                    "free_units": one.free,
                    "paid_units": one.paid,
                    "over_cap_units": one.over_cap,
                    "rate_cents": one.rate_cents,
                    "amount_cents": one.amount_cents,
                }
                | ({"waived": one.visit.waived} if one.visit.waived else {})
                for one in result.rated
                if (one.visit.home, one.visit.host) == (pair["home"], pair["host"])
            ],
        }
        for pair in result.month["pairs"]
        if pair[own_side] == place
    ]
