"""What a person is shown of what is known about them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from passapp.kernel.api import Shown
from passapp.members.consents import Kind


class AccountKnown(Shown):
    """My account."""

    id: UUID
    name: str
    email: str
    locale: str
    created_at: datetime


class RoleKnown(Shown):
    """A role of mine."""

    role: str
    place: str | None
    granted_at: datetime


class SessionKnown(Shown):
    """A browser that was signed in."""

    device: str | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class PasskeyKnown(Shown):
    """A passkey."""

    name: str
    created_at: datetime
    last_used_at: datetime | None


class IdentityKnown(Shown):
    """Who I am at the network's identity provider."""

    issuer: str
    subject: str
    linked_at: datetime


class InvitationKnown(Shown):
    """A role that I was offered; `name` is what I was called."""

    role: str
    place: str | None
    name: str
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    cancelled_at: datetime | None


class ApiKeyKnown(Shown):
    """An integration's key that I made."""

    name: str
    place: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class MemberKnown(Shown):
    """Who I am as a member."""

    id: UUID
    given_name: str
    family_name: str
    email: str | None
    reference: str | None
    locale: str
    created_at: datetime
    suspended_at: datetime | None
    resumed_at: datetime | None
    suspended_reason: str | None
    attention: str | None = Field(description="What I want those who receive me to know.")


class MembershipKnown(Shown):
    """A membership of mine."""

    place: str
    plan: str
    tier: str | None
    priority: int
    first_day: date
    last_day: date | None
    unpaid_at: datetime | None
    paid_at: datetime | None


class HouseRulesKnown(Shown):
    """House rules that I accepted: `by` myself (`member`), or as somebody at the `door` wrote down."""

    place: str
    version: int
    at: datetime
    by: str


class PassKnown(Shown):
    """A pass of mine. `device`: the phone that it lives on, as its browser calls itself."""

    form: str
    device: str | None
    plan: str
    issued_at: datetime
    not_before: datetime
    expires_at: datetime
    superseded_at: datetime | None
    state: str = Field(description="`active`, `inactive`, `revoked`, `superseded` or `expired`.")
    revoked_at: datetime | None
    revoked_reason: str | None


class ChoiceInForce(Shown):
    """A choice, as it stands."""

    kind: Kind
    given: bool


class ConsentKnown(ChoiceInForce):
    """A choice that I made."""

    at: datetime


class VisitKnown(Shown):
    """A visit of mine that counts; `units` are half days where the convention counts those."""

    local_date: date
    opened_at: datetime
    host: str
    home: str
    at_home: bool
    units: int
    evidence: str | None = Field(description="`live`, `short_lived`, `card`, `manual` or `self`.")
    waived: str | None = Field(description="Why it is worth nothing: `offered`, `stale_list` or `too_late`.")


class FollowUpKnown(Shown):
    """What came after a scan's verdict: let in all the same, offered, judged, left."""

    kind: str
    at: datetime
    reason: str | None


class ScanKnown(Shown):
    """A scan of my pass, accepted or refused: when, corrected and by the device's clock, and when it was received."""

    scanned_at: datetime
    device_scanned_at: datetime
    received_at: datetime
    place: str
    form: str | None
    verdict: str
    undone_at: datetime | None
    undone_because: str | None
    follow_ups: list[FollowUpKnown]


class BookingKnown(Shown):
    """A booking of mine, as it stands; times on the wall of the place, money in cents."""

    place: str
    resource: str
    title: str
    people: int
    local_start: datetime
    local_end: datetime
    zone: str
    state: str
    price: int
    fee: int
    payer: str
    made_at: datetime
    came_at: datetime | None
    reason: str | None


class LookUpKnown(Shown):
    """Somebody at a door typed my short code, or said my name."""

    at: datetime
    place: str
    by_name: bool


class MessageKnown(Shown):
    """A mail to me. What it said is not kept."""

    kind: str
    created_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None


class DeedKnown(Shown):
    """Something that I did, or that was done about me or what is mine. `address`: from where I did it."""

    at: datetime
    action: str
    actor: str = Field(description="`account`, `door`, `key` or `system`: nobody else is named.")
    by_me: bool
    place: str | None
    detail: dict[str, Any]
    address: str | None


class TrainingKnown(Shown):
    """Something that I was trained on."""

    place: str
    resource: str
    at: datetime


class WaitKnown(Shown):
    """Something that I wait for to be free."""

    place: str
    resource: str
    people: int
    starts_at: datetime
    ends_at: datetime
    made_at: datetime


class FeedKnown(Shown):
    """An address at which programs follow my bookings. What it ends in is known to nobody but whoever has it."""

    made_at: datetime
    revoked_at: datetime | None


class MyData(Shown):
    """Everything that is known about me."""

    account: AccountKnown
    member: MemberKnown | None
    roles: list[RoleKnown]
    memberships: list[MembershipKnown]
    passes: list[PassKnown]
    visits: list[VisitKnown] = Field(description="While it is known that they are mine: docs/privacy.md says how long.")
    scans: list[ScanKnown]
    bookings: list[BookingKnown] = Field(description="While it is known that they are mine, the newest first.")
    trainings: list[TrainingKnown]
    waits: list[WaitKnown]
    feeds: list[FeedKnown]
    look_ups: list[LookUpKnown]
    house_rules: list[HouseRulesKnown]
    choices: list[ChoiceInForce] = Field(description="In force; empty for who is no member.")
    consents: list[ConsentKnown] = Field(description="Every choice that I made, the newest first.")
    sessions: list[SessionKnown]
    passkeys: list[PasskeyKnown]
    identities: list[IdentityKnown]
    invitations: list[InvitationKnown]
    api_keys: list[ApiKeyKnown]
    messages: list[MessageKnown]
    deeds: list[DeedKnown]
    deeds_in_all: int = Field(description="Where there are more than those shown, the export has them all.")
