"""What a place says of something that can be booked: what it is, its price list, its policy."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from passapp.bookings.models import ResourceKind
from passapp.bookings.resources import service as resources
from passapp.bookings.rules import Approval, Audience, Policy, Rate, Tier
from passapp.bookings.rules.policy import LONGEST_AROUND
from passapp.kernel.api import Body, Line, Optional, Paragraphs, Sentence
from passapp.kernel.flaws import flaw
from passapp.kernel.wall_time import MINUTES_A_DAY

MOST_CENTS = 1_000_000

Cents = Annotated[int, Field(ge=0, le=MOST_CENTS)]
Percent = Annotated[int, Field(ge=0, le=100)]
Feature = Annotated[Line, StringConstraints(max_length=40, pattern=r"^[^,]*[^,\s][^,]*$")]
"""As people write it, « Four à céramique », or a word that pages know how to say in each language, `screen`."""


class TierFields(Body):
    """Until `hours_before` the start, a cancellation costs `fee_percent` of the price."""

    hours_before: int = Field(ge=0, le=366 * 24)
    fee_percent: Percent


class PolicyFields(Body):
    """What may be booked, by whom, and what a cancellation costs. Times in minutes; null: no limit."""

    grid: int = Field(default=15, ge=1, le=MINUTES_A_DAY, description="Starts and ends fall on it, on the wall.")
    shortest: int = Field(default=15, ge=1, le=31 * MINUTES_A_DAY)
    longest: int = Field(default=8 * 60, ge=1, le=31 * MINUTES_A_DAY, validate_default=True)
    set_up: int = Field(default=0, ge=0, le=LONGEST_AROUND, description="Taken before each booking.")
    tear_down: int = Field(default=0, ge=0, le=LONGEST_AROUND, description="Taken after each booking.")
    notice: int = Field(default=0, ge=0, le=366 * MINUTES_A_DAY, description="The least time before the start.")
    advance_days: int = Field(default=365, ge=0, le=730)
    visitor_advance_days: int | None = Field(
        default=None, ge=0, le=730, description="How far ahead members of other places may book, where that is less."
    )
    audience: Audience = Audience.NETWORK
    approval: Approval = Approval.NEVER
    upcoming: int | None = Field(default=None, ge=0, le=1000, description="How many a member may have ahead of them.")
    weekly_minutes: int | None = Field(default=None, ge=0, le=7 * MINUTES_A_DAY)
    monthly_minutes: int | None = Field(default=None, ge=0, le=31 * MINUTES_A_DAY)
    tiers: list[TierFields] = Field(default=[], max_length=10)
    late_fee_percent: Percent = Field(default=0, description="Later than all tiers.")
    grace: int | None = Field(
        default=15, ge=1, le=MINUTES_A_DAY, description="After so long without anybody it is released."
    )
    is_always_open: bool = False
    needs_training: bool = False

    @field_validator("grid")
    @classmethod
    def _divides_a_day(cls, grid: int) -> int:
        if MINUTES_A_DAY % grid:
            raise flaw(
                en="Give steps of which a day is made: 5, 15, 30 or 60 minutes.",
                fr="Indiquez un pas qui tombe juste dans la journée : 5, 15, 30 ou 60 minutes.",
            )
        return grid

    @field_validator("longest")
    @classmethod
    def _leaves_something(cls, longest: int, info: ValidationInfo) -> int:
        # What is wrong itself is not there.
        if longest < max(info.data.get("shortest", 0), info.data.get("grid", 0)):
            raise flaw(
                en="Nothing could be booked: give at least the shortest length, and at least one step.",
                fr="Rien ne pourrait être réservé : indiquez au moins la durée minimale, et au moins un pas.",
            )
        return longest

    @field_validator("tiers")
    @classmethod
    def _are_apart(cls, tiers: list[TierFields]) -> list[TierFields]:
        if len({tier.hours_before for tier in tiers}) < len(tiers):
            raise flaw(
                en="Two limits have the same hours: keep one.", fr="Deux limites ont les mêmes heures : gardez-en une."
            )
        return tiers

    @property
    def policy(self) -> Policy:
        """The same as the rules take it, the tiers furthest from the start first."""
        tiers = sorted(
            (Tier(tier.hours_before, tier.fee_percent) for tier in self.tiers), key=lambda t: -t.hours_before
        )
        return Policy(**self.model_dump(exclude={"tiers"}), tiers=tuple(tiers))


class RateFields(Body):
    """A row of a price list, in cents. `half_day`: up to 4 hours, `day`: up to 24, where they are cheaper.

    For whom: `plan` and `tier` null: for all; `is_home`: own members only, or visitors only. A tier is one of the
    place's own members. The row that says most of whoever books counts; without any row it is free.
    """

    hour: Cents = Field(examples=[800])
    half_day: Cents | None = Field(default=None, examples=[2500])
    day: Cents | None = Field(default=None, examples=[4500])
    plan: Annotated[Annotated[str, StringConstraints(max_length=4)] | None, Optional] = None
    tier: Annotated[Annotated[Line, StringConstraints(max_length=32)] | None, Optional] = None
    is_home: bool | None = None

    @model_validator(mode="after")
    def _tiers_are_at_home(self) -> Self:
        if self.tier is not None and self.is_home is False:
            raise flaw(
                en="Visitors have no tier: it never leaves their home place.",
                fr="Un tarif de lieu ne vaut que pour ses membres, pas pour les membres d'ailleurs.",
            )
        return self


class ResourceFields(Body):
    """What a place says of something that can be booked."""

    kind: ResourceKind = ResourceKind.ROOM
    name: Line = Field(examples=["Salle Bleue"])
    description: Annotated[Annotated[Paragraphs, Field(max_length=1000)] | None, Optional] = None
    capacity: int = Field(ge=1, le=10_000, examples=[8], description="How many people; of a pool, at each unit.")
    features: list[Feature] = Field(default=[], max_length=30, examples=[["screen", "wheelchair"]])
    access: Annotated[Annotated[Paragraphs, Field(max_length=500)] | None, Optional] = Field(
        default=None, description="How to get in: for members."
    )
    contact: Annotated[Annotated[Sentence, Field(max_length=200)] | None, Optional] = Field(
        default=None, description="Whom to call: for members."
    )

    @field_validator("features")
    @classmethod
    def _each_once(cls, features: list[str]) -> list[str]:
        return sorted(set(features))


class ResourceWanted(ResourceFields):
    """Something that can be booked, whole. `units`: a pool of interchangeable ones; `parts`: made of these rooms."""

    units: list[Line] = Field(default=[], max_length=200, examples=[["Bureau 1", "Bureau 2"]])
    parts: list[Annotated[int, Field(ge=1, le=2**53 - 1)]] = Field(default=[], max_length=20)
    rates: list[RateFields] = Field(default=[], max_length=50)
    policy: PolicyFields = Field(default_factory=PolicyFields)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if len(set(self.units)) < len(self.units) or len(set(self.parts)) < len(self.parts):
            raise flaw(
                en="Each unit has a name of its own, and each part is named once.",
                fr="Chaque poste a son propre nom, et chaque salle réunie n'est nommée qu'une fois.",
            )
        if self.units and self.parts:
            raise flaw(
                en="It has interchangeable units or it is made of other rooms, not both.",
                fr="Elle a des postes interchangeables ou réunit d'autres salles, pas les deux.",
            )
        return self

    @property
    def wanted(self) -> resources.Wanted:
        """The same as the service takes it."""
        return resources.Wanted(
            {name: getattr(self, name) for name in ResourceFields.model_fields},
            [Rate(**rate.model_dump()) for rate in self.rates],
            self.policy.policy,
            self.units,
            self.parts,
        )
