"""Drafts of the rules and consents; months published, contested, closed and signed; payments, details and invoices."""

import sqlalchemy as sa
from alembic import op

from passapp.kernel.guards import drop_append_only, make_append_only
from passapp.settlement.guards import drop_guard_of_closed_months, guard_closed_months

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was kept there does not say which policy connecting made: the place goes on being asked.
    op.execute("UPDATE external_calendar SET approvals = '{}'")
    _consents()
    _details()
    _payments()
    _invoices()
    _months()
    _contests()
    guard_closed_months(op)


def downgrade() -> None:
    drop_guard_of_closed_months(op)
    _drop_contests()
    _drop_months()
    _drop_invoices()
    _drop_payments()
    drop_append_only(op, "closed_details")
    op.drop_table("closed_details")
    op.drop_table("settlement_details")
    _drop_consents()


def _consents() -> None:
    op.add_column("network", sa.Column("consent_rule", sa.String(length=12), nullable=False, server_default="all"))
    op.add_column("network", sa.Column("consent_days", sa.Integer(), nullable=False, server_default="15"))
    op.add_column("network", sa.Column("silence_consents", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "convention_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'published', 'withdrawn', 'refused')",
            name=op.f("ck_convention_draft_state"),
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (proposed_at IS NULL) AND (proposed_at IS NULL) = (answer_by IS NULL)",
            name=op.f("ck_convention_draft_proposed"),
        ),
        sa.CheckConstraint("(state = 'published') = (number IS NOT NULL)", name=op.f("ck_convention_draft_published")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_draft")),
    )
    is_proposed = sa.text("state = 'proposed'")
    op.create_index(
        "uq_convention_draft_proposed",
        "convention_draft",
        ["state"],
        unique=True,
        postgresql_where=is_proposed,
        sqlite_where=is_proposed,
    )
    op.create_table(
        "convention_answer",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("consents", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("consents OR reason IS NOT NULL", name=op.f("ck_convention_answer_reason")),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["convention_draft.id"],
            name=op.f("fk_convention_answer_draft_id_convention_draft"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_convention_answer_place_id_place")),
        sa.PrimaryKeyConstraint("draft_id", "place_id", name=op.f("pk_convention_answer")),
    )


def _drop_consents() -> None:
    op.drop_table("convention_answer")
    op.drop_table("convention_draft")
    for column in ("silence_consents", "consent_days", "consent_rule"):
        op.drop_column("network", column)


def _details() -> None:
    op.create_table(
        "settlement_details",
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("netting", sa.String(length=16), nullable=True),
        sa.Column("account_name", sa.String(length=70), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("vat_number", sa.String(length=20), nullable=True),
        sa.Column("vat_exemption", sa.String(length=16), nullable=False),
        sa.Column("street", sa.String(length=70), nullable=True),
        sa.Column("postcode", sa.String(length=16), nullable=False),
        sa.Column("town", sa.String(length=70), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("accountant_email", sa.String(length=254), nullable=True),
        sa.Column("mails_accountant", sa.Boolean(), nullable=False),
        sa.Column("invoices_monthly", sa.Boolean(), nullable=False),
        sa.Column("holds_fund", sa.Boolean(), nullable=False),
        sa.Column("journal", sa.String(length=10), nullable=False),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("self_billing_since", sa.Date(), nullable=True),
        sa.Column("chorus_service", sa.String(length=100), nullable=True),
        sa.Column("chorus_engagement", sa.String(length=50), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "netting IN ('gross', 'bilateral', 'existing_debts', 'multilateral')",
            name=op.f("ck_settlement_details_netting"),
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_settlement_details_place_id_place")),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_settlement_details")),
    )
    op.create_table(
        "closed_details",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_closed_details_place_id_place")),
        sa.PrimaryKeyConstraint("month", "place_id", name=op.f("pk_closed_details")),
    )
    make_append_only(op, "closed_details")


def _payments() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("creditor_id", sa.Uuid(), nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("end_to_end_id", sa.String(length=35), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("too_small", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("opened_in", sa.String(length=7), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("bank_reference", sa.String(length=64), nullable=True),
        sa.Column("marked_by", sa.Uuid(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('due', 'paid', 'failed', 'carried')", name=op.f("ck_payment_state")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_amount")),
        sa.CheckConstraint("(state = 'paid') = (paid_on IS NOT NULL)", name=op.f("ck_payment_paid_on")),
        sa.ForeignKeyConstraint(["debtor_id"], ["place.id"], name=op.f("fk_payment_debtor_id_place")),
        sa.ForeignKeyConstraint(["creditor_id"], ["place.id"], name=op.f("fk_payment_creditor_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("end_to_end_id", name=op.f("uq_payment_end_to_end_id")),
    )
    for column in ("month", "debtor_id", "creditor_id", "state"):
        op.create_index(op.f(f"ix_payment_{column}"), "payment", [column])
    op.create_table(
        "bank_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("iban_end", sa.String(length=4), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_bank_import_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_import")),
        sa.UniqueConstraint("sha256", name=op.f("uq_bank_import_sha256")),
    )
    op.create_index(op.f("ix_bank_import_place_id"), "bank_import", ["place_id"])
    op.create_table(
        "fund_distribution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posted_month", sa.String(length=7), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("weights", sa.String(length=16), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("weights IN ('visits_received', 'equal')", name=op.f("ck_fund_distribution_weights")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_fund_distribution_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_distribution")),
    )
    op.create_index(op.f("ix_fund_distribution_posted_month"), "fund_distribution", ["posted_month"])
    op.create_table(
        "fund_share",
        sa.Column("distribution_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["distribution_id"], ["fund_distribution.id"], name=op.f("fk_fund_share_distribution_id_fund_distribution")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_fund_share_place_id_place")),
        sa.PrimaryKeyConstraint("distribution_id", "place_id", name=op.f("pk_fund_share")),
    )
    make_append_only(op, "fund_distribution")
    make_append_only(op, "fund_share")


def _drop_payments() -> None:
    for table in ("fund_share", "fund_distribution"):
        drop_append_only(op, table)
        op.drop_table(table)
    op.drop_table("bank_import")
    op.drop_table("payment")


def _invoices() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer_place_id", sa.Uuid(), nullable=False),
        sa.Column("seller_siren", sa.String(length=9), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("net_cents", sa.Integer(), nullable=False),
        sa.Column("vat_cents", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('invoice', 'credit_note', 'self_billed', 'self_billed_credit')", name=op.f("ck_invoice_kind")
        ),
        sa.ForeignKeyConstraint(["issuer_place_id"], ["place.id"], name=op.f("fk_invoice_issuer_place_id_place")),
        sa.ForeignKeyConstraint(["host_id"], ["place.id"], name=op.f("fk_invoice_host_id_place")),
        sa.ForeignKeyConstraint(["home_id"], ["place.id"], name=op.f("fk_invoice_home_id_place")),
        sa.ForeignKeyConstraint(["corrects_id"], ["invoice.id"], name=op.f("fk_invoice_corrects_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("seller_siren", "number", name=op.f("uq_invoice_seller_siren_number")),
        sa.UniqueConstraint("month", "host_id", "home_id", name=op.f("uq_invoice_month_host_id_home_id")),
    )
    op.create_index(op.f("ix_invoice_host_id"), "invoice", ["host_id"])
    op.create_index(op.f("ix_invoice_home_id"), "invoice", ["home_id"])
    make_append_only(op, "invoice")


def _drop_invoices() -> None:
    drop_append_only(op, "invoice")
    op.drop_table("invoice")


def _months() -> None:
    for name, kind in (
        ("closing_asked_by", sa.Uuid()),
        ("closing_asked_at", sa.DateTime(timezone=True)),
        ("closed_by", sa.Uuid()),
        ("closed_at", sa.DateTime(timezone=True)),
        ("looked_at", sa.String(length=64)),
    ):
        op.add_column("period", sa.Column(name, kind, nullable=True))
    op.create_table(
        "month_version",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=True),
        sa.Column("moves_money", sa.Boolean(), nullable=False),
        sa.Column("frozen", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('first', 'contest', 'late', 'correction', 'closed')", name=op.f("ck_month_version_reason")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_month_version_number")),
        sa.PrimaryKeyConstraint("month", "number", name=op.f("pk_month_version")),
    )
    op.create_table(
        "statement_key",
        sa.Column("kid", sa.String(length=8), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_statement_key")),
    )
    op.create_table(
        "statement",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=True),
        sa.Column("kid", sa.String(length=8), nullable=False),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_the_network", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month", "number"],
            ["month_version.month", "month_version.number"],
            name=op.f("fk_statement_month_number_month_version"),
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_statement_place_id_place")),
        sa.ForeignKeyConstraint(["kid"], ["statement_key.kid"], name=op.f("fk_statement_kid_statement_key")),
        sa.PrimaryKeyConstraint("month", "number", "place_id", name=op.f("pk_statement")),
    )
    op.create_index(op.f("ix_statement_place_id"), "statement", ["place_id"])
    op.create_table(
        "statement_text",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["month", "number", "place_id"],
            ["statement.month", "statement.number", "statement.place_id"],
            name=op.f("fk_statement_text_month_number_place_id_statement"),
        ),
        sa.PrimaryKeyConstraint("month", "number", "place_id", name=op.f("pk_statement_text")),
    )
    op.create_table(
        "statement_confirmation",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_statement_confirmation_place_id_place")),
        sa.PrimaryKeyConstraint("month", "place_id", name=op.f("pk_statement_confirmation")),
    )
    make_append_only(op, "month_version")
    make_append_only(op, "statement")
    op.create_index("ix_visit_host_month", "visit", ["host_id", "posted_month"])
    op.create_index("ix_visit_home_month", "visit", ["home_id", "posted_month"])


def _drop_months() -> None:
    op.drop_index("ix_visit_home_month", "visit")
    op.drop_index("ix_visit_host_month", "visit")
    for table in ("statement", "month_version"):
        drop_append_only(op, table)
    for table in ("statement_confirmation", "statement_text", "statement", "statement_key", "month_version"):
        op.drop_table(table)
    for column in ("looked_at", "closed_at", "closed_by", "closing_asked_at", "closing_asked_by"):
        op.drop_column("period", column)


def _contests() -> None:
    op.create_table(
        "contest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("owed_cents", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=500), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'accepted', 'refused', 'withdrawn')", name=op.f("ck_contest_state")
        ),
        sa.CheckConstraint(
            "reason IN ('not_our_member', 'other') OR "
            "about = 'visits' AND reason IN ('not_here', 'twice', 'wrong_units') OR "
            "about = 'bookings' AND reason IN ('did_not_happen', 'cancelled', 'wrong_amount')",
            name=op.f("ck_contest_reason"),
        ),
        sa.CheckConstraint("(reason = 'wrong_amount') = (owed_cents IS NOT NULL)", name=op.f("ck_contest_owed")),
        sa.CheckConstraint("place_id IN (home_id, host_id)", name=op.f("ck_contest_place")),
        sa.CheckConstraint("(state IN ('open', 'answered')) = (decided_at IS NULL)", name=op.f("ck_contest_decided")),
        sa.ForeignKeyConstraint(["home_id"], ["place.id"], name=op.f("fk_contest_home_id_place")),
        sa.ForeignKeyConstraint(["host_id"], ["place.id"], name=op.f("fk_contest_host_id_place")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_contest_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest")),
    )
    op.create_index("ix_contest_month", "contest", ["month"])
    op.create_index(op.f("ix_contest_home_id"), "contest", ["home_id"])
    op.create_index(op.f("ix_contest_host_id"), "contest", ["host_id"])
    op.create_table(
        "contest_visit",
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contest.id"], name=op.f("fk_contest_visit_contest_id_contest")),
        sa.ForeignKeyConstraint(
            ["visit_id", "revision"],
            ["visit.id", "visit.revision"],
            name=op.f("fk_contest_visit_visit_id_revision_visit"),
        ),
        sa.PrimaryKeyConstraint("contest_id", "visit_id", name=op.f("pk_contest_visit")),
    )
    op.create_index(op.f("ix_contest_visit_visit_id"), "contest_visit", ["visit_id"])
    op.create_table(
        "contest_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contest.id"], name=op.f("fk_contest_message_contest_id_contest")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_contest_message_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_message")),
    )
    op.create_index(op.f("ix_contest_message_contest_id"), "contest_message", ["contest_id"])
    op.create_table(
        "credit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posted_month", sa.String(length=7), nullable=False),
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=True),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=7), nullable=False),
        sa.Column("convention", sa.Integer(), nullable=False),
        sa.Column("vat_basis_points", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_credit_amount")),
        sa.ForeignKeyConstraint(["contest_id"], ["contest.id"], name=op.f("fk_credit_contest_id_contest")),
        sa.ForeignKeyConstraint(["home_id"], ["place.id"], name=op.f("fk_credit_home_id_place")),
        sa.ForeignKeyConstraint(["host_id"], ["place.id"], name=op.f("fk_credit_host_id_place")),
        sa.ForeignKeyConstraint(
            ["convention"], ["convention_version.number"], name=op.f("fk_credit_convention_convention_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_credit_visit_id")),
    )
    op.create_index(op.f("ix_credit_posted_month"), "credit", ["posted_month"])
    _contested_bookings()
    for table in _CONTESTED:
        make_append_only(op, table)


_CONTESTED = ("booking_credit", "booking_correction", "contest_booking", "credit", "contest_visit")


def _contested_bookings() -> None:
    op.create_table(
        "contest_booking",
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contest.id"], name=op.f("fk_contest_booking_contest_id_contest")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_contest_booking_booking_id_booking")),
        sa.PrimaryKeyConstraint("contest_id", "booking_id", name=op.f("pk_contest_booking")),
    )
    op.create_index(op.f("ix_contest_booking_booking_id"), "contest_booking", ["booking_id"])
    op.create_table(
        "booking_correction",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_booking_correction_cents")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_correction_booking_id_booking")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_booking_correction")),
    )
    op.create_table(
        "booking_credit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posted_month", sa.String(length=7), nullable=False),
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=7), nullable=False),
        sa.Column("vat_basis_points", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_booking_credit_amount")),
        sa.ForeignKeyConstraint(["contest_id"], ["contest.id"], name=op.f("fk_booking_credit_contest_id_contest")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_credit_booking_id_booking")),
        sa.ForeignKeyConstraint(["home_id"], ["place.id"], name=op.f("fk_booking_credit_home_id_place")),
        sa.ForeignKeyConstraint(["host_id"], ["place.id"], name=op.f("fk_booking_credit_host_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_credit")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_booking_credit_booking_id")),
    )
    op.create_index(op.f("ix_booking_credit_posted_month"), "booking_credit", ["posted_month"])


def _drop_contests() -> None:
    for table in _CONTESTED:
        drop_append_only(op, table)
    for table in ("booking_credit", "booking_correction", "contest_booking"):
        op.drop_table(table)
    for table in ("credit", "contest_message", "contest_visit", "contest"):
        op.drop_table(table)
