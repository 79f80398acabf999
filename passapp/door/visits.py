"""From check-ins to visits (door.md, Visits).

The earliest standing check-in of a (visitor, host, local date) opens the visit. When an earlier one arrives late, the
opening one is undone, the day counts other units or the host offers it, the visit is voided and the next one is made:
nothing is ever changed or erased.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from passapp.door import rules
from passapp.door.known import Day, Kept, Made, VisitorDay
from passapp.door.models import Door, FollowUp, FollowUpReason, Visit, VisitIdentity, VisitVoid
from passapp.door.rules import FollowUpKind
from passapp.door.terms import Terms
from passapp.kernel.database import Base, insert_unless_there
from passapp.kernel.wall_time import local_date
from passapp.network.rules import posted_month
from passapp.places.models import Place

# Of the tables, not the classes: there may be hundreds, and no object has to know of them.
_MAKE, _VOID = (insert(Base.metadata.tables[model.__tablename__]) for model in (Visit, VisitVoid))


def make_visitor_keys(session: Session, wanted: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """New visitor keys for these (member, month) pairs; the ones there are where another place was faster."""
    if not wanted:
        return {}
    # In one order: two batches cannot wait for one another.
    made = {pair: uuid4() for pair in sorted(set(wanted))}
    rows = [{"visitor_key": key, "member_id": member, "month": month} for (member, month), key in made.items()]
    if len(insert_unless_there(session, VisitIdentity, rows)) == len(rows):
        return made
    pair = tuple_(VisitIdentity.member_id, VisitIdentity.month)
    there = session.scalars(select(VisitIdentity).where(pair.in_(wanted)))
    return {(row.member_id, row.month): row.visitor_key for row in there}


def write_follow_ups(
    session: Session, door: Door, came: Mapping[UUID, Mapping[FollowUpKind, str | None]], *, now: datetime
) -> None:
    """Write down what came with check-ins that were just made, and why."""
    followed = [(check_in_id, kind, reason) for check_in_id, kinds in came.items() for kind, reason in kinds.items()]
    if not followed:
        return
    session.add_all(
        FollowUp(check_in_id=check_in_id, kind=kind, at=now, actor_kind="door", actor_id=door.id)
        for check_in_id, kind, _ in followed
    )
    session.flush()
    session.add_all(
        FollowUpReason(check_in_id=check_in_id, kind=kind, reason=reason)
        for check_in_id, kind, reason in followed
        if reason is not None
    )


def refresh_visits(
    session: Session,
    place: Place,
    days: Mapping[VisitorDay, Day],
    *,
    closed: frozenset[str],
    terms: Terms,
    now: datetime,
) -> None:
    """Make the visits of these days at ``place`` what its standing check-ins say. ``closed``: the closed months.

    A visit posted in a month that is closed stays as it is: only a contest can change what it counts for (R15). A half
    day that comes to light then is a visit of its own, in the oldest month that is open (R4, R14).
    """
    voids: list[dict[str, Any]] = []
    visits: list[dict[str, Any]] = []
    states = dict.fromkeys(closed, "closed")
    for key in sorted(days):
        day = days[key]
        if any(made.is_contested for made in day.visits.values()):
            continue  # the network took it out of the month: it does not come back by another scan
        check_ins = [_known_on(kept, place.zone) for kept in day.check_ins.values()]
        standing = [made for made in day.visits.values() if not made.is_void]
        present = next((made for made in standing if made.posted_month not in closed), None)
        settled = [made for made in standing if made.posted_month in closed]
        version = terms.version_on(key[1])
        if settled:
            first = day.check_ins[settled[0].id]
            counted = sum(made.units for made in settled)
            check_ins = rules.beyond(check_ins, first.as_rule, counted, version.unit, place.zone)
        wanted = next(iter(rules.standing_visits(check_ins)), None)
        units = rules.units_of(check_ins, version.unit, place.zone)
        if present is not None:
            reason = _why_void(present, wanted, units, check_ins, version.late_days)
            if reason is None:
                continue
            voids.append({"visit_id": present.id, "revision": present.revision, "at": now, "reason": reason})
        if wanted is not None:
            opening = day.check_ins[wanted.id]
            visit = _visit(place, key, opening, revision=len(day.visits))
            if settled:  # who pays for the day is decided already
                visit |= {"home_id": first.as_rule.home_id, "plan": first.plan, "at_home": first.at_home}
            visit["waived"] = rules.waiver_of_day(check_ins, opening.as_rule, version.late_days)
            month = posted_month(key[1], states)
            visits.append(visit | {"convention_version": version.number, "units": units, "posted_month": month})
    if voids:
        session.connection().execute(_VOID, voids)
    if visits:
        session.connection().execute(_MAKE, visits)


def _known_on(kept: Kept, zone: str) -> rules.CheckIn:
    return replace(kept.as_rule, received_on=local_date(kept.received_at, ZoneInfo(zone)))


def _why_void(
    present: Made, wanted: rules.Visit | None, units: int, check_ins: Collection[rules.CheckIn], late_days: int
) -> str | None:
    """Why the present visit is not the one that the day's check-ins make; None where it is."""
    if wanted is not None and wanted.id == present.id:
        if units != present.units:
            return "units"
        waived = rules.waiver_of_day(check_ins, next(each for each in check_ins if each.id == present.id), late_days)
        return None if waived == present.waived else waived or "counted_again"
    return "earlier_check_in" if any(each.id == present.id and each.stands for each in check_ins) else "undone"


def _visit(place: Place, key: VisitorDay, opening: Kept, *, revision: int) -> dict[str, Any]:
    visitor_key, day = key
    return {
        "id": opening.as_rule.id,
        "revision": revision,
        "visitor_key": visitor_key,
        "home_id": opening.as_rule.home_id,
        "host_id": place.id,
        "plan": opening.plan,
        "host_class": place.host_class,
        "zone": place.zone,
        "at_home": opening.at_home,
        "local_date": day,
        "opened_at": opening.as_rule.at,
        "received_at": opening.received_at,
    }
