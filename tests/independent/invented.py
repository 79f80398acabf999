"""Invented months, as crooked as the rules allow, and how to put one into a database."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from random import Random
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from books import Booking, BookingCredit, Books, Convention, Credit, Opening, Place, Visit, canonical
from sqlalchemy import NullPool

from passapp.accounts.models import AccessToken
from passapp.bookings.models import Booking as BookingRow
from passapp.bookings.models import BookingCorrection, Resource
from passapp.door.models import CheckIn, Door, VisitVoid
from passapp.door.models import Visit as VisitRow
from passapp.kernel.database import Database
from passapp.network.models import ConventionVersion, Network, Period
from passapp.places.models import Place as PlaceRow
from passapp.places.models import VatStatus
from passapp.settlement.contests.models import BookingCreditRow, Contest, CreditRow
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.payments.models import Payment

MONTH = "2026-05"
FORMER = "2026-04"
FIRST_DAY = date(2026, 5, 1)
ZONES = ("Europe/Paris", "Europe/Paris", "Indian/Reunion", "America/Cayenne")
PLANS = ("TOUT", "JOUR", "SOIR")


def invent(
    seed, *, places, visits=250, netting="multilateral", unit="half_day", money=True, former=False, currency=None
):
    """A month of a network, for a seed: the books, and visits that were voided.

    ``currency``: the local one that its rules settle in.
    ``former``: it takes over late visits, credits and debts from the month before, and agreed on all that is optional.
    """
    rng = Random(seed)
    codes = [f"lieu-{rng.randrange(10**6)}" for _ in range(places)]
    facts = {code: (rng.choice(ZONES), rng.choice(("standard", "standard", "subsidised"))) for code in codes}
    starts = [date(2026, 1, 1), *sorted(FIRST_DAY + timedelta(days=day) for day in rng.sample(range(1, 31), 2))]
    conventions = {
        number: _convention(
            number,
            starts_on,
            _document(rng, codes, unit=unit, money=money, netting=netting)
            | _optional(rng, former)
            | ({"currency": currency} if currency else {}),
        )
        for number, starts_on in enumerate([*starts, date(2026, 6, 1)], 1)
    }
    books = Books("ESCALE", MONTH, {code: _place(rng, number) for number, code in enumerate(codes)}, conventions, [])
    people = [(f"{seed} {number}", rng.choice(codes), rng.choice(PLANS)) for number in range(visits // 8)]
    seen, voided = set(), []
    while len(books.visits) < visits:
        visitor, home, plan = rng.choice(people)
        host = rng.choice(codes)
        at = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=rng.randrange(31), hours=rng.choice((6, 11, 15, 21)))
        day = at.astimezone(ZoneInfo(facts[host][0])).date()
        if (visitor, host, day) in seen or f"{day:%Y-%m}" != MONTH:
            continue
        seen.add((visitor, host, day))
        zone, host_class = facts[host]
        one = Visit(
            id=str(UUID(int=rng.getrandbits(128), version=4)),
            opened_at=at,
            visitor=visitor,
            home=home,
            host=host,
            convention=books.in_force_on(day).number,
            local_date=day,
            units=rng.choice((1, 2)) if unit == "half_day" else 1,
            at_home=host == home or rng.random() < 0.05,  # or at another of their homes
            plan=plan,
            host_class=host_class,
            zone=zone,
            waived=rng.choice((None,) * 8 + ("offered", "stale_list")),
        )
        (voided if rng.random() < 0.1 else books.visits).append(one)
    if money:
        books.bookings.extend(_booking(rng, codes) for _ in range(visits // 10))
    if former:
        _take_over(rng, books, people, facts)
    if currency:  # rooms are priced in euros: no closed month held any of them
        books.booking_credits.clear()
    return books, voided


def _optional(rng, former):
    """What versions of the rules did not say at first."""
    if not former:
        return {}
    return {"vat": rng.choice(("by_host", "none")), "threshold_cents": 400, "transition_days": 10}


def _take_over(rng, books, people, facts):
    """Late visits of April, what their members had used up then, credits, debts, and places that net less."""
    codes, seen = sorted(facts), set()
    for _ in range(80):
        visitor, home, plan = rng.choice(people)
        host, at = rng.choice(codes), datetime(2026, 4, rng.randint(2, 29), 11, tzinfo=UTC)
        if host == home or (visitor, host, at) in seen:
            continue
        seen.add((visitor, host, at))
        one = Visit(
            id=str(UUID(int=rng.getrandbits(128), version=4)),
            opened_at=at,
            visitor=f"{visitor} in April",
            home=home,
            host=host,
            convention=1,
            local_date=at.date(),
            plan=plan,
            host_class=facts[host][1],
            zone=facts[host][0],
            waived=rng.choice((None,) * 5 + ("too_late",)),
        )
        if rng.random() < 0.5:
            books.visits.append(one)
        else:
            books.earlier.append((FORMER, one))
    for _, visit in rng.sample(books.earlier, 6):
        books.credits.append(
            Credit(visit.id, visit.home, visit.host, FORMER, 1, rng.choice((0, 550)), rng.choice((1, 350)))
        )
    books.credits[1:2] = [replace(books.credits[0], visit=books.credits[1].visit)]
    books.credits.sort()
    for _ in range(6):
        home, host = rng.sample(codes, 2)
        key = str(UUID(int=rng.getrandbits(128), version=4))
        books.booking_credits.append(BookingCredit(key, home, host, FORMER, rng.choice((0, 550)), rng.choice((1, 999))))
    key = str(UUID(int=rng.getrandbits(128), version=4))
    books.booking_credits.append(replace(books.booking_credits[0], booking=key))
    books.booking_credits.sort()
    for debtor, creditor in [rng.sample(codes, 2) for _ in range(4)] + [[codes[0], "@fund"]]:
        books.openings.append(Opening(debtor, creditor, rng.choice((1, 399, 1234)), FORMER))
    books.openings.sort()
    books.modes.update({codes[0]: "gross", codes[1]: "bilateral", codes[3]: "multilateral"})


def _booking(rng, codes):
    home, host = rng.sample(codes, 2)
    return Booking(
        id=str(UUID(int=rng.getrandbits(128), version=4)),
        home=home,
        host=host,
        local_date=FIRST_DAY + timedelta(days=rng.randrange(31)),
        cancelled=rng.random() < 0.2,
        cents=rng.choice((1, 600, 1199, 4050)),
    )


def _document(rng, codes, *, unit, money, netting):
    conditions = {
        "plan": PLANS,
        "host_class": ("standard", "subsidised"),
        "home": codes,
        "host": codes,
        "zone": sorted(set(ZONES)),
    }
    tariff = []
    for _ in range(rng.randrange(5)):
        when = {
            name: sorted(rng.sample(conditions[name], rng.randint(1, 2)))
            for name in rng.sample(sorted(conditions), rng.choice((1, 1, 2)))
        }
        split = {"host_class": conditions["host_class"]} | when
        cases = [
            {name: [value] for name, value in zip(split, values, strict=True)} for values in product(*split.values())
        ]
        # Or it would never match.
        if not all(any(_covers(rule["when"], case) for rule in tariff) for case in cases):
            tariff.append({"when": when, "rate_cents": rng.choice((0, 100, 250, 333)) if money else 0})
    return {
        "schema": 1,
        "unit": unit,
        "money": money,
        "tariff": [*tariff, {"when": {}, "rate_cents": rng.choice((350, 501)) if money else 0}],
        "allowance": rng.choice((None, 0, 1, 2, 3)),
        "cap": rng.choice((None, 4, 6)),
        "fund_basis_points": rng.choice((0, 250, 333)) if money else 0,
        "netting": netting,
        "review_days": 15,
    }


def _covers(earlier, later):
    return all(set(later.get(name, [None])) <= set(values) for name, values in earlier.items())


def _convention(number, starts_on, document):
    return Convention(number, starts_on, document, hashlib.sha256(canonical(document).encode()).hexdigest())


def _place(rng, number):
    """The second joins in the middle of the month, the third leaves; half of them charge VAT at some time."""
    statuses = [(date(2026, 1, 1), 2000), (FIRST_DAY + timedelta(days=rng.randrange(31)), rng.choice((0, 550, 1000)))]
    return Place(
        joined_on=date(2026, 5, 12) if number == 1 else date(2026, 1, 1),
        left_on=date(2026, 5, 20) if number == 2 else None,
        vat=tuple(rng.choice(([], [], statuses[:1], statuses[1:], statuses))),
    )


def store(database_url, books, voided=()):
    """Put a month into an empty database; a voided visit has the first revision of its day."""
    database = Database(database_url, poolclass=NullPool)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    with database.write() as session:
        session.add(Network(code=books.network, name="Le réseau", locale="fr"))
        places = {code: _place_row(code, place) for code, place in books.places.items()}
        session.add_all(places.values())
        session.add_all(
            ConventionVersion(
                number=version.number,
                starts_on=version.starts_on,
                document=version.document,
                sha256=version.sha256,
                published_at=long_ago,
            )
            for version in books.conventions.values()
        )
        session.flush()
        session.add_all(
            VatStatus(place_id=places[code].id, starts_on=starts_on, basis_points=basis_points)
            for code, place in books.places.items()
            for starts_on, basis_points in place.vat
        )
        anywhere = next(iter(places.values())).id
        token = AccessToken(token_hash="0" * 64, place_id=anywhere, created_at=long_ago)
        session.add(token)
        session.flush()
        door = Door(place_id=anywhere, device_id=UUID(int=1), name="Accueil", token_id=token.id, paired_at=long_ago)
        session.add(door)
        session.flush()
        for one in (*voided, *books.visits):
            session.add(_check_in_row(one, door.id, places))
        session.flush()
        session.add_all(_check_in_row(one, door.id, places) for _, one in books.earlier)
        session.flush()
        session.add_all(_visit_row(one, 0, posted, places) for posted, one in books.earlier)
        for revision, some in enumerate((voided, books.visits)):
            session.add_all(_visit_row(one, revision, books.month, places) for one in some)
        session.flush()
        session.add_all(VisitVoid(visit_id=UUID(one.id), revision=0, at=long_ago, reason="undone") for one in voided)
        rooms = {code: _room(place, long_ago) for code, place in places.items()}
        session.add_all(rooms.values())
        session.flush()
        for number, one in enumerate(books.bookings):
            room, home = rooms[one.host], places[one.home]
            session.add_all(_bookings_owed_to_nobody(one, room, home))
            wrong = {"price": 7777, "fee": 7777} if number % 3 == 0 else {}
            session.add(_booking_row(one, room, home, **wrong))
            taken_out = _booking_row(one, room, home, id=uuid5(UUID(one.id), "taken out"))
            session.add(taken_out)
            session.flush()
            session.add(BookingCorrection(booking_id=taken_out.id, month=books.month, cents=0, at=long_ago))
            if wrong:
                session.add(BookingCorrection(booking_id=UUID(one.id), month=books.month, cents=one.cents, at=long_ago))
        _store_former(session, books, places, rooms)
    database.dispose()


def _store_former(session, books, places, rooms):
    """Debts, credits and modes; then the month before is closed."""
    day = date(2026, 5, 20)
    for number, one in enumerate(books.openings):
        session.add(
            Payment(
                month=one.month,
                debtor_id=places[one.debtor].id if one.debtor in places else None,
                creditor_id=places[one.creditor].id if one.creditor in places else None,
                amount_cents=one.cents,
                end_to_end_id=f"{one.month}-{number}",
                state=("carried", "failed")[number % 2],
                due_on=day,
            )
        )
    for one in books.credits:
        home, host = places[one.home].id, places[one.host].id
        contest = _contest(one, home, host, reason="not_here")
        session.add(contest)
        session.flush()
        session.add(
            CreditRow(
                posted_month=books.month,
                contest_id=contest.id,
                visit_id=UUID(one.visit),
                home_id=home,
                host_id=host,
                origin=one.origin,
                convention=one.convention,
                vat_basis_points=one.vat,
                amount_cents=one.cents,
            )
        )
    for one in books.booking_credits:
        home, host = places[one.home].id, places[one.host].id
        booked = Booking(one.booking, one.home, one.host, date(2026, 4, 9), cancelled=False, cents=one.cents)
        session.add(_booking_row(booked, rooms[one.host], places[one.home]))
        contest = _contest(one, home, host, about="bookings", reason="cancelled")
        session.add(contest)
        session.flush()
        session.add(
            BookingCreditRow(
                posted_month=books.month,
                contest_id=contest.id,
                booking_id=UUID(one.booking),
                home_id=home,
                host_id=host,
                origin=one.origin,
                vat_basis_points=one.vat,
                amount_cents=one.cents,
            )
        )
    blank = {"account_name": "Lieu", "vat_exemption": "", "postcode": "14000", "town": "Caen", "country": "FR"}
    blank |= {
        "mails_accountant": False,
        "invoices_monthly": False,
        "holds_fund": False,
        "journal": "VT",
        "accounts": {},
    }
    session.add_all(
        SettlementDetails(place_id=places[code].id, netting=mode, **blank) for code, mode in books.modes.items()
    )
    session.flush()
    if books.earlier:
        session.add(Period(month=FORMER, state="netted"))


def _contest(one, home, host, **fields):
    at, day = datetime(2026, 5, 20, tzinfo=UTC), date(2026, 5, 20)
    return Contest(
        month=one.origin,
        home_id=home,
        host_id=host,
        place_id=home,
        made_by=UUID(int=1),
        made_at=at,
        state="accepted",
        answer_by=day,
        decide_by=day,
        decided_at=at,
        **fields,
    )


def _room(place, made_at):
    return Resource(place_id=place.id, kind="room", name="Salle", capacity=8, features=[], made_at=made_at)


def _booking_row(one, room, home, **fields):
    starts = datetime.combine(one.local_date, time(23, 30))
    usual = {
        "id": UUID(one.id),
        "place_id": room.place_id,
        "resource_id": room.id,
        "state": "cancelled" if one.cancelled else ("booked", "no_show")[one.cents % 2],
        "title": "Réunion",
        "people": 2,
        "local_start": starts,
        "local_end": starts + timedelta(hours=1),
        "zone": "Europe/Paris",
        "starts_at": starts.replace(tzinfo=UTC),
        "ends_at": starts.replace(tzinfo=UTC) + timedelta(hours=1),
        "policy": 1,
        "price": 9999 if one.cancelled else one.cents,
        "fee": one.cents if one.cancelled else 0,
        "payer": "home",
        "home_id": home.id,
        "made_at": room.made_at,
        "changed_at": room.made_at,
    } | fields
    return BookingRow(uid=f"{usual['id']}@passapp", **usual)


def _bookings_owed_to_nobody(one, room, home):
    """Another month's, the member's own, one that the place never granted, one cancelled in time."""
    later = one.local_date.replace(month=6, day=1)
    others = (
        {"local_start": datetime.combine(later, time()), "local_end": datetime.combine(later, time(1))},
        {"payer": "member"},
        {"state": "rejected"},
        {"state": "cancelled", "fee": 0},
    )
    return [
        _booking_row(one, room, home, id=uuid5(UUID(one.id), str(number)), **other)
        for number, other in enumerate(others)
    ]


def _place_row(code, place):
    return PlaceRow(
        code=code,
        name=code.title(),
        kind="coworking",
        town="Caen",
        postcode="14000",
        zone="Europe/Paris",
        country="FR",
        has_door=True,
        host_class="standard",
        services=[],
        joined_on=place.joined_on,
        left_on=place.left_on,
    )


def _key(visitor):
    return uuid5(NAMESPACE_OID, visitor)


def _check_in_row(one, door_id, places):
    return CheckIn(
        id=UUID(one.id),
        door_id=door_id,
        scan_id=UUID(one.id),
        seal="0" * 64,
        place_id=places[one.host].id,
        scanned_at=one.opened_at,
        device_scanned_at=one.opened_at,
        received_at=one.opened_at,
        local_date=one.local_date,
        verdict="ok",
        visitor_key=_key(one.visitor),
        home_id=places[one.home].id,
        plan=one.plan,
        at_home=one.at_home,
    )


def _visit_row(one, revision, month, places):
    return VisitRow(
        id=UUID(one.id),
        revision=revision,
        visitor_key=_key(one.visitor),
        home_id=places[one.home].id,
        host_id=places[one.host].id,
        plan=one.plan,
        host_class=one.host_class,
        zone=one.zone,
        convention_version=one.convention,
        at_home=one.at_home,
        units=one.units,
        waived=one.waived,
        local_date=one.local_date,
        opened_at=one.opened_at,
        received_at=one.opened_at,
        posted_month=month,
    )
