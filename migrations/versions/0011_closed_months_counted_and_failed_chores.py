"""How many visits a closed month has, which chores failed when they were done last; places may share an account.

One place holds the common fund; rules that were refused say why.
"""

import sqlalchemy as sa
from alembic import op

from passapp.kernel.guards import drop_append_only, make_append_only

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("month_version", sa.Column("visits", sa.Integer(), nullable=True))
    drop_append_only(op, "month_version")
    op.execute(
        "UPDATE month_version SET visits = (SELECT count(*) FROM visit"
        " WHERE visit.posted_month = month_version.month AND NOT visit.at_home AND NOT EXISTS (SELECT 1 FROM visit_void"
        " WHERE visit_void.visit_id = visit.id AND visit_void.revision = visit.revision))"
        " WHERE reason = 'closed'"
    )
    make_append_only(op, "month_version")
    op.create_table(
        "failed_chore",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_failed_chore")),
    )
    with op.batch_alter_table("bank_import") as batch:
        batch.drop_constraint("uq_bank_import_sha256", type_="unique")
        batch.create_unique_constraint("uq_bank_import_place_id_sha256", ["place_id", "sha256"])
    op.add_column("convention_draft", sa.Column("why", sa.String(length=40), nullable=True))
    # Two who said it at once may have left two: the first by its code is the one that pages have named.
    op.execute(
        "UPDATE settlement_details SET holds_fund = false WHERE holds_fund AND place_id <> (SELECT place.id FROM place"
        " JOIN settlement_details AS holder ON holder.place_id = place.id WHERE holder.holds_fund"
        " ORDER BY place.code LIMIT 1)"
    )
    held = sa.text("holds_fund")
    name = "uq_settlement_details_holds_fund"
    op.create_index(name, "settlement_details", ["holds_fund"], unique=True, sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    op.drop_index("uq_settlement_details_holds_fund", "settlement_details")
    op.drop_column("convention_draft", "why")
    # Of a file that two places of one account had read, who was the first to stays: ids follow time.
    op.execute(
        "DELETE FROM bank_import WHERE EXISTS (SELECT 1 FROM bank_import AS former"
        " WHERE former.sha256 = bank_import.sha256 AND former.id < bank_import.id)"
    )
    with op.batch_alter_table("bank_import") as batch:
        batch.drop_constraint("uq_bank_import_place_id_sha256", type_="unique")
        batch.create_unique_constraint("uq_bank_import_sha256", ["sha256"])
    op.drop_table("failed_chore")
    op.drop_column("month_version", "visits")
