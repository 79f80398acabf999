"""Tables of accounts: people who sign in, their roles, and the tokens that say who is asking."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id
from passapp.places.models import Place


class Account(Base):
    """Somebody who can sign in. ``email`` is canonical (lower case, NFC), see ``accounts.rules``."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(2), default="fr")
    created_at: Mapped[datetime]


class RoleGrant(Base):
    """A role that an account holds: in the whole network, or at one place."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(
            "(role IN ('coordinator', 'network_accountant', 'member')) = (place_id IS NULL)",
            name="place_fits_role",
        ),
        # A unique index lets NULLs repeat, so roles in the whole network need one of their own.
        Index(
            "uq_role_grant_network",
            "account_id",
            "role",
            unique=True,
            postgresql_where=text("place_id IS NULL"),
            sqlite_where=text("place_id IS NULL"),
        ),
        Index("uq_role_grant_place", "account_id", "role", "place_id", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(24))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    granted_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    place: Mapped[Place | None] = relationship()


class AccessToken(Base):
    """A token that says who is asking: a person's session cookie, or a door's bearer token. Only its hash is kept.

    ``device`` is what a session's browser calls itself ("Firefox, Android"); ``last_used_at`` is a few minutes exact.
    """

    __tablename__ = "access_token"
    __table_args__ = (CheckConstraint("(account_id IS NULL) <> (place_id IS NULL)", name="one_holder"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    device: Mapped[str | None] = mapped_column(String(120))
    last_used_at: Mapped[datetime | None]


class SignInLink(Base):
    """A single-use link that signs one account in."""

    __tablename__ = "sign_in_link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A passkey (WebAuthn) of an account: its public half. Its id and its key (COSE) are base64url."""

    __tablename__ = "passkey"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[str] = mapped_column(String(4000))
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class LinkedIdentity(Base):
    """Who an account is at the network's own identity provider (OpenID Connect ``iss`` and ``sub``)."""

    __tablename__ = "linked_identity"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    linked_at: Mapped[datetime]


class Challenge(Base):
    """What one browser was asked a moment ago, and must answer once: a passkey's challenge, or a provider's state."""

    __tablename__ = "challenge"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    data: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]


class Invitation(Base):
    """A role offered by mail. Its secret is made when the mail leaves; whoever shows it accepts, once."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("(role IN ('coordinator', 'network_accountant')) = (place_id IS NULL)", name="place_fits_role"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(2))
    role: Mapped[str] = mapped_column(String(24))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    place: Mapped[Place | None] = relationship()


class ApiKey(Base):
    """An integration's key: of the whole network, or of one place. ``scopes`` are those of ``accounts.rules``."""

    __tablename__ = "api_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"), index=True)
    scopes: Mapped[list[Any]]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    place: Mapped[Place | None] = relationship()
