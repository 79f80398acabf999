"""Tables of accounts: people who sign in, their roles, and the tokens that say who is asking."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
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
    """A token that says who is asking: a person's session cookie, or a door's bearer token. Only its hash is kept."""

    __tablename__ = "access_token"
    __table_args__ = (CheckConstraint("(account_id IS NULL) <> (place_id IS NULL)", name="one_holder"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("place.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInLink(Base):
    """A single-use link that signs one account in."""

    __tablename__ = "sign_in_link"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
