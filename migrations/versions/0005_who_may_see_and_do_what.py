"""Sign-in by mail, passkey and identity provider, invitations, API keys, mail that is retried, consents, retention."""

import sqlalchemy as sa
from alembic import op

from passapp.kernel.guards import drop_append_only, make_append_only

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("access_token", sa.Column("device", sa.String(length=120), nullable=True))
    op.add_column("access_token", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    _sign_in()
    _roles_and_keys()
    _mail()
    _audit()
    _privacy()
    # A hash of a pass leads whoever has the passes back to its holder. Dropped and added plainly: the table is guarded.
    op.drop_column("check_in", "payload_sha256")
    op.add_column("check_in", sa.Column("seal", sa.String(length=64), nullable=False, server_default=""))


def _sign_in() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.String(length=4000), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_passkey_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"])
    op.create_table(
        "linked_identity",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_linked_identity_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_linked_identity")),
    )
    op.create_index(op.f("ix_linked_identity_account_id"), "linked_identity", ["account_id"])
    op.create_table(
        "challenge",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_challenge_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_challenge")),
    )
    op.create_table(
        "rate_count",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_count")),
    )


def _roles_and_keys() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role IN ('coordinator', 'network_accountant')) = (place_id IS NULL)",
            name=op.f("ck_invitation_place_fits_role"),
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_invitation_place_id_place")),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["account.id"], name=op.f("fk_invitation_invited_by_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_place_id"), "invitation", ["place_id"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_api_key_place_id_place")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["account.id"], name=op.f("fk_api_key_made_by_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_key_token_hash")),
    )
    op.create_index(op.f("ix_api_key_place_id"), "api_key", ["place_id"])


def _mail() -> None:
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column("recipient_id", existing_type=sa.Uuid(), nullable=True)
        batch.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("try_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("error", sa.String(length=64), nullable=True))
    # What waited for a mail service that did not exist is no news any more.
    op.execute("UPDATE outbox_message SET failed_at = created_at, error = 'too_old' WHERE sent_at IS NULL")


def _audit() -> None:
    op.create_table(
        "audit_origin",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_origin_entry_id_audit_entry")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_origin")),
    )
    op.create_index(op.f("ix_audit_origin_at"), "audit_origin", ["at"])
    op.execute(
        "INSERT INTO audit_origin (entry_id, address, at) "
        "SELECT id, address, at FROM audit_entry WHERE address IS NOT NULL"
    )
    op.drop_column("audit_entry", "address")
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"])


def _privacy() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_consent_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_member_id"), "consent", ["member_id"])
    op.create_table(
        "year_secret",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_year_secret")),
    )
    op.create_table(
        "yearly_pseudonym",
        sa.Column("visitor_key", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("visitor_key", name=op.f("pk_yearly_pseudonym")),
    )
    op.create_index(op.f("ix_yearly_pseudonym_year"), "yearly_pseudonym", ["year"])
    op.create_table(
        "year_figure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_year_figure_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_figure")),
        sa.UniqueConstraint("year", "kind", "place_id", name=op.f("uq_year_figure")),
    )
    op.create_table(
        "erased_pass",
        sa.Column("status_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("status_index", name=op.f("pk_erased_pass")),
    )
    op.create_index(op.f("ix_visit_identity_month"), "visit_identity", ["month"])
    op.create_index(op.f("ix_look_up_at"), "look_up", ["at"])
    op.create_table(
        "undo_reason",
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_in_id"], ["check_in_undo.check_in_id"], name=op.f("fk_undo_reason_check_in_id_check_in_undo")
        ),
        sa.PrimaryKeyConstraint("check_in_id", name=op.f("pk_undo_reason")),
    )
    op.execute("INSERT INTO undo_reason (check_in_id, reason) SELECT check_in_id, reason FROM check_in_undo")
    op.drop_column("check_in_undo", "reason")


def downgrade() -> None:
    """Undo it. Where a deed came from is not put back into the log, which nobody may change: it goes."""
    op.drop_column("check_in", "seal")
    op.add_column("check_in", sa.Column("payload_sha256", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("check_in_undo", sa.Column("reason", sa.String(length=500), nullable=False, server_default=""))
    drop_append_only(op, "check_in_undo")
    op.execute(
        "UPDATE check_in_undo SET reason = undo_reason.reason FROM undo_reason "
        "WHERE undo_reason.check_in_id = check_in_undo.check_in_id"
    )
    make_append_only(op, "check_in_undo")
    op.drop_table("undo_reason")
    op.drop_index(op.f("ix_look_up_at"), "look_up")
    op.drop_index(op.f("ix_visit_identity_month"), "visit_identity")
    for table in ("erased_pass", "year_figure", "yearly_pseudonym", "year_secret", "consent", "audit_origin"):
        op.drop_table(table)
    op.drop_index(op.f("ix_audit_entry_actor_id"), "audit_entry")
    op.add_column("audit_entry", sa.Column("address", sa.String(length=64), nullable=True))
    op.execute("DELETE FROM outbox_message WHERE recipient_id IS NULL")
    with op.batch_alter_table("outbox_message") as batch:
        for column in ("error", "failed_at", "try_at", "attempts"):
            batch.drop_column(column)
        batch.alter_column("recipient_id", existing_type=sa.Uuid(), nullable=False)
    for table in ("api_key", "invitation", "rate_count", "challenge", "linked_identity", "passkey"):
        op.drop_table(table)
    op.drop_column("access_token", "last_used_at")
    op.drop_column("access_token", "device")
