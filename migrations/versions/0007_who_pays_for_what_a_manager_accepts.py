"""A review says which home pays, where the door could not know."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added plainly: the table is guarded.
    op.add_column("check_in_follow_up", sa.Column("home_id", sa.Uuid(), nullable=True))
    op.add_column("check_in_follow_up", sa.Column("plan", sa.String(length=4), nullable=True))


def downgrade() -> None:
    op.drop_column("check_in_follow_up", "plan")
    op.drop_column("check_in_follow_up", "home_id")
