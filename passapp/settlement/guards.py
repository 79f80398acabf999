"""Triggers that keep a closed month as it is, on both databases (settlement, Life of a month).

No visit, no void, no correction, no version, no statement, no credit, no account and no payment is added to a month
that is closed, no month is opened again, and who closed it stays written; nor is any of it replaced, or all of it
emptied. Of a payment only what became of it goes on: who owes what to whom stays, and nothing changes once a later
month took the debt over. On PostgreSQL whoever adds to a month holds its row as it is until it commits, and closing
waits for it.
"""

from typing import Final

from alembic.operations import Operations

from passapp.kernel.guards import drop_refuse_replacing, refuse_replacing

_CLOSED: Final = "('closed', 'netted', 'paid')"
_MONTH_OF: Final = {
    "visit": "NEW.posted_month",
    "visit_void": "(SELECT posted_month FROM visit WHERE id = NEW.visit_id AND revision = NEW.revision)",
    "month_version": "NEW.month",
    "statement": "NEW.month",
    "credit": "NEW.posted_month",
    "booking_correction": "NEW.month",
    "booking_credit": "NEW.posted_month",
    "closed_details": "NEW.month",
    "payment": "NEW.month",
}
"""The month in which a new row counts, by table. All of them but payments are append-only besides."""
_OTHERS: Final = ("contest_booking", "contest_visit", "fund_distribution", "fund_share", "invoice")
"""Append-only too, in whatever month."""
_KEPT: Final = ("month", "closing_asked_by", "closing_asked_at", "closed_by", "closed_at")
"""Of a month that is closed: only its state goes on."""
_OWED: Final = ("id", "month", "debtor_id", "creditor_id", "amount_cents", "end_to_end_id", "too_small", "due_on")
"""Of a payment: there is none before its month is closed."""


def guard_closed_months(op: Operations) -> None:
    """Have the database refuse what would change a closed month."""
    for table in (*_MONTH_OF, *_OTHERS):
        refuse_replacing(op, table)
    refuse_replacing(op, "period", only=f"state IN {_CLOSED}")
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _KEPT)
        for table, month in _MONTH_OF.items():
            op.execute(
                f"CREATE TRIGGER {table}_month_is_open BEFORE INSERT ON {table} "  # noqa: S608  (our names)
                f"WHEN EXISTS (SELECT 1 FROM period WHERE month = {month} AND state IN {_CLOSED}) "
                "BEGIN SELECT RAISE(ABORT, 'the month is closed'); END"
            )
        op.execute(
            "CREATE TRIGGER period_stays_closed BEFORE UPDATE ON period "
            f"WHEN OLD.state IN {_CLOSED} AND (NEW.state NOT IN {_CLOSED} OR {changed}) "
            "BEGIN SELECT RAISE(ABORT, 'the month is closed'); END"
        )
        op.execute(
            f"CREATE TRIGGER period_stays BEFORE DELETE ON period WHEN OLD.state IN {_CLOSED} "
            "BEGIN SELECT RAISE(ABORT, 'the month is closed'); END"
        )
        owed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _OWED)
        op.execute(
            f"CREATE TRIGGER payment_stays_owed BEFORE UPDATE ON payment WHEN OLD.opened_in IS NOT NULL OR {owed} "
            "BEGIN SELECT RAISE(ABORT, 'what is owed stays'); END"
        )
        op.execute(
            "CREATE TRIGGER payment_stays BEFORE DELETE ON payment BEGIN SELECT RAISE(ABORT, 'what is owed stays'); END"
        )
        return
    for table, month in _MONTH_OF.items():
        op.execute(
            f"CREATE FUNCTION {table}_month_is_open() RETURNS trigger LANGUAGE plpgsql AS $$ "  # noqa: S608  (our names)
            "DECLARE present text; BEGIN "
            f"SELECT state INTO present FROM period WHERE month = {month} FOR KEY SHARE; "
            f"IF present IN {_CLOSED} THEN "
            "RAISE EXCEPTION 'the month is closed' USING ERRCODE = 'restrict_violation'; END IF; "
            "RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_month_is_open BEFORE INSERT ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_month_is_open()"
        )
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _KEPT)
    op.execute(
        "CREATE FUNCTION period_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'TRUNCATE' THEN "
        "RAISE EXCEPTION 'the month is closed' USING ERRCODE = 'restrict_violation'; END IF; "
        f"IF OLD.state IN {_CLOSED} AND (TG_OP = 'DELETE' OR NEW.state NOT IN {_CLOSED} OR {changed}) THEN "
        "RAISE EXCEPTION 'the month is closed' USING ERRCODE = 'restrict_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER period_stays_closed BEFORE UPDATE OR DELETE ON period "
        "FOR EACH ROW EXECUTE FUNCTION period_stays_closed()"
    )
    op.execute(
        "CREATE TRIGGER period_stays BEFORE TRUNCATE ON period "
        "FOR EACH STATEMENT EXECUTE FUNCTION period_stays_closed()"
    )
    owed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _OWED)
    op.execute(
        "CREATE FUNCTION payment_stays_owed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' AND OLD.opened_in IS NULL AND NOT ({owed}) THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'what is owed stays' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER payment_stays_owed BEFORE UPDATE OR DELETE ON payment "
        "FOR EACH ROW EXECUTE FUNCTION payment_stays_owed()"
    )
    op.execute(
        "CREATE TRIGGER payment_stays BEFORE TRUNCATE ON payment "
        "FOR EACH STATEMENT EXECUTE FUNCTION payment_stays_owed()"
    )


def drop_guard_of_closed_months(op: Operations) -> None:
    """Remove the guard (for a downgrade), while the tables are there."""
    for table in (*_MONTH_OF, *_OTHERS, "period"):
        drop_refuse_replacing(op, table)
    if op.get_bind().dialect.name == "sqlite":
        for table in _MONTH_OF:
            op.execute(f"DROP TRIGGER IF EXISTS {table}_month_is_open")
        op.execute("DROP TRIGGER IF EXISTS period_stays_closed")
        for trigger in ("period_stays", "payment_stays_owed", "payment_stays"):
            op.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        return
    for name in (*(f"{table}_month_is_open" for table in _MONTH_OF), "period_stays_closed", "payment_stays_owed"):
        op.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")
