"""Publishing a month: its versions, and the signed statements of each place."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from passapp.kernel.audit import SYSTEM, record
from passapp.kernel.database import Base
from passapp.kernel.problems import ProblemType
from passapp.network.models import Period
from passapp.network.rules import CLOSED_STATES, days_of, parse_month
from passapp.network.service import one_at_a_time
from passapp.places.models import Place
from passapp.settlement.basis import Basis, basis_of, mark_of
from passapp.settlement.months.former import Keeping, forget_closed
from passapp.settlement.months.keys import signing_key
from passapp.settlement.months.models import MonthVersion, Statement
from passapp.settlement.reading import values_only
from passapp.settlement.rules.documents import SEALED_SCHEMA
from passapp.settlement.rules.sealing import seal_of, sign
from passapp.settlement.service import MONTH_NOT_VALID, Month, settle_month, settle_place

NOT_PUBLISHED = ProblemType(
    "month_not_published",
    409,
    en="{name:Month} is not published yet.",
    fr="{name:Month} n'est pas encore publié.",
)


STATEMENT_CHANGED = ProblemType(
    "statement_changed",
    409,
    en="{name:Month} has changed since it was published. Its next version comes within a minute: try again then.",
    fr="{name:Month} a changé depuis sa publication. La version suivante paraît dans la minute : réessayez alors.",
)


def latest_version(session: Session, month: str) -> MonthVersion | None:
    """The version of a month that was published last."""
    query = select(MonthVersion).where(MonthVersion.month == month).order_by(MonthVersion.number.desc()).limit(1)
    return session.scalar(query)


def versions_of(session: Session, month: str) -> Sequence[MonthVersion]:
    """The versions of a month, the first one first."""
    return session.scalars(select(MonthVersion).where(MonthVersion.month == month).order_by(MonthVersion.number)).all()


def count_statements(session: Session, month: str) -> int:
    """How many places got a statement with the last version of a month."""
    last = select(func.max(MonthVersion.number)).where(MonthVersion.month == month).scalar_subquery()
    query = select(func.count(Statement.place_id)).where(Statement.month == month, Statement.number == last)
    return session.scalar(query) or 0


def places_stated(session: Session, version: MonthVersion) -> set[UUID]:
    """The places that got a statement with a version."""
    query = select(Statement.place_id).where(Statement.month == version.month, Statement.number == version.number)
    return set(session.scalars(query))


def has_changed(session: Session, month: str) -> bool:
    """Whether a month's visits, or what else it is settled by, are others than when it was settled last."""
    looked_at = session.scalar(select(Period.looked_at).where(Period.month == month))
    return looked_at is None or looked_at != mark_of(basis_of(session, month))


def comes_to_the_same(session: Session, month: str, *, at: datetime) -> bool:
    """Whether a published month comes to what its last version says; it is settled only where something changed."""
    former = latest_version(session, month)
    if former is None or not has_changed(session, month):
        return former is not None
    return settle_month(session, month, at=at).documents.month_sha256 == former.sha256


class Published(NamedTuple):
    """A version, and the month as it was settled for it."""

    version: MonthVersion
    month: Month


@values_only()
def publish(
    session: Session, folder: Path, month: str, *, at: datetime, reason: Literal["contest"] | None = None
) -> Published | None:
    """Publish what a month comes to now as its next version, with each place's statement; None: it is the same.

    So is one that somebody else has closed meanwhile. Asking for its closing is void then: somebody has to look at it
    again. ``folder``: of the keys. ``reason``: where it is known; else it is found.
    """
    present = locked(session, month)
    if present is not None and present.state in CLOSED_STATES:
        return None
    former = latest_version(session, month)
    found = settle_month(session, month, at=at)
    if present is not None and former is not None and former.sha256 == found.documents.month_sha256:
        present.looked_at = mark_of(found.basis)
        session.flush()
        return None
    version = write_version(session, folder, found, former, reason or _reason(found, former), at=at)
    period = session.get_one(Period, month)
    period.closing_asked_by = period.closing_asked_at = None
    period.looked_at = mark_of(found.basis)
    session.flush()
    record(session, SYSTEM, at, "month.publish", ("month", month), number=version.number, reason=version.reason)
    return Published(version, found)


def _reason(month: Month, former: MonthVersion | None) -> Literal["first", "late", "correction"]:
    if former is None:
        return "first"
    return "late" if list(month.basis.counts) != former.frozen["counts"] else "correction"


def write_version(
    session: Session, folder: Path, month: Month, former: MonthVersion | None, reason: str, *, at: datetime
) -> MonthVersion:
    """Write down a version and the statements of the places that take part, signed and chained."""
    if former is None:
        session.merge(Period(month=month.month, state="provisional"))
    is_closing = reason == "closed"
    before = former if former is not None and not is_closing else _closed_before(session, month.month)
    version = MonthVersion(
        month=month.month,
        number=former.number + 1 if former else 1,
        reason=reason,
        published_at=at,
        sha256=month.documents.month_sha256,
        previous_sha256=before.sha256 if before else None,
        moves_money=month.moves_money,
        frozen=month.basis.frozen(),
        visits=month.visits if is_closing else None,
    )
    session.add(version)
    session.flush()
    previous = _statements_before(session, month.month, None if is_closing else former)
    kid, key = signing_key(session, folder, at=at)
    rows, unchanged = [], _unchanged(session, month, former)
    keeping = Keeping(session, month.month, version.number, version.sha256)
    for code in sorted(with_a_part(month) | _stated(session, month)):
        place_id = month.places[code].id
        sha256 = unchanged.get(place_id) or keeping.add(place_id, month.documents.statement_bytes(code))
        seal = seal_of(month.network, month.month, code, version.number, sha256, previous.get(place_id))
        rows.append(
            {
                "month": month.month,
                "number": version.number,
                "place_id": place_id,
                "sha256": sha256,
                "previous_sha256": previous.get(place_id),
                "kid": kid,
                "signature": sign(seal, key),
                "signed_at": at,
                "from_the_network": month.documents.from_the_network(code),
            }
        )
    if rows:
        session.execute(insert(Base.metadata.tables[Statement.__tablename__]), rows)
    keeping.write()
    if is_closing:
        forget_closed(session, month.month)
    return version


def _unchanged(session: Session, month: Month, former: MonthVersion | None) -> dict[UUID, str]:
    """The hash of each place's statement where a month is the former version again, as when it is closed.

    Of a large network there are a thousand to write, with all visits: they are not written twice to be hashed.
    """
    if former is None or former.sha256 != month.documents.month_sha256:
        return {}
    if mark_of(Basis.of(former.frozen)) != mark_of(month.basis):
        return {}
    return _statements_before(session, month.month, former)


def with_a_part(month: Month) -> set[str]:
    """The codes of the places that get a statement: those in the network that month, and whoever it speaks of."""
    first, last = days_of(month.month)
    members = {
        partner.code
        for partner in month.basis.partners.values()
        if partner.joined_on <= last and (partner.left_on is None or partner.left_on > first)
    }
    named = month.settlement.positions.keys() | month.settlement.at_home.keys()
    for each in month.settlement.not_settled:
        named |= {each.home, each.host}
    return (members | named) & month.places.keys()  # the common fund gets none


def _stated(session: Session, month: Month) -> set[str]:
    """The codes of the places with a statement in a former version: the next one says that nothing is left of it."""
    stated = set(session.scalars(select(Statement.place_id).where(Statement.month == month.month).distinct()))
    return {code for code, place in month.places.items() if place.id in stated}


def _closed_before(session: Session, month: str) -> MonthVersion | None:
    query = select(MonthVersion).where(MonthVersion.reason == "closed", MonthVersion.month < month)
    return session.scalar(query.order_by(MonthVersion.month.desc()).limit(1))


def _statements_before(session: Session, month: str, former: MonthVersion | None) -> dict[UUID, str]:
    """The hash of each place's statement before: of the version before, or of the last month closed before."""
    if former is not None:
        query = select(Statement.place_id, Statement.sha256).where(
            Statement.month == former.month, Statement.number == former.number
        )
        return {place_id: sha256 for place_id, sha256 in session.execute(query)}  # noqa: C416
    closed = select(MonthVersion.month, MonthVersion.number).where(
        MonthVersion.reason == "closed", MonthVersion.month < month
    )
    found: dict[UUID, str] = {}
    for a_month, number in session.execute(closed.order_by(MonthVersion.month)).all():
        rows = select(Statement.place_id, Statement.sha256).where(
            Statement.month == a_month, Statement.number == number
        )
        found |= {place_id: sha256 for place_id, sha256 in session.execute(rows)}  # noqa: C416
    return found


def locked(session: Session, month: str) -> Period | None:
    """The month's row; nobody adds to the month, publishes or closes it, until this transaction ends."""
    one_at_a_time(session)
    return session.get(Period, month, with_for_update=True, populate_existing=True)


def check_month(month: str) -> None:
    """Raise ``month_not_valid`` for what is not written as a month."""
    try:
        parse_month(month)
    except ValueError:
        raise MONTH_NOT_VALID.error() from None


def statement_of(session: Session, month: str, place: Place) -> Statement:
    """The last statement of a place that was published for a month.

    Raises ``month_not_valid``, ``month_not_published``.
    """
    check_month(month)
    query = select(Statement).where(Statement.month == month, Statement.place_id == place.id)
    found = session.scalar(query.order_by(Statement.number.desc()).limit(1))
    if found is None:
        raise NOT_PUBLISHED.error(name=month)
    return found


def sealed_statement(session: Session, month: str, place: Place, *, at: datetime) -> dict[str, Any]:
    """A place's last published statement with its seal: what can be checked from the file and the public keys alone.

    Raises ``month_not_published``, ``statement_changed`` while what changed since waits to be published, and what
    :func:`~passapp.settlement.service.settle_place` raises.
    """
    signed = statement_of(session, month, place)
    found = settle_place(session, month, place, at=at)
    if not (found.part and found.part.month_sha256):
        raise STATEMENT_CHANGED.error(name=month)
    code = found.code_of(place.id)
    return {
        "schema": SEALED_SCHEMA,
        "statement": found.statement(code),
        "seal": seal_of(found.network, month, code, signed.number, signed.sha256, signed.previous_sha256),
        "kid": signed.kid,
        "signature": signed.signature,
    }
