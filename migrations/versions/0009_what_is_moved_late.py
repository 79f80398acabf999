"""A booking that is moved when cancelling it costs something comes to that at least."""

import sqlalchemy as sa
from alembic import op

from passapp.bookings.guards import guard_claims

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("at_least", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("closure", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("external_calendar", sa.Column("approvals", sa.JSON(), nullable=False, server_default="{}"))
    _index("ix_booking_awaited", "booking", "starts_at", "state = 'booked' AND came_at IS NULL")
    _index("ix_claim_expires_at", "claim", "expires_at", "released_at IS NULL AND expires_at IS NOT NULL")
    guard_claims(op)


def _index(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_index("ix_claim_expires_at", "claim")
    op.drop_index("ix_booking_awaited", "booking")
    op.drop_column("external_calendar", "approvals")
    op.drop_column("closure", "removed_at")
    op.drop_column("booking", "at_least")
