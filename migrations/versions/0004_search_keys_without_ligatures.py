"""Who looks for "coeur" finds "cœur"."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("member", "place"):
        op.execute(f"UPDATE {table} SET search_key = replace(replace(search_key, 'œ', 'oe'), 'æ', 'ae')")  # noqa: S608


def downgrade() -> None:
    pass
