"""Whoever has a pass and nobody told them: members who were given no card, of which a mail would have said so.

Their pass is made by their phone, when they open the page; so they must learn where that is (moments.md 1).
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, selectinload

from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.ticking import Chore
from passapp.members.models import Member, Membership
from passapp.members.paying import paying_at
from passapp.passes.models import IssuedPass

A_CARD_MAY_COME: Final = timedelta(minutes=10)
"""After a member was added: a card that they are given meanwhile has a mail of its own."""
IS_NEWS: Final = timedelta(days=7)
"""After a member was added, or their membership began."""


def untold(session: Session, now: datetime) -> list[Member]:
    """Members who can come in since a few days ago, whom no mail told so, and who never had a pass."""
    since = now - IS_NEWS
    began = exists().where(Membership.member_id == Member.id, Membership.first_day >= since.date())
    had_pass = exists().where(IssuedPass.member_id == Member.id)
    was_told = exists().where(OutboxMessage.recipient_id == Member.account_id, OutboxMessage.kind == "pass_ready")
    query = select(Member).where(
        Member.account_id.is_not(None),
        Member.created_at <= now - A_CARD_MAY_COME,
        or_(Member.created_at >= since, began),
        ~had_pass,
        ~was_told,
    )
    found = session.scalars(query.options(selectinload(Member.memberships)).order_by(Member.id))
    return [member for member in found if not member.is_suspended and paying_at(member, now)]


def tell(session: Session, now: datetime) -> None:
    """Have each of them get the mail that their pass is ready."""
    for member in untold(session, now):
        enqueue(session, now, "pass_ready", f"pass_ready:{member.id}", member.account_id)


PASS_NEWS: Final = Chore(lambda session, now: len(untold(session, now)), tell)
