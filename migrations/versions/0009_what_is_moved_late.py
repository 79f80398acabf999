"""A booking that is moved when cancelling it costs something comes to that at least."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("at_least", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("closure", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("closure", "removed_at")
    op.drop_column("booking", "at_least")
