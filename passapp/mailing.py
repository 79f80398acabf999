"""Sending what waits in the outbox: every room's letters, over the mail server, or in the demo into a folder.

docs/decisions/0018-mail.md says why nothing is lost, and nothing leaves twice.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from time import monotonic
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from passapp.accounts import letters as accounts
from passapp.bookings import letters as bookings
from passapp.door import letters as door
from passapp.kernel import outbox
from passapp.kernel.carrier import carrier
from passapp.kernel.database import Database
from passapp.kernel.mail import Sender, Writer, compose
from passapp.kernel.settings import Settings
from passapp.kernel.smtp import Carrier, NotSent
from passapp.members import letters as members
from passapp.network import letters as network
from passapp.network.models import Network
from passapp.passes import letters as passes
from passapp.privacy import letters as privacy
from passapp.settlement import letters as settlement
from passapp.settlement.contests import letters as contests
from passapp.settlement.details import letters as details
from passapp.settlement.files import letters as settlement_files
from passapp.settlement.months import letters as months
from passapp.settlement.payments import letters as payments

LETTERS: Final[Mapping[str, Writer]] = (
    accounts.LETTERS
    | members.LETTERS
    | passes.LETTERS
    | door.LETTERS
    | network.LETTERS
    | bookings.LETTERS
    | settlement.LETTERS
    | contests.LETTERS
    | months.LETTERS
    | payments.LETTERS
    | settlement_files.LETTERS
    | details.LETTERS
    | privacy.LETTERS
)
URGENT: Final = frozenset({"sign_in", "invitation"})
"""Somebody sits there and waits."""
AT_ONCE: Final = 20
"""After an answer; the rest goes with the next tick."""
A_ROUND: Final = 200
SECONDS_A_ROUND: Final = 120.0
"""The other chores wait meanwhile."""

_log = logging.getLogger("passapp.mail")


@dataclass(frozen=True)
class _Claimed:
    """A message that is ours to send; no ``mail``: there is nothing to carry."""

    id: UUID
    attempts: int
    mail: EmailMessage | None


def waiting(session: Session, settings: Settings, now: datetime) -> int:
    """How many messages there is something to do about."""
    due = outbox.count_due(session, now) if settings.demo or settings.smtp_url else 0
    return due or outbox.count_old(session, now)


def send_waiting(
    database: Database,
    settings: Settings,
    now: datetime,
    *,
    at_most: int = A_ROUND,
    letters: Mapping[str, Writer] = LETTERS,
) -> int:
    """Send what is due, over one connection. Gives how many are done with: sent, refused or given up.

    Where the server does not answer, everything stays as it is, for the next round. Two who send at once share the
    messages between them.
    """
    started = monotonic()
    settled = 0
    with database.read() as session:
        due = outbox.count_due(session, now)
    way = carrier(settings)
    if due and way is not None:
        try:
            with way as carries:
                for _ in range(at_most):
                    at = now + timedelta(seconds=monotonic() - started)
                    if at - now > timedelta(seconds=SECONDS_A_ROUND):
                        break
                    claimed = _claim(database, settings, at, letters)
                    if claimed is None:
                        break
                    settled += _carry(database, claimed, carries, at)
        except NotSent as error:
            _log.warning("no mail leaves: %s", error.trouble)
    with database.read() as session:
        old = outbox.count_old(session, now)
    if old:
        with database.write() as session:
            outbox.give_up_what_is_old(session, now)
    return settled + old


def _claim(database: Database, settings: Settings, at: datetime, letters: Mapping[str, Writer]) -> _Claimed | None:
    """Take a message up and write it, in one short transaction."""
    with database.write() as session:
        message = outbox.claim(session, at, urgent=URGENT)
        if message is None:
            return None
        writer = letters.get(message.kind)
        if writer is None:
            outbox.note_refused(session, message.id, at, "unknown_kind")
            return _Claimed(message.id, message.attempts, None)
        try:
            with session.begin_nested():
                letter = writer(session, message, at)
                network = session.get(Network, 1)
                sender = Sender.of(settings, network.name if network else "Passapp")
                mail = compose(letter, sender, message.key, at) if letter else None
        except Exception:  # noqa: BLE001  (whatever it is: the others must leave all the same)
            _log.exception("a letter could not be written")
            outbox.note_not_sent(session, message.id, message.attempts, at, "not_written")
            return _Claimed(message.id, message.attempts, None)
        if mail is None:
            outbox.note_sent(session, message.id, at, "nothing_to_say")
        return _Claimed(message.id, message.attempts, mail)


def _carry(database: Database, claimed: _Claimed, carries: Carrier, at: datetime) -> bool:
    """Have a claimed message carried, outside of any transaction, and write down what came of it.

    Gives whether it is done with.
    """
    if claimed.mail is None:
        return True
    try:
        carries.carry(claimed.mail)
    except NotSent as error:
        _log.warning("a mail did not leave: %s", error.trouble)
        with database.write() as session:
            if error.is_final:
                outbox.note_refused(session, claimed.id, at, error.trouble)
            else:
                outbox.note_not_sent(session, claimed.id, claimed.attempts, at, error.trouble)
        if error.trouble in {"no_connection", "no_tls", "login_refused"}:
            raise
        return error.is_final
    with database.write() as session:
        outbox.note_sent(session, claimed.id, at)
    return True
