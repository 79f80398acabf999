"""Triggers that make a table append-only, on both databases.

Alembic's ``batch_alter_table`` drops triggers silently: a migration that alters a guarded table on SQLite calls
:func:`make_append_only` again as its last step, and a test checks every guard after every migration.
"""

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
