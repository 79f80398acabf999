"""Triggers that make a table append-only, on both databases.

Alembic's ``batch_alter_table`` drops triggers silently: a migration that alters a guarded table on SQLite calls
:func:`make_append_only` again as its last step, and a test checks every guard after every migration.
"""

import sqlalchemy as sa
from alembic.operations import Operations


def make_append_only(op: Operations, table: str) -> None:
    """Have the database refuse any update or delete of a row of ``table``."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def drop_append_only(op: Operations, table: str) -> None:
    """Remove the guard (for a downgrade)."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
        return
    op.execute(f"DROP FUNCTION IF EXISTS {table}_refuse() CASCADE")


def refuse_replacing(op: Operations, table: str, *, only: str = "1") -> None:
    """Have SQLite refuse ``INSERT OR REPLACE`` over a row of ``table``: it deletes, and no delete trigger sees it.

    ``only``: the condition, on that row, under which it may not be replaced. No other database has such an insert.
    """
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        return
    found = sa.inspect(bind)
    keys = [found.get_pk_constraint(table)["constrained_columns"]]
    keys += [each["column_names"] for each in found.get_unique_constraints(table)]
    keys += [[name for name in each["column_names"] if name] for each in found.get_indexes(table) if each["unique"]]
    same = " OR ".join("(" + " AND ".join(f'"{name}" = NEW."{name}"' for name in key) + ")" for key in keys)
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608  (our names)
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE ({same}) AND {only}) "
        f"BEGIN SELECT RAISE(ABORT, 'a row of {table} is not replaced'); END"
    )


def drop_refuse_replacing(op: Operations, table: str) -> None:
    """Remove the guard (for a downgrade), while the table is there."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER IF EXISTS {table}_no_replace")
