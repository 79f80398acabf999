"""How a scan is shown to the people of its place."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from passapp.door.api import ChoiceShown
from passapp.door.rules import FollowUpKind
from passapp.door.scans import ScanSeen, Waits
from passapp.door.today_api import NameToday
from passapp.kernel.api import Shown


class FollowUpShown(Shown):
    """What came after a scan's verdict. `actor`: `account`, `door`, `key` or `system`."""

    kind: FollowUpKind
    at: datetime
    reason: str | None
    actor: str


class ScanShown(Shown):
    """A scan of a place: who it was as hosts see them, when by each clock, how they came in, and what came of it."""

    id: UUID
    local_date: date
    scanned_at: datetime = Field(description="Corrected by the device's clock error.")
    device_scanned_at: datetime = Field(description="What the device said.")
    received_at: datetime
    list_age_seconds: int | None = Field(description="How old the door's list of passes was; null: it had none.")
    evidence: str | None = Field(description="`live`, `short_lived`, `card`, `manual` or `self`.")
    verdict: str = Field(
        description="A verdict, or `inactive`: revoked, suspended, unpaid are between the person and their home place."
    )
    came_in: bool
    visit: bool = Field(description="It opens a visit that counts.")
    waived: Literal["offered", "stale_list", "too_late"] | None
    at_home: bool | None
    full_day: bool
    door: str
    door_kind: str = Field(examples=["phone", "poster", "office"])
    name: NameToday | None
    home: str | None
    follow_ups: list[FollowUpShown]
    undone_at: datetime | None
    undone_because: str | None
    waits: Waits | None = Field(description="What a manager is asked: `conflict`, or `self`, which nobody attended.")
    choices: list[ChoiceShown] = Field(description="The homes that could pay, where the door did not know which does.")


def show_scan(seen: ScanSeen) -> ScanShown:
    """A scan as its place may see it."""
    row = seen.check_in
    return ScanShown.model_validate(
        {
            "id": row.id,
            "local_date": row.local_date,
            "scanned_at": row.scanned_at,
            "device_scanned_at": row.device_scanned_at,
            "received_at": row.received_at,
            "list_age_seconds": round((row.scanned_at - row.list_iat).total_seconds()) if row.list_iat else None,
            "evidence": row.form,
            "verdict": seen.verdict,
            "came_in": seen.came_in,
            "visit": seen.visit,
            "waived": seen.waived,
            "at_home": row.at_home,
            "full_day": row.full_day,
            "door": seen.door.name,
            "door_kind": seen.door.kind,
            "name": seen.name,
            "home": seen.home,
            "follow_ups": seen.follow_ups,
            "undone_at": seen.undone_at,
            "undone_because": seen.undone_because,
            "waits": seen.waits,
            "choices": seen.choices,
        }
    )
