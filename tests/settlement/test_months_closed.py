"""Closing a month: by two people where money moves, by itself where none does; then nothing changes it any more."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from passapp.accounts.rules import Role
from passapp.bookings.models import BookingCorrection
from passapp.door.models import Visit, VisitVoid
from passapp.kernel.audit import SYSTEM
from passapp.kernel.outbox import OutboxMessage
from passapp.network.models import Period
from passapp.places.service import change_place, get_place, set_vat
from passapp.settlement.contests.models import BookingCreditRow, Contest, CreditRow
from passapp.settlement.months.models import MonthVersion, Statement
from passapp.settlement.payments.models import FundDistribution, FundShare, Payment
from tests.at_once import at_once
from tests.bookings.rooms import book, room
from tests.mails import mails, text_of_mail
from tests.scenes import check_in, close_month, rows, scan_at, visits
from tests.settlement.details.places import IBAN, OTHER_IBAN, say
from tests.settlement.living import (
    CLOSES,
    PATH,
    ask,
    close,
    code_of,
    life,
    november,
    pass_time,
    statements,
    validate,
    versions,
)
from tests.settlement.months import MONTH, agree, make_visit, month_of, old_pass, statement_of
from tests.settlement.reporting import answer, reported
from tests.world import NOW


@pytest.fixture
def euros(world):
    agree(world)


@pytest.fixture
def asked(world, euros):
    """November, whose closing a coordinator has asked for; gives that browser."""
    november(world)
    pass_time(world, CLOSES)
    coordinator = world.as_coordinator()
    assert ask(coordinator).json() == {"month": MONTH, "state": "review"}
    return coordinator


def test_where_no_money_moves_a_month_closes_by_itself_on_its_day(world):
    november(world)
    pass_time(world, datetime(2026, 12, 22, 12, tzinfo=UTC))
    assert life(world)["state"] == "review"
    pass_time(world, CLOSES)
    found = life(world)
    assert (found["state"], found["closed_by_itself"]) == ("closed", True)
    assert [version["reason"] for version in found["versions"]] == ["first", "closed"]


def test_where_money_moves_no_month_closes_by_itself(world, euros):
    november(world)
    assert life(world)["moves_money"] is True
    pass_time(world, CLOSES + timedelta(days=30))
    assert life(world)["state"] == "review"


def test_where_money_moves_a_second_person_closes_it(world, asked):
    assert life(world)["closing_asked_at"] is not None
    assert code_of(validate(asked)) == (409, "another_person")
    assert validate(world.as_coordinator()).json() == {"month": MONTH, "state": "netted"}
    assert life(world)["closed_by_itself"] is False


def test_whoever_may_validate_reads_who_asked_and_nobody_else(world, asked):
    name = asked.get("/api/v1/me").json()["account"]["name"]
    assert life(world)["closing_asked_by_name"] == name
    manager = world.as_manager(world.hangar).get(f"/api/v1/months/{MONTH}/life").json()
    assert manager["closing_asked_by_name"] is None


def test_the_networks_accountant_may_be_the_second_person_and_never_the_first(world, asked):
    accountant = world.signed_in(world.account(Role.NETWORK_ACCOUNTANT))
    assert ask(accountant).status_code == 403
    assert validate(accountant).status_code == 200


def test_a_month_that_nobody_asked_to_close_is_not_validated(world, euros):
    november(world)
    pass_time(world, CLOSES)
    assert code_of(validate(world.as_coordinator())) == (409, "closing_not_asked")


def test_closed_twice_it_is_closed_once(world, asked):
    assert validate(world.as_coordinator()).status_code == 200
    assert code_of(validate(world.as_coordinator())) == (409, "month_closed")
    assert code_of(ask(world.as_coordinator())) == (409, "month_closed")
    assert [version.reason for version in versions(world)] == ["first", "closed"]


def test_who_does_not_validate_it_takes_the_asking_back(world, asked):
    assert world.as_coordinator().delete(f"{PATH}/closing").status_code == 204
    assert code_of(validate(world.as_coordinator())) == (409, "closing_not_asked")
    assert code_of(asked.delete(f"{PATH}/closing")) == (409, "closing_not_asked")


def test_before_its_day_a_month_is_not_closed_and_the_day_is_said(world, euros):
    november(world)
    pass_time(world, CLOSES - timedelta(days=1))
    answer = ask(world.as_coordinator())
    assert code_of(answer) == (409, "closing_too_early")
    assert "23 December 2026" in answer.json()["detail"]


def test_a_month_that_is_not_published_is_not_closed(world, euros):
    assert code_of(ask(world.as_coordinator())) == (409, "month_not_published")


def test_months_are_closed_in_their_order(world, euros):
    november(world)
    pass_time(world, datetime(2027, 1, 24, 12, tzinfo=UTC))
    answer = ask(world.as_coordinator(), "2026-12")
    assert code_of(answer) == (409, "close_the_former_first")
    close(world, MONTH, world.now)
    assert ask(world.as_coordinator(), "2026-12").status_code == 200


def test_what_changes_after_the_asking_has_to_be_looked_at_again(world, euros):
    shown = old_pass(world, world.hangar)
    november(world)
    pass_time(world, CLOSES)
    ask(world.as_coordinator())
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW))
    assert code_of(validate(world.as_coordinator())) == (409, "month_changed")
    pass_time(world, CLOSES + timedelta(minutes=1))
    assert code_of(validate(world.as_coordinator())) == (409, "closing_not_asked")


def test_who_asks_and_who_validates_close_the_version_that_they_looked_at(world, euros):
    shown = old_pass(world, world.hangar)
    november(world)
    pass_time(world, CLOSES)
    ask(world.as_coordinator())
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW))
    pass_time(world, CLOSES + timedelta(minutes=1))
    assert code_of(ask(world.as_coordinator(), number=1)) == (409, "newer_version")
    assert ask(world.as_coordinator(), number=2).status_code == 200
    answer = validate(world.as_coordinator(), number=1)
    assert code_of(answer) == (409, "newer_version")
    assert "number 2" in answer.json()["detail"]
    assert validate(world.as_coordinator(), number=2).status_code == 200


def test_where_no_money_moves_what_has_changed_is_said_and_nothing_is_closed(world):
    shown = old_pass(world, world.hangar)
    november(world)
    pass_time(world, CLOSES - timedelta(days=1))
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW))
    world.now = CLOSES
    assert code_of(ask(world.as_coordinator())) == (409, "month_changed")
    assert life(world)["state"] == "review"


def test_a_place_that_joins_later_keeps_no_month_from_closing(world, euros):
    november(world)
    pass_time(world, CLOSES)
    world.place("phare", joined_on=date(2027, 1, 1))
    assert ask(world.as_coordinator()).status_code == 200
    assert validate(world.as_coordinator()).status_code == 200


def test_a_month_published_for_a_booking_that_is_no_more_is_closed_like_others(world, euros):
    with world.database.write() as session:
        session.add(Period(month="2026-10", state="provisional"))
    november(world)
    close(world)
    assert (life(world, "2026-10")["state"], life(world)["state"]) == ("closed", "netted")


def test_closing_makes_the_payments_due_on_their_day(world, euros):
    november(world, visits=2)
    close(world)
    [payment] = rows(world, Payment)
    assert (payment.debtor_id, payment.creditor_id, payment.amount_cents) == (world.hangar.id, world.moulin.id, 1000)
    assert (payment.state, payment.due_on) == ("due", date(2027, 1, 2))


def test_payments_of_a_month_that_is_closed_late_are_due_as_many_days_after_its_closing(world, euros):
    november(world)
    world.account(Role.PLACE_ACCOUNTANT, world.hangar)
    for place, iban in ((world.hangar, IBAN), (world.moulin, OTHER_IBAN)):
        say(world.as_manager(place), place, iban=iban)
    close(world, at=datetime(2027, 3, 1, 12, tzinfo=UTC))
    assert [payment.due_on for payment in rows(world, Payment)] == [date(2027, 3, 11)]
    [mail] = [each for each in mails(world) if "est clos" in each["Subject"]]
    assert "À payer au plus tard le 11 mars 2027" in text_of_mail(mail)
    path = f"/api/v1/places/{world.hangar.id}/statements/{MONTH}/payments.xml"
    assert b"<Dt>2027-03-11</Dt>" in world.as_manager(world.hangar).get(path).content
    pass_time(world, datetime(2027, 3, 5, 12, tzinfo=UTC))
    assert life(world)["pays_on"] == "2027-03-11"


def test_a_month_that_could_have_been_closed_says_until_when_to_pay_if_it_is_closed_today(world, euros):
    november(world)
    pass_time(world, CLOSES)
    assert life(world)["pays_on"] == "2027-01-02"
    pass_time(world, CLOSES + timedelta(days=5))
    [first, *_] = world.as_coordinator().get("/api/v1/settlement-calendar").json()["items"]
    for dates in (first, life(world)):
        found = [dates[name] for name in ("month", "closes_on", "advice_on", "pays_on")]
        assert found == [MONTH, "2026-12-23", "2026-12-28", "2027-01-07"]


def test_a_month_in_euros_in_which_nothing_is_owed_closes_by_itself_and_is_paid_at_once(world, euros):
    accountant = world.account(Role.PLACE_ACCOUNTANT, world.hangar)
    november(world, host=world.hangar)
    assert life(world)["moves_money"] is False
    pass_time(world, CLOSES)
    found = life(world)
    assert (found["state"], found["closed_by_itself"]) == ("paid", True)
    assert [m.kind for m in rows(world, OutboxMessage, OutboxMessage.recipient_id == accountant.id)] == [
        "statement_ready"
    ]


def test_where_nothing_is_owed_one_person_closes_a_month_in_euros(world, euros):
    november(world, host=world.hangar)
    world.now = CLOSES
    assert ask(world.as_coordinator()).json()["state"] == "paid"


def test_a_month_in_euros_without_a_visit_holds_up_none_that_follows(world, euros):
    november(world)
    close(world)
    pass_time(world, datetime(2027, 3, 1, 12, tzinfo=UTC))
    assert [life(world, month)["state"] for month in ("2026-12", "2027-01")] == ["paid", "paid"]


def test_a_debt_of_a_former_month_keeps_one_without_a_visit_from_closing_by_itself(world):
    agree(world, threshold_cents=600)
    november(world)
    close(world)
    pass_time(world, datetime(2027, 1, 24, 12, tzinfo=UTC))
    assert (life(world, "2026-12")["state"], life(world, "2026-12")["moves_money"]) == ("review", True)


def test_an_open_question_keeps_a_month_in_which_nothing_is_owed_from_closing_by_itself(world):
    agree(world, allowance=1)
    november(world)
    answer(world.as_manager(world.moulin), reported(world), agrees=False)
    assert life(world)["moves_money"] is False
    pass_time(world, CLOSES)
    assert life(world)["state"] == "review"


def test_what_is_too_little_to_pay_opens_the_next_month(world):
    agree(world, threshold_cents=600)
    november(world)
    make_visit(world, world.hangar, world.moulin, datetime(2026, 12, 2, 10, tzinfo=UTC))
    close(world)
    december = world.as_coordinator().get("/api/v1/months/2026-12/document.json").json()
    assert december["openings"] == [{"amount_cents": 500, "creditor": "moulin", "debtor": "hangar", "month": MONTH}]
    assert [transfer["amount_cents"] for transfer in december["transfers"]] == [1000]
    close(world, "2026-12", datetime(2027, 1, 24, 12, tzinfo=UTC))
    assert [(p.state, p.opened_in) for p in rows(world, Payment, Payment.month == MONTH)] == [("carried", "2026-12")]
    january = world.as_coordinator().get("/api/v1/months/2027-01/document.json").json()
    assert "openings" not in january


def test_closed_months_and_statements_are_chained(world):
    november(world)
    pass_time(world, CLOSES)
    pass_time(world, datetime(2027, 1, 24, 12, tzinfo=UTC))
    first, closed = versions(world)[-1], versions(world, "2026-12")[-1]
    assert (first.reason, closed.reason) == ("closed", "closed")
    assert closed.previous_sha256 == first.sha256
    before, after = statements(world, first.number), statements(world, closed.number, "2026-12")
    assert {key: each.previous_sha256 for key, each in after.items()} == {
        key: each.sha256 for key, each in before.items()
    }


def document(world):
    answer = world.as_coordinator().get(f"/api/v1/places/{world.moulin.id}/statements/{MONTH}/document.json")
    return hashlib.sha256(answer.content).hexdigest()


def test_names_tax_and_leaving_that_come_later_change_nothing_in_a_closed_month(world, euros):
    november(world)
    close(world)
    before = month_of(world.as_coordinator()), statement_of(world.as_manager(world.moulin), world.moulin)
    signed = statements(world, 2)[world.moulin.id].sha256
    changes = {"name": "Le Grand Moulin", "code": "grand-moulin", "left_on": date(2026, 11, 5)}
    with world.database.write() as session:
        moulin = get_place(session, world.moulin.id)
        change_place(session, moulin, changes, at=world.now, actor=SYSTEM)
        set_vat(session, moulin, date(2026, 11, 1), 2000, at=world.now, actor=SYSTEM)
    assert (month_of(world.as_coordinator()), statement_of(world.as_manager(world.moulin), world.moulin)) == before
    assert document(world) == signed


def test_a_late_visit_is_posted_in_the_oldest_month_that_is_open(world, euros):
    shown = old_pass(world, world.hangar)
    november(world)
    close(world)
    check_in(world.as_door(world.moulin), scan_at(world, shown, NOW))
    assert sorted(visit.posted_month for visit in visits(world)) == ["2026-11", "2026-12"]
    [version] = versions(world)[-1:]
    assert document(world) == statements(world, version.number)[world.moulin.id].sha256


def copies(world):
    """A row more of each kind for the closed month."""
    [visit], version = visits(world), versions(world)[-1]
    statement = statements(world, version.number)[world.moulin.id]

    def copy(row, **changed):
        table = type(row).__table__
        return table.insert().values({column.name: getattr(row, column.name) for column in table.columns} | changed)

    contest = Contest.__table__.insert().values(
        id=uuid4(),
        month=MONTH,
        home_id=visit.home_id,
        host_id=visit.host_id,
        place_id=visit.home_id,
        made_by=uuid4(),
        made_at=world.now,
        about="visits",
        reason="other",
        state="open",
        answer_by=world.now.date(),
        decide_by=world.now.date(),
        version=1,
    )
    credit = CreditRow.__table__.insert().values(
        id=uuid4(),
        posted_month=MONTH,
        contest_id=contest.compile().params["id"],
        visit_id=visit.id,
        home_id=visit.home_id,
        host_id=visit.host_id,
        origin="2026-10",
        convention=2,
        vat_basis_points=0,
        amount_cents=1,
    )
    void = VisitVoid.__table__.insert().values(
        visit_id=visit.id, revision=visit.revision, at=world.now, reason="undone"
    )
    booked = book(world, room(world, world.place("grange")), world.member(), starts=60 * 24 * 35)
    of_booking = {"booking_id": booked, "at": world.now}
    given_back = {"id": uuid4(), "posted_month": MONTH, "contest_id": contest.compile().params["id"]}
    given_back |= {"booking_id": booked, "home_id": visit.home_id, "host_id": visit.host_id, "origin": "2026-10"}
    given_back |= {"vat_basis_points": 0, "amount_cents": 1}
    return {
        "visit": [copy(visit, revision=5)],
        "visit_void": [void],
        "month_version": [copy(version, number=9)],
        "statement": [copy(statement, place_id=world.place("phare").id)],
        "credit": [contest, credit],
        "booking_correction": [BookingCorrection.__table__.insert().values(of_booking | {"month": MONTH, "cents": 0})],
        "booking_credit": [contest, BookingCreditRow.__table__.insert().values(given_back)],
    }


@pytest.mark.parametrize(
    "table", ["visit", "visit_void", "month_version", "statement", "credit", "booking_correction", "booking_credit"]
)
def test_the_database_adds_nothing_to_a_closed_month(world, table):
    november(world)
    pass_time(world, CLOSES)
    *first, last = copies(world)[table]
    with world.database.write() as session:
        for statement in first:
            session.execute(statement)
    with pytest.raises(IntegrityError, match="the month is closed"), world.database.write() as session:
        session.execute(last)


@pytest.mark.parametrize("model", [Visit, MonthVersion, Statement])
@pytest.mark.parametrize("deed", ["UPDATE {} SET {column} = {column}", "DELETE FROM {}"])
def test_the_database_changes_nothing_in_a_closed_month(world, model, deed):
    november(world)
    pass_time(world, CLOSES)
    column = "posted_month" if model is Visit else "month"
    with pytest.raises(IntegrityError, match="append-only"), world.database.write() as session:
        session.execute(text(deed.format(model.__tablename__, column=column)))


def replaced(world, model):
    """A row of that table, as SQLite would put another in its place: no other database has such an insert."""
    table = model.__table__
    row = rows(world, model)[-1]
    return table.insert().prefix_with("OR REPLACE").values({each.name: getattr(row, each.name) for each in table.c})


@pytest.mark.parametrize("model", [Visit, MonthVersion, Statement, Period, FundDistribution, FundShare])
def test_the_database_replaces_nothing_of_a_closed_month(world, euros, model):
    if not world.database.is_sqlite:
        return
    november(world)
    close(world)
    with world.database.write() as session:
        given = FundDistribution(posted_month="2026-12", amount_cents=1, weights="equal", by=uuid4(), at=world.now)
        session.add(given)
        session.flush()
        session.add(FundShare(distribution_id=given.id, place_id=world.moulin.id, weight=1, amount_cents=1))
    with pytest.raises(IntegrityError, match=r"is closed|is not replaced"), world.database.write() as session:
        session.execute(replaced(world, model))


def test_a_visit_of_a_closed_month_is_not_replaced_by_one_of_an_open_month(world):
    if not world.database.is_sqlite:
        return
    november(world)
    pass_time(world, CLOSES)
    with pytest.raises(IntegrityError, match="is not replaced"), world.database.write() as session:
        session.execute(replaced(world, Visit).values(posted_month="2026-12", units=2))


@pytest.mark.parametrize("column", ["closing_asked_by", "closing_asked_at", "closed_by", "closed_at"])
def test_the_database_keeps_who_closed_a_month(world, asked, column):
    assert validate(world.as_coordinator()).status_code == 200
    with pytest.raises(IntegrityError, match="the month is closed"), world.database.write() as session:
        session.execute(text(f"UPDATE period SET {column} = NULL"))


def test_postgresql_empties_no_months(world):
    if world.database.is_sqlite:  # has no TRUNCATE
        return
    close_month(world, "2026-10")
    with pytest.raises(IntegrityError, match="the month is closed"), world.database.write() as session:
        session.execute(text("TRUNCATE period CASCADE"))


@pytest.mark.parametrize("deed", ["UPDATE period SET state = 'review'", "DELETE FROM period"])
def test_the_database_opens_no_month_again(world, deed):
    close_month(world, "2026-10")
    with pytest.raises(IntegrityError, match="the month is closed"), world.database.write() as session:
        session.execute(text(deed))
    close_month(world, "2026-10", "paid")
    assert [period.state for period in rows(world, Period)] == ["paid"]


def test_a_month_that_is_closed_by_two_at_the_same_moment_is_closed_once(world, asked):
    people = [world.as_coordinator() for _ in range(4)]
    answers = at_once(
        world, [(client, "POST", f"{PATH}/closing/validate", {"json": {"number": 1}}) for client in people]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert [version.reason for version in versions(world)] == ["first", "closed"]
    assert len(rows(world, Payment)) == 1


def test_closing_waits_for_a_visit_that_is_being_written(world, asked):
    [visit] = visits(world)
    table = Visit.__table__
    another = {column.name: getattr(visit, column.name) for column in table.columns} | {"revision": 5}
    second = world.as_coordinator()
    with ThreadPoolExecutor(1) as thread:
        with world.database.write() as session:
            session.execute(table.insert().values(another))
            closing = thread.submit(validate, second)
            with pytest.raises(TimeoutError):
                closing.result(timeout=0.5)
        assert code_of(closing.result(timeout=30)) == (409, "month_changed")
