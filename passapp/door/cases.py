"""A scan on its way from what a door sent to a verdict."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from passapp.door.known import KnownPass, Person
from passapp.door.models import CheckIn
from passapp.door.proofs import Proof
from passapp.door.rules import FollowUpKind, Verdict
from passapp.passes.rules import Pass, Refusal

MANUAL: Final = "manual"
"""The form of a check-in by short code or by name: somebody typed it."""
SELF: Final = "self"
"""The form of a check-in that nobody attended: a tablet by itself, or the entrance poster."""


@dataclass(frozen=True)
class SaidName:
    """A name as somebody said it, and a second thing that only they know: their e-mail address or reference."""

    name: str
    second: str


@dataclass(frozen=True)
class Scan:
    """What a door sends of one scan; ``pass_text``, ``short_code`` or ``by_name`` is what was shown or said.

    ``member_id``: who signed in with the entrance poster. ``home_id``: the home that the person named after
    ``ambiguous``. ``shown``: the verdict that the door showed by itself, and that its host went by; ``override``: why
    they let somebody in all the same, meanwhile.
    """

    id: UUID
    scanned_at: datetime
    device_now: datetime
    pass_text: str | None = None
    short_code: str | None = None
    home_id: UUID | None = None
    list_iat: datetime | None = None
    full_day: bool = False
    by_name: SaidName | None = None
    member_id: UUID | None = None
    attended: bool = True
    shown: Verdict | None = None
    override: str | None = None

    @property
    def is_typed(self) -> bool:
        """Whether somebody typed it: then guesses are counted, and the member is told."""
        return self.pass_text is None and self.member_id is None

    @cached_property
    def said(self) -> bytes:
        """What makes it the same scan: not the device's clock, nor what its host did before it could be sent."""
        said: list[Any] = [self.pass_text, self.short_code, str(self.home_id), self.scanned_at.isoformat()]
        said += ["full_day"] if self.full_day else []
        said += [self.by_name.name, self.by_name.second] if self.by_name else []
        return json.dumps(said).encode()


@dataclass
class NewCheckIn:
    """A check-in before it is a row: the same columns, without what makes an object of a session slow to fill."""

    id: UUID
    door_id: UUID
    scan_id: UUID
    seal: str
    place_id: UUID
    form: str | None
    scanned_at: datetime
    device_scanned_at: datetime
    received_at: datetime
    list_iat: datetime | None
    local_date: date
    verdict: str
    visitor_key: UUID | None
    full_day: bool
    home_id: UUID | None = None
    plan: str | None = None
    at_home: bool | None = None


@dataclass(frozen=True)
class Judged:
    """A check-in with what its answer is made of. ``follow_ups``: what came with it, and why.

    ``is_kept``: it is written down; so many scans of one code changed nothing that this one is not.
    """

    check_in: CheckIn | NewCheckIn
    person: Person | None
    first_at: datetime | None
    follow_ups: Mapping[FollowUpKind, str | None] = field(default_factory=dict)
    is_kept: bool = True


@dataclass
class Case:
    """One scan on its way to a verdict. ``at`` is its instant, corrected by the device's clock error.

    ``member_id``: who came without showing a pass, by their name or the entrance poster.
    """

    id: UUID
    scan: Scan
    at: datetime
    today: date
    shown: Pass | Refusal
    form: str | None
    short_code: str | None
    member_id: UUID | None = None
    issued: KnownPass | None = None
    visitor_key: UUID | None = None
    is_undated: bool = False

    @property
    def read(self) -> Pass | None:
        """The pass whose signature was verified, refused or not."""
        return self.shown.of if isinstance(self.shown, Refusal) else self.shown

    @property
    def payers(self) -> Collection[UUID]:
        """The homes of whoever it is that could pay for it."""
        return self.issued.person.payers_at(self.at, self.today) if self.issued is not None else ()

    @property
    def proof(self) -> Proof | None:
        """The index and the step of the proof of a live pass, which lets in once."""
        read = self.read
        return (read.index, read.step) if read is not None and read.step is not None else None
