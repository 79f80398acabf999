"""What a month is settled by: VAT statuses, the units of a visit, a day declared full; doors that were tried."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vat_status",
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name=op.f("ck_vat_status_basis_points")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_vat_status_place_id_place"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place_id", "starts_on", name=op.f("pk_vat_status")),
    )
    # Plain ADD COLUMN, not a batch: a batch would copy the guarded tables on SQLite and lose their triggers.
    op.add_column("visit", sa.Column("units", sa.SmallInteger(), nullable=False, server_default="1"))
    op.add_column("check_in", sa.Column("full_day", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("door", sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("door", "tried_at")
    op.drop_column("check_in", "full_day")
    op.drop_column("visit", "units")
    op.drop_table("vat_status")
