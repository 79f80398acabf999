"""Live passes, proofs, what follows a check-in, how a place receives, guests, quotas, unpaid memberships."""

import sqlalchemy as sa
from alembic import op

from passapp.kernel.guards import drop_append_only, make_append_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NEW = ("check_in_follow_up",)
_COLUMNS = {
    "issued_pass": ("superseded_at", "device_name", "device_key", "form"),
    "plan": ("monthly_visits",),
    "member": ("attention",),
    "membership": ("paid_at", "unpaid_at"),
    "door": ("kind",),
    "visit": ("waived",),
}


def upgrade() -> None:
    _columns()
    _check_ins()
    _receiving()
    for table in _NEW:
        make_append_only(op, table)


def downgrade() -> None:
    for table in _NEW:
        drop_append_only(op, table)
    for table in (
        "day_guest",
        "house_rules_acceptance",
        "door_policy",
        "used_proof",
        "follow_up_reason",
        "check_in_follow_up",
    ):
        op.drop_table(table)
    for index in ("ix_check_in_place", "ix_check_in_home"):
        op.drop_index(index, table_name="check_in")
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)


def _columns() -> None:
    op.add_column("issued_pass", sa.Column("form", sa.String(length=12), nullable=False, server_default="card"))
    op.add_column("issued_pass", sa.Column("device_key", sa.String(length=43), nullable=True))
    op.add_column("issued_pass", sa.Column("device_name", sa.String(length=120), nullable=True))
    op.add_column("issued_pass", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("plan", sa.Column("monthly_visits", sa.Integer(), nullable=True))
    op.add_column("member", sa.Column("attention", sa.String(length=120), nullable=True))
    op.add_column("membership", sa.Column("unpaid_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("membership", sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("door", sa.Column("kind", sa.String(length=12), nullable=False, server_default="phone"))
    op.add_column("visit", sa.Column("waived", sa.String(length=12), nullable=True))


def _check_ins() -> None:
    op.create_index("ix_check_in_place", "check_in", ["place_id", "local_date"])
    op.create_index("ix_check_in_home", "check_in", ["home_id", "received_at"])
    op.create_table(
        "check_in_follow_up",
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["check_in_id"], ["check_in.id"], name=op.f("fk_check_in_follow_up_check_in_id_check_in")
        ),
        sa.PrimaryKeyConstraint("check_in_id", "kind", name=op.f("pk_check_in_follow_up")),
    )
    op.create_table(
        "follow_up_reason",
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_in_id", "kind"],
            ["check_in_follow_up.check_in_id", "check_in_follow_up.kind"],
            name=op.f("fk_follow_up_reason_check_in_id_check_in_follow_up"),
        ),
        sa.PrimaryKeyConstraint("check_in_id", "kind", name=op.f("pk_follow_up_reason")),
    )
    op.create_table(
        "used_proof",
        sa.Column("status_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("door_id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["door_id"], ["door.id"], name=op.f("fk_used_proof_door_id_door")),
        sa.PrimaryKeyConstraint("status_index", "step", name=op.f("pk_used_proof")),
    )
    op.create_index(op.f("ix_used_proof_at"), "used_proof", ["at"])


def _receiving() -> None:
    op.create_table(
        "door_policy",
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("cards", sa.Boolean(), nullable=False),
        sa.Column("keeps_hours", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("check_out", sa.Boolean(), nullable=False),
        sa.Column("guests", sa.Boolean(), nullable=False),
        sa.Column("minors", sa.Boolean(), nullable=False),
        sa.Column("house_rules", sa.Text(), nullable=True),
        sa.Column("house_rules_version", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=280), nullable=True),
        sa.Column("message_until", sa.Date(), nullable=True),
        sa.Column("poster_code", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name=op.f("ck_door_policy_capacity")),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_door_policy_place_id_place"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_door_policy")),
        sa.UniqueConstraint("poster_code", name=op.f("uq_door_policy_poster_code")),
    )
    op.create_table(
        "house_rules_acceptance",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("rules_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_house_rules_acceptance_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_house_rules_acceptance_place_id_place")),
        sa.PrimaryKeyConstraint("member_id", "place_id", "rules_version", name=op.f("pk_house_rules_acceptance")),
    )
    op.create_table(
        "day_guest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("door_id", sa.Uuid(), nullable=True),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_name", sa.String(length=120), nullable=True),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("guardian_consents", sa.Boolean(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("NOT minor OR guardian_consents", name=op.f("ck_day_guest_guardian_consents")),
        sa.ForeignKeyConstraint(["door_id"], ["door.id"], name=op.f("fk_day_guest_door_id_door")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_day_guest_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_guest")),
    )
    op.create_index("ix_day_guest_day", "day_guest", ["place_id", "local_date"])
