"""Tables of passes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from passapp.kernel.database import Base
from passapp.kernel.ids import new_id
from passapp.members.models import Member


class SigningKey(Base):
    """The public half of a key that signs passes; the private half is a file of its own.

    Next while ``promoted_at`` is null, then current, then former once ``retired_at`` is set: still published until
    ``published_until``, the last expiry it signed.
    """

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(4), primary_key=True)
    public_key: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    published_until: Mapped[datetime | None]


class IssuedPass(Base):
    """A pass that the network issued. Its text is not kept: the key signs the same claims again when it is shown.

    ``status_index`` is its index in the status list, given back 100 days after ``expires_at``. ``membership_id`` says
    who pays for a member with several. ``form``: ``card``, ``live`` (on the device whose public key is ``device_key``,
    base64url) or ``short_lived``; the last two are extended under the same index, and given to a browser that calls
    itself ``device_name``. ``superseded_at``: the member's live pass went to another device.
    """

    __tablename__ = "issued_pass"
    __table_args__ = (CheckConstraint("status_index BETWEEN 0 AND 1048575", name="status_index"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    status_index: Mapped[int | None] = mapped_column(unique=True)
    short_code: Mapped[str] = mapped_column(String(8), unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    membership_id: Mapped[UUID | None] = mapped_column(ForeignKey("membership.id"))
    form: Mapped[str] = mapped_column(String(12), default="card", server_default="card")
    plan: Mapped[str] = mapped_column(String(4))
    device_key: Mapped[str | None] = mapped_column(String(43))
    device_name: Mapped[str | None] = mapped_column(String(120))
    issued_at: Mapped[datetime]
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(500))
    superseded_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship()


class ErasedPass(Base):
    """What is left of a pass whose holder was erased: an index that stays revoked while the card could be shown."""

    __tablename__ = "erased_pass"

    status_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    expires_at: Mapped[datetime]
