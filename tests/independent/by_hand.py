"""A month worked out on paper, so that the check is itself checked.

Two versions of the rules (the second from 16 October), half days, an allowance, a cap, VAT that begins in the middle
of the month at one place, a place that leaves on the 20th, a common fund. Every number below is written by hand.
"""

from datetime import UTC, date, datetime
from uuid import UUID

from books import Books, Convention, Place, Visit

START = date(2026, 1, 1)
PLACES = {
    "bayeux": Place(START, date(2026, 10, 20)),
    "caen": Place(START),
    "evreux": Place(START, vat=((date(2026, 10, 16), 550),)),
    "rouen": Place(START, vat=((date(2025, 1, 1), 2000), (date(2026, 10, 1), 550), (date(2026, 11, 1), 0))),
}
FIRST = {
    "schema": 1,
    "unit": "half_day",
    "money": True,
    "tariff": [
        {"label": "Lieux aidés", "when": {"host_class": ["subsidised"]}, "rate_cents": 300},
        {"when": {}, "rate_cents": 500},
    ],
    "allowance": 2,
    "cap": 4,
    "fund_basis_points": 1000,
    "netting": "bilateral",
    "review_days": 15,
}
SECOND = FIRST | {
    "tariff": [
        {"when": {"plan": ["JOUR", "SOIR"], "zone": ["Europe/Paris"]}, "rate_cents": 250},
        {"when": {"home": ["caen"], "host": ["bayeux", "rouen"]}, "rate_cents": 450},
        {"when": {}, "rate_cents": 501},
    ],
    "allowance": 3,
    "cap": 5,
    "fund_basis_points": 180,
    "netting": "multilateral",
}
CONVENTIONS = {
    1: Convention(1, START, FIRST, "39b2f9abf069128e7429bffb025e1ce4b9a7f6f466510c94938719b84743e034"),
    2: Convention(2, date(2026, 10, 16), SECOND, "c4cd9caf8deb81b840eca65ba0138b12d3b3e501f9dff8aa62e7801245d79c89"),
}


def visit(number, day, visitor, home, host, units, hour=9, **more):
    more |= {"host_class": "subsidised"} if host == "evreux" else {}
    return Visit(
        str(UUID(int=number)),
        datetime(2026, 10, day, hour, tzinfo=UTC),
        visitor,
        home,
        host,
        1 if day < 16 else 2,
        date(2026, 10, day),
        units,
        **more,
    )


VISITS = [
    # Ada of Caen. Allowance 2, cap 4; from the 16th 3 and 5.
    visit(11, 1, "Ada", "caen", "rouen", 2),  # both free
    visit(12, 2, "Ada", "caen", "evreux", 1),  # 1 paid: 3.00, no VAT yet at Évreux
    visit(13, 5, "Ada", "caen", "rouen", 2),  # 2 paid: 10.00 (3 paid so far)
    visit(14, 6, "Ada", "caen", "rouen", 2),  # 1 paid: 5.00, 1 over the cap
    visit(15, 16, "Ada", "caen", "rouen", 2),  # now 1 more is free, and 1 more paid: 4.50
    visit(16, 17, "Ada", "caen", "evreux", 1),  # over the cap
    # Bob of Rouen, on the plan JOUR. At the same instant on the 16th, the lower id comes first.
    visit(21, 3, "Bob", "rouen", "caen", 1, plan="JOUR"),  # free
    visit(23, 16, "Bob", "rouen", "caen", 1, plan="JOUR"),  # 1 paid: 2.50
    visit(22, 16, "Bob", "rouen", "evreux", 2, plan="JOUR"),  # both free
    # Cléo of Évreux. What is not settled, or at home, uses nothing up.
    visit(31, 17, "Cléo", "evreux", "evreux", 2, at_home=True),
    visit(32, 19, "Cléo", "evreux", "bayeux", 1, hour=7),  # free, the third
    visit(33, 18, "Cléo", "evreux", "bayeux", 2, hour=8),  # both free, and before
    visit(34, 20, "Cléo", "evreux", "bayeux", 1),  # Bayeux has left
    visit(35, 21, "Cléo", "evreux", "rouen", 1),  # 1 paid: 5.01
    visit(36, 22, "Cléo", "evreux", "rouen", 1),  # 1 paid: 5.01
    # Dan of Bayeux.
    visit(41, 7, "Dan", "bayeux", "rouen", 2),  # both free
    visit(42, 8, "Dan", "bayeux", "rouen", 2),  # 2 paid: 10.00
    visit(43, 9, "Dan", "bayeux", "rouen", 1),  # 1 paid: 5.00
    visit(44, 19, "Dan", "bayeux", "rouen", 1),  # 1 more is free
    visit(45, 21, "Dan", "bayeux", "rouen", 2),  # his home has left
    visit(46, 10, "Dan", "bayeux", "caen", 1, at_home=True),  # his other home
]
BOOKS = Books("ESCALE", "2026-10", PLACES, CONVENTIONS, VISITS)


def _table(names, *rows):
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


def _transfer(debtor, creditor, cents, *pieces):
    names = "debtor creditor amount_cents"
    return _table(names, (debtor, creditor, cents))[0] | {"discharges": _table(names, *pieces)}


MONTH = {
    "schema": "passapp/month/1",
    "network": "ESCALE",
    "month": "2026-10",
    "conventions": _table(
        "number starts_on sha256 document",
        (1, "2026-01-01", CONVENTIONS[1].sha256, FIRST),
        (2, "2026-10-16", CONVENTIONS[2].sha256, SECOND),
    ),
    "at_home": _table("place visits", ("caen", 1), ("evreux", 1)),
    "lines": _table(
        "home host convention rule rate_cents vat_basis_points"
        " visits units free_units paid_units over_cap_units amount_cents",
        ("bayeux", "rouen", 1, 1, 500, 550, 3, 5, 2, 3, 0, 1500),
        ("bayeux", "rouen", 2, 2, 501, 550, 1, 1, 1, 0, 0, 0),
        ("caen", "evreux", 1, 0, 300, 0, 1, 1, 0, 1, 0, 300),
        ("caen", "evreux", 2, 2, 501, 550, 1, 1, 0, 0, 1, 0),
        ("caen", "rouen", 1, 1, 500, 550, 3, 6, 2, 3, 1, 1500),
        ("caen", "rouen", 2, 1, 450, 550, 1, 2, 1, 1, 0, 450),
        ("evreux", "bayeux", 2, 2, 501, 0, 2, 3, 3, 0, 0, 0),
        ("evreux", "rouen", 2, 2, 501, 550, 2, 2, 0, 2, 0, 1002),
        ("rouen", "caen", 1, 1, 500, 0, 1, 1, 1, 0, 0, 0),
        ("rouen", "caen", 2, 0, 250, 0, 1, 1, 0, 1, 0, 250),
        ("rouen", "evreux", 2, 0, 250, 550, 1, 2, 2, 0, 0, 0),
    ),
    "not_settled": _table(
        "home host reason visits units",
        ("bayeux", "rouen", "took_no_part", 1, 2),
        ("evreux", "bayeux", "took_no_part", 1, 1),
    ),
    "pairs": _table(
        "home host visits units net_cents vat_cents total_cents",
        ("bayeux", "rouen", 4, 6, 1500, 83, 1583),  # 5.5 % of 15.00 is 0.825: away from zero
        ("caen", "evreux", 2, 2, 300, 0, 300),
        ("caen", "rouen", 4, 8, 1950, 107, 2057),  # once on 19.50: 1.0725; line by line it would be 1.08
        ("evreux", "bayeux", 2, 3, 0, 0, 0),
        ("evreux", "rouen", 2, 2, 1002, 55, 1057),
        ("rouen", "caen", 2, 2, 250, 0, 250),
        ("rouen", "evreux", 1, 2, 0, 0, 0),
    ),
    "fund": _table(
        "host amount_cents",
        ("caen", 5),  # 1.8 % of 2.50: 0.045, away from zero
        ("evreux", 30),  # 10 % of 3.00
        ("rouen", 326),  # 10 % of 15.00 and of 15.00, 1.8 % of 4.50 and of 10.02: 3.26136
    ),
    "positions": _table(
        "place position_cents",
        ("@fund", 361),
        ("bayeux", -1583),
        ("caen", -2112),  # 2.50 - 20.57 - 3.00 - 0.05
        ("evreux", -787),  # 3.00 - 10.57 - 0.30
        ("rouen", 4121),  # 20.57 + 10.57 + 15.83 - 2.50 - 3.26
    ),
    "netting": "multilateral",
    "transfers": [
        _transfer("bayeux", "rouen", 1583, ("bayeux", "rouen", 1583)),
        _transfer(
            "caen",
            "@fund",
            361,
            ("caen", "@fund", 5),
            ("caen", "evreux", 30),
            ("caen", "rouen", 326),
            ("evreux", "@fund", 30),
            ("rouen", "@fund", 326),
        ),
        _transfer("caen", "rouen", 1751, ("caen", "evreux", 20), ("caen", "rouen", 1731), ("evreux", "rouen", 20)),
        _transfer("evreux", "rouen", 787, ("evreux", "rouen", 787)),
        # Set off without a payment: 2.50 from Rouen to Caen, Caen to Évreux, Évreux to Rouen.
    ],
}

_DETAIL = "id local_date units free_units paid_units over_cap_units rate_cents amount_cents"


def _numbered(number):
    return f"00000000-0000-0000-0000-0000000000{number:02x}"


CAEN = {
    "schema": "passapp/statement/1",
    "network": "ESCALE",
    "month": "2026-10",
    "place": "caen",
    "month_sha256": "a9633e23fbe32188bf91a2d17415218f5195d72f224314ee422ab16ec2965c95",
    "conventions": MONTH["conventions"],
    "at_home_visits": 1,
    "received": [
        _table("partner visits units net_cents vat_cents total_cents", ("rouen", 2, 2, 250, 0, 250))[0]
        | {
            "lines": _table(
                "convention rule rate_cents vat_basis_points"
                " visits units free_units paid_units over_cap_units amount_cents",
                (1, 1, 500, 0, 1, 1, 1, 0, 0, 0),
                (2, 0, 250, 0, 1, 1, 0, 1, 0, 250),
            ),
            "visits_detail": _table(
                _DETAIL,
                (_numbered(21), "2026-10-03", 1, 1, 0, 0, 500, 0),
                (_numbered(23), "2026-10-16", 1, 0, 1, 0, 250, 250),
            ),
        },
    ],
    "made": [
        _table("partner visits units net_cents vat_cents total_cents", ("evreux", 2, 2, 300, 0, 300))[0]
        | {
            "lines": _table(
                "convention rule rate_cents vat_basis_points"
                " visits units free_units paid_units over_cap_units amount_cents",
                (1, 0, 300, 0, 1, 1, 0, 1, 0, 300),
                (2, 2, 501, 550, 1, 1, 0, 0, 1, 0),
            ),
            "visits_detail": _table(
                _DETAIL,
                (_numbered(12), "2026-10-02", 1, 0, 1, 0, 300, 300),
                (_numbered(16), "2026-10-17", 1, 0, 0, 1, 501, 0),
            ),
        },
        _table("partner visits units net_cents vat_cents total_cents", ("rouen", 4, 8, 1950, 107, 2057))[0]
        | {
            "lines": _table(
                "convention rule rate_cents vat_basis_points"
                " visits units free_units paid_units over_cap_units amount_cents",
                (1, 1, 500, 550, 3, 6, 2, 3, 1, 1500),
                (2, 1, 450, 550, 1, 2, 1, 1, 0, 450),
            ),
            "visits_detail": _table(
                _DETAIL,
                (_numbered(11), "2026-10-01", 2, 2, 0, 0, 500, 0),
                (_numbered(13), "2026-10-05", 2, 0, 2, 0, 500, 1000),
                (_numbered(14), "2026-10-06", 2, 0, 1, 1, 500, 500),
                (_numbered(15), "2026-10-16", 2, 1, 1, 0, 450, 450),
            ),
        },
    ],
    "not_settled": [],
    "fund_cents": 5,
    "position_cents": -2112,
    "transfers": MONTH["transfers"][1:3],
}
