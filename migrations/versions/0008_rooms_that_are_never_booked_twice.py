"""Resources, bookings, what takes a resource, and the guard against booking it twice."""

import sqlalchemy as sa
from alembic import op

from passapp.bookings.guards import drop_guard, guard_claims

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _resources()
    _bookings()
    _around()
    guard_claims(op)


def downgrade() -> None:
    drop_guard(op)
    for table in (
        "waiting",
        "answer_link",
        "idempotency_key",
        "claim",
        "booking",
        "training",
        "series",
        "resource_rate",
        "resource_policy",
        "resource_part",
        "feed",
        "external_calendar",
        "closure",
        "resource",
        "booking_advance",
    ):
        op.drop_table(table)


def _resources() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("access", sa.String(length=500), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=True),
        sa.Column("is_pool", sa.Boolean(), nullable=False),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('room', 'desk', 'equipment')", name=op.f("ck_resource_kind")),
        sa.CheckConstraint("capacity >= 1", name=op.f("ck_resource_capacity")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_resource_place_id_place")),
        sa.ForeignKeyConstraint(["pool_id"], ["resource.id"], name=op.f("fk_resource_pool_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
    )
    op.create_index(op.f("ix_resource_place_id"), "resource", ["place_id"])
    op.create_index(op.f("ix_resource_pool_id"), "resource", ["pool_id"])
    op.create_table(
        "external_calendar",
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.Column("collisions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_external_calendar_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_external_calendar")),
    )
    op.create_table(
        "resource_part",
        sa.Column("composite_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["composite_id"], ["resource.id"], name=op.f("fk_resource_part_composite_id_resource")),
        sa.ForeignKeyConstraint(["part_id"], ["resource.id"], name=op.f("fk_resource_part_part_id_resource")),
        sa.PrimaryKeyConstraint("composite_id", "part_id", name=op.f("pk_resource_part")),
    )
    op.create_index(op.f("ix_resource_part_part_id"), "resource_part", ["part_id"])
    op.create_table(
        "resource_policy",
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_policy_resource_id_resource")),
        sa.PrimaryKeyConstraint("resource_id", "number", name=op.f("pk_resource_policy")),
    )
    op.create_table(
        "resource_rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("half_day", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("plan", sa.String(length=4), nullable=True),
        sa.Column("tier", sa.String(length=32), nullable=True),
        sa.Column("is_home", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "hour >= 0 AND (half_day IS NULL OR half_day >= 0) AND (day IS NULL OR day >= 0)",
            name=op.f("ck_resource_rate_cents"),
        ),
        sa.ForeignKeyConstraint(["plan"], ["plan.code"], name=op.f("fk_resource_rate_plan_plan")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_rate_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_rate")),
    )
    op.create_index(op.f("ix_resource_rate_resource_id"), "resource_rate", ["resource_id"])
    op.create_table(
        "training",
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_training_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_training_resource_id_resource")),
        sa.PrimaryKeyConstraint("resource_id", "member_id", name=op.f("pk_training")),
    )
    op.create_index(op.f("ix_training_member_id"), "training", ["member_id"])


def _bookings() -> None:
    op.create_table(
        "closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_closure_span")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_closure_place_id_place")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_closure_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_place_id"), "closure", ["place_id"])
    op.create_index(op.f("ix_closure_resource_id"), "closure", ["resource_id"])
    op.create_table(
        "series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("repeat", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_series_member_id_member"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_series_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_member_id"), "series", ["member_id"])
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("local_end", sa.DateTime(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_adjusted", sa.Boolean(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("payer", sa.String(length=8), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=True),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("payer IN ('member', 'home')", name=op.f("ck_booking_payer")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_booking_span")),
        sa.CheckConstraint("price >= 0 AND fee >= 0", name=op.f("ck_booking_cents")),
        sa.ForeignKeyConstraint(["home_id"], ["place.id"], name=op.f("fk_booking_home_id_place")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_booking_member_id_member"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_booking_place_id_place")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_booking_resource_id_resource")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_booking_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("uid", name=op.f("uq_booking_uid")),
    )
    op.create_index(op.f("ix_booking_home_id"), "booking", ["home_id"])
    op.create_index("ix_booking_member", "booking", ["member_id", "starts_at"])
    op.create_index("ix_booking_place", "booking", ["place_id", "starts_at"])
    op.create_index("ix_booking_resource", "booking", ["resource_id", "starts_at"])
    op.create_index(op.f("ix_booking_series_id"), "booking", ["series_id"])
    op.create_table(
        "claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("closure_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_claim_span")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_claim_booking_id_booking")),
        sa.ForeignKeyConstraint(["closure_id"], ["closure.id"], name=op.f("fk_claim_closure_id_closure")),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_claim_resource_id_resource"),
            initially="IMMEDIATE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index(op.f("ix_claim_booking_id"), "claim", ["booking_id"])
    op.create_index(op.f("ix_claim_closure_id"), "claim", ["closure_id"])
    op.create_index("ix_claim_resource", "claim", ["resource_id", "ends_at"])
    is_long = {
        "postgresql": "ends_at - starts_at > interval '1 day'",
        "sqlite": "julianday(ends_at) - julianday(starts_at) > 1",
    }
    for name, columns, rest in (
        ("ix_claim_starts_at", ["starts_at", "ends_at"], ""),
        ("ix_claim_long", ["ends_at", "starts_at"], f" AND {is_long[op.get_bind().dialect.name]}"),
    ):
        which = sa.text(f"released_at IS NULL{rest}")
        columns += ["expires_at", "resource_id", "released_at"]
        op.create_index(name, "claim", columns, sqlite_where=which, postgresql_where=which)


def _around() -> None:
    op.create_table(
        "booking_advance",
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_booking_advance_place_id_place")),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_booking_advance")),
    )
    op.create_table(
        "feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('mine', 'resource', 'busy', 'place')", name=op.f("ck_feed_kind")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_feed_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_feed_place_id_place")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_feed_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_token_hash")),
    )
    op.create_index(op.f("ix_feed_member_id"), "feed", ["member_id"])
    op.create_index(op.f("ix_feed_place_id"), "feed", ["place_id"])
    op.create_index(op.f("ix_feed_resource_id"), "feed", ["resource_id"])
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_idempotency_key_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_idempotency_key_booking_id_booking")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_idempotency_key_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_idempotency_key_account_id_key")),
    )
    op.create_index(op.f("ix_idempotency_key_at"), "idempotency_key", ["at"])
    op.create_table(
        "answer_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_answer_link_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_answer_link_booking_id_booking")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_answer_link")),
    )
    for column in ("booking_id", "account_id", "expires_at"):
        op.create_index(op.f(f"ix_answer_link_{column}"), "answer_link", [column])
    op.create_table(
        "waiting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_waiting_booking_id_booking")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_waiting_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_waiting_resource_id_resource")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_member_id"), "waiting", ["member_id"])
    op.create_index("ix_waiting_resource", "waiting", ["resource_id", "starts_at"])
