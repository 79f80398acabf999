"""A payment that is marked while the next month closes is owed once: neither twice, nor not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM
from passapp.settlement.contests.models import CreditRow
from passapp.settlement.months.service import validate_closing
from passapp.settlement.payments.models import Payment
from passapp.settlement.payments.service import mark
from tests.scenes import rows
from tests.settlement.living import ask, close, code_of, november, pass_time, seen, validate
from tests.settlement.months import agree, make_visit
from tests.settlement.reporting import answer, reported
from tests.world import World

DECEMBER_CLOSES = datetime(2027, 1, 24, 12, tzinfo=UTC)


def mark_now(world: World, session, state: str) -> None:
    [payment] = rows(world, Payment, Payment.month == "2026-11")
    mark(session, session.get_one(Payment, payment.id), state, at=world.now, actor=SYSTEM)


@pytest.fixture(params=["due", "failed"])
def asked(request, world):
    """December, about to be closed; November's payment is due, or has failed and is one of December's debts."""
    agree(world)
    november(world, visits=2)
    close(world)
    if request.param == "failed":
        with world.database.write() as session:
            mark_now(world, session, "failed")
    make_visit(world, world.hangar, world.moulin, datetime(2026, 12, 24, 10, tzinfo=UTC))
    pass_time(world, DECEMBER_CLOSES)
    assert ask(world.as_coordinator(), "2026-12").status_code == 200
    return request.param


def owed(world: World) -> list[tuple[str, int, str, str | None]]:
    found = sorted(rows(world, Payment), key=lambda payment: payment.month)
    return [(each.month, each.amount_cents, each.state, each.opened_in) for each in found]


def test_closing_waits_for_a_mark_that_is_being_made(world, asked):
    accountant = world.signed_in(world.account(Role.NETWORK_ACCOUNTANT))
    state = {"due": "failed", "failed": "paid"}[asked]
    with ThreadPoolExecutor(1) as thread:
        with world.database.write() as session:
            mark_now(world, session, state)
            closing = thread.submit(validate, accountant, "2026-12")
            with pytest.raises(TimeoutError):
                closing.result(timeout=0.5)
        assert code_of(closing.result(timeout=30)) == (409, "month_changed")
    assert owed(world) == [("2026-11", 1000, state, None)]


def test_a_mark_waits_for_a_closing_that_is_being_made(world, asked):
    [payment] = rows(world, Payment, Payment.month == "2026-11")
    coordinator, second = world.as_coordinator(), world.account(Role.NETWORK_ACCOUNTANT).id
    state = {"due": "failed", "failed": "paid"}[asked]
    call = {"json": {"state": state}, "headers": {"If-Match": f'"{payment.version}"'}}
    number = seen(coordinator, "2026-12")
    with ThreadPoolExecutor(1) as thread:
        with world.database.write() as session:
            folder = world.settings.keys_dir
            validate_closing(session, folder, "2026-12", number, by=second, at=world.now, actor=SYSTEM)
            marking = thread.submit(coordinator.put, f"/api/v1/payments/{payment.id}/state", **call)
            with pytest.raises(TimeoutError):
                marking.result(timeout=0.5)
        answer = marking.result(timeout=30)
    if asked == "failed":
        assert code_of(answer) in {(412, "stale"), (409, "payment_moved_on")}
        assert owed(world) == [("2026-11", 1000, "failed", "2026-12"), ("2026-12", 1500, "due", None)]
    else:
        assert answer.status_code == 200, answer.text
        assert owed(world) == [("2026-11", 1000, "failed", None), ("2026-12", 500, "due", None)]


def test_what_is_given_back_waits_for_a_closing_and_goes_into_the_month_after(world):
    agree(world)
    november(world)
    close(world)
    make_visit(world, world.hangar, world.moulin, datetime(2026, 12, 2, 10, tzinfo=UTC))
    pass_time(world, datetime(2027, 1, 10, 12, tzinfo=UTC))
    contest = reported(world)
    pass_time(world, datetime(2027, 1, 14, 12, tzinfo=UTC))
    world.now = DECEMBER_CLOSES
    assert ask(world.as_coordinator(), "2026-12").status_code == 200
    moulin, second = world.as_manager(world.moulin), world.account(Role.NETWORK_ACCOUNTANT).id
    number = seen(world.as_coordinator(), "2026-12")
    with ThreadPoolExecutor(1) as thread:
        with world.database.write() as session:
            folder = world.settings.keys_dir
            validate_closing(session, folder, "2026-12", number, by=second, at=world.now, actor=SYSTEM)
            agreeing = thread.submit(answer, moulin, contest, agrees=True)
            with pytest.raises(TimeoutError):
                agreeing.result(timeout=0.5)
        assert agreeing.result(timeout=30).status_code == 200
    assert [credit.posted_month for credit in rows(world, CreditRow)] == ["2027-01"]
