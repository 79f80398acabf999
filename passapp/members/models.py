"""Tables of members."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from passapp.accounts.models import Account
from passapp.kernel.database import Base
from passapp.kernel.ids import new_id
from passapp.kernel.text import folded
from passapp.places.models import Place


class Member(Base):
    """A person who holds, held or will hold a membership. ``reference`` is their number in their place's own tool.

    ``attention``: what they want whoever receives them to know, in their own words.
    """

    __tablename__ = "member"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    given_name: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120), index=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    reference: Mapped[str | None] = mapped_column(String(64), unique=True)
    locale: Mapped[str] = mapped_column(String(2), default="fr")
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), unique=True)
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]
    suspended_reason: Mapped[str | None] = mapped_column(String(500))
    attention: Mapped[str | None] = mapped_column(String(120))
    search_key: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()

    account: Mapped[Account | None] = relationship()
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="member",
        cascade="all, delete-orphan",
        order_by="(Membership.first_day, Membership.id)",
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def is_suspended(self) -> bool:
        """Whether a suspension runs; both instants of the last one are kept, for scans that arrive late."""
        return self.suspended_at is not None and self.resumed_at is None


@event.listens_for(Member, "before_insert")
@event.listens_for(Member, "before_update")
def _keep_search_key(_mapper: object, _connection: object, member: Member) -> None:
    """What a search looks through: name, e-mail and reference, folded."""
    words = (member.given_name, member.family_name, member.email, member.reference)
    member.search_key = folded(" ".join(word for word in words if word))


class Membership(Base):
    """A member's link to a home place, from ``first_day`` to ``last_day`` included (null: until further notice).

    Several may run at once: the lowest ``priority`` number pays first (settlement R6). ``tier`` is the solidarity
    tier: it never leaves the home place.
    ``unpaid_at`` and ``paid_at``: since when it is not paid for, and until when the last such time lasted.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("last_day IS NULL OR last_day >= first_day", name="dates"),
        CheckConstraint("priority BETWEEN 1 AND 99", name="priority"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    plan: Mapped[str] = mapped_column(ForeignKey("plan.code"))
    tier: Mapped[str | None] = mapped_column(String(32))
    priority: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    unpaid_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    member: Mapped[Member] = relationship(back_populates="memberships")
    place: Mapped[Place] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Consent(Base):
    """A choice that a member made, dated. Append-only by custom: the latest of a kind is the one in force."""

    __tablename__ = "consent"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    given: Mapped[bool]
    at: Mapped[datetime]
