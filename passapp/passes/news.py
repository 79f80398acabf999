"""Whoever has a pass and nobody told them: members who were given no card, of which a mail would have said so.

Their pass is made by their phone, when they open the page; so they must learn where that is (moments.md 1).
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.ticking import Chore
from passapp.members.models import Member, Membership
from passapp.members.paying import paying_at
from passapp.passes.models import IssuedPass

A_DAY: Final = timedelta(days=1)
A_CARD_MAY_COME: Final = timedelta(minutes=10)
"""After a member was added: a card that they are given meanwhile has a mail of its own."""
IS_NEWS: Final = timedelta(days=7)
"""After a member was added, or their membership began."""

_SAID_NOTHING: Final = and_(OutboxMessage.sent_at.is_not(None), OutboxMessage.error.is_not(None))
"""A mail that there was no reason for any more when it was to leave."""


def untold(session: Session, now: datetime) -> list[Member]:
    """Members who can come in since a few days ago, whom no mail told so, and who never had a pass."""
    since = now - IS_NEWS
    begins = exists().where(
        Membership.member_id == Member.id,
        # A day on, for it begins by its home's clock. Who begins later is looked at then, not every minute till then.
        Membership.first_day <= (now + A_DAY).date(),
        or_(Membership.first_day >= since.date(), Member.created_at >= since),
    )
    had_pass = exists().where(IssuedPass.member_id == Member.id)
    was_told = exists().where(
        OutboxMessage.recipient_id == Member.account_id, OutboxMessage.kind == "pass_ready", ~_SAID_NOTHING
    )
    query = select(Member).where(
        Member.account_id.is_not(None),
        Member.created_at <= now - A_CARD_MAY_COME,
        begins,
        ~had_pass,
        ~was_told,
    )
    found = session.scalars(query.options(selectinload(Member.memberships)).order_by(Member.id))
    return [member for member in found if not member.is_suspended and paying_at(member, now)]


def tell(session: Session, now: datetime) -> None:
    """Have each of them get the mail that their pass is ready."""
    for member in untold(session, now):
        key = news_key(member.id)
        # They were paused when a former one was to leave, and it said nothing: it is in the way of this one.
        session.execute(delete(OutboxMessage).where(OutboxMessage.key == key, _SAID_NOTHING))
        enqueue(session, now, "pass_ready", key, member.account_id)


def news_of_a_day(session: Session, now: datetime) -> set[str]:
    """The keys of the day's mails that a pass is ready: who had one needs none of a card that they are given then."""
    lately = (OutboxMessage.kind == "pass_ready", OutboxMessage.created_at > now - A_DAY, ~_SAID_NOTHING)
    return set(session.scalars(select(OutboxMessage.key).where(*lately)))


def news_key(member_id: UUID) -> str:
    """The key of the mail to somebody without a card; one of a card has the card's id."""
    return f"pass_ready:{member_id}"


PASS_NEWS: Final = Chore(lambda session, now: len(untold(session, now)), tell)
