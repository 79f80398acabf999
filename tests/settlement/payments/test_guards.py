"""What is owed for a closed month: the databases themselves keep it, and let only what became of it go on."""

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from passapp.settlement.payments.models import Payment
from tests.scenes import rows
from tests.settlement.payments.closed import close, put

OTHER = {
    "month": "'2026-09'",
    "debtor_id": "creditor_id",
    "creditor_id": "NULL",
    "amount_cents": "1",
    "end_to_end_id": "'another'",
    "too_small": "NOT too_small",
    "due_on": "'2027-01-01'",
}


@pytest.fixture
def payment(world):
    [made] = close(world)
    return made


def run(world, deed):
    with world.database.write() as session:
        session.execute(text(deed))


@pytest.mark.parametrize("column", sorted(OTHER))
def test_who_owes_what_to_whom_is_not_changed(world, payment, column):
    with pytest.raises(IntegrityError, match="what is owed stays"):
        run(world, f"UPDATE payment SET {column} = {OTHER[column]}")
    [kept] = rows(world, Payment)
    assert getattr(kept, column) == getattr(payment, column)


def test_no_payment_is_deleted(world, payment):
    with pytest.raises(IntegrityError, match="what is owed stays"):
        run(world, "DELETE FROM payment")
    assert len(rows(world, Payment)) == 1


def test_postgresql_empties_no_payments(world, payment):
    if world.database.is_sqlite:  # has no TRUNCATE
        return
    with pytest.raises(IntegrityError, match="what is owed stays"):
        run(world, "TRUNCATE payment CASCADE")


def copied(payment, **changed):
    """A row like it."""
    table = Payment.__table__
    return insert(table).values({column.name: getattr(payment, column.name) for column in table.columns} | changed)


def test_no_payment_is_added_to_a_closed_month(world, payment):
    with pytest.raises(IntegrityError, match="the month is closed"), world.database.write() as session:
        session.execute(copied(payment, id=world.hangar.id, end_to_end_id="another"))


def test_no_payment_is_replaced(world, payment):
    if not world.database.is_sqlite:  # no other database has such an insert
        return
    with pytest.raises(IntegrityError, match="is not replaced"), world.database.write() as session:
        session.execute(copied(payment, month="2026-12", amount_cents=1).prefix_with("OR REPLACE"))


def test_what_became_of_it_goes_on(world, payment):
    manager = world.as_manager(world.hangar)
    for version, state in enumerate(("paid", "failed", "due", "paid"), start=1):
        assert put(manager, payment, version, state=state).json()["state"] == state


def test_once_a_later_month_took_the_debt_over_nothing_of_it_changes(world, payment):
    put(world.as_manager(world.hangar), payment, state="failed")
    close(world, "2026-11", [])
    for change in ("state = 'due'", "opened_in = NULL", "marked_by = NULL"):
        with pytest.raises(IntegrityError, match="what is owed stays"):
            run(world, f"UPDATE payment SET {change} WHERE month = '2026-10'")
