"""Routes of the network."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Path, Response, status
from pydantic import Field, StringConstraints, model_validator
from sqlalchemy.orm import Session

from passapp.accounts.access import EVERYONE_SIGNED_IN, CallerDep, Scope, allow, allow_anyone
from passapp.accounts.rules import Role
from passapp.kernel.api import Body, Line, NowDep, SettingsDep, Shown, VersionDep, check_version, show_version
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import STALE, VERSION_REQUIRED, may_answer
from passapp.kernel.settings import Settings
from passapp.network import service
from passapp.network.models import Network, Plan
from passapp.network.rules import ConsentRule
from passapp.places.api import Clock
from passapp.places.rules import format_clock, parse_clock

router = APIRouter(tags=["network"])

PLAN_CODE = r"^[A-Z0-9]{1,4}$"
Weekdays = Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)]


class MapShown(Shown):
    """Where the background of maps comes from."""

    tiles: str = Field(examples=["https://tile.example.org/{z}/{x}/{y}.png"])
    credit: str = Field(description="Who made it; what an https address at the end leads to.")


class NetworkShown(Shown):
    """The network, as anybody may know it."""

    code: str
    name: str
    locale: str
    card_allowed: bool
    consent_rule: ConsentRule = Field(description="How many places must agree to new rules.")
    consent_days: int = Field(description="How long they are asked.")
    silence_consents: bool = Field(description="A place that does not answer agrees.")
    currency: str | None = Field(
        description="The local currency that the places settle in; null: euros. Rooms are priced in euros.",
        examples=["gonettes"],
    )
    demo: bool = Field(description="An invented network: members, visits and debts are made up.")
    map: MapShown | None = Field(description="Null: there are no maps, only lists.")
    version: int


class NetworkChange(Body):
    """What to change; what is left out stays. The code never changes: every pass names it."""

    name: Line | None = None
    locale: Literal["fr", "en"] | None = None
    card_allowed: bool | None = None
    consent_rule: ConsentRule | None = None
    consent_days: Annotated[int, Field(ge=1, le=60)] | None = None
    silence_consents: bool | None = None


class PlanFields(Body):
    """What a plan opens, in the host's local time; `to_time` may pass midnight."""

    name: Line = Field(examples=["Semaine"])
    opens: Literal["everywhere", "home"] = "everywhere"
    weekdays: Weekdays = Field(default=[0, 1, 2, 3, 4, 5, 6], examples=[[0, 1, 2, 3, 4]])
    from_time: Clock = "00:00"
    to_time: Clock = "24:00"
    monthly_visits: int | None = Field(
        default=None, ge=1, le=1000, description="Visits to other places a month; null: as many as one likes."
    )

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        opens, closes = parse_clock(self.from_time), parse_clock(self.to_time)
        if not (opens < 1440 and opens < closes <= opens + 1440):  # noqa: PLR2004
            msg = "from_time before to_time, at most a day apart"
            raise ValueError(msg)
        return self

    @property
    def fields(self) -> dict[str, Any]:
        """The same as the table has it."""
        rest = self.model_dump(exclude={"from_time", "to_time", "weekdays"})
        return rest | {
            "weekdays": sorted(set(self.weekdays)),
            "from_minute": parse_clock(self.from_time),
            "to_minute": parse_clock(self.to_time),
        }


class PlanWanted(PlanFields):
    """A plan to add. The code stands in every pass: at most 4 characters."""

    code: Annotated[str, StringConstraints(pattern=PLAN_CODE)] = Field(examples=["SEM"])


class PlanShown(Shown):
    """A plan."""

    code: str
    name: str
    opens: Literal["everywhere", "home"]
    weekdays: list[int]
    from_time: str
    to_time: str
    monthly_visits: int | None
    version: int


class Plans(Shown):
    """Every plan."""

    items: list[PlanShown]


class ConventionShown(Shown):
    """A published version of the convention, and the SHA-256 of its document in canonical JSON."""

    number: int
    starts_on: date
    document: dict[str, Any]
    sha256: str
    published_at: datetime


class Conventions(Shown):
    """Every version, the first one first."""

    items: list[ConventionShown]


def _show_network(session: Session, network: Network, settings: Settings) -> NetworkShown:
    own = NetworkShown.model_fields.keys() - {"demo", "map", "currency"}
    fields = {name: getattr(network, name) for name in own} | {"currency": service.currency_of(session)}
    shown = MapShown(tiles=settings.map_tiles, credit=settings.map_credit) if settings.map_origin else None
    return NetworkShown(**fields, demo=settings.demo, map=shown)


def _show_plan(plan: Plan) -> PlanShown:
    return PlanShown(
        code=plan.code,
        name=plan.name,
        opens=plan.opens,  # type: ignore[arg-type]  # the table's own constraint
        weekdays=plan.weekdays,
        from_time=format_clock(plan.from_minute),
        to_time=format_clock(plan.to_minute),
        monthly_visits=plan.monthly_visits,
        version=plan.version,
    )


@router.get(
    "/network",
    operation_id="get_network",
    dependencies=allow_anyone(),
    responses=may_answer(service.NO_NETWORK),
)
def get_network(response: Response, session: SessionDep, settings: SettingsDep) -> NetworkShown:
    """The network's name and settings."""
    network = service.get_network(session)
    show_version(response, network.version)
    return _show_network(session, network, settings)


@router.patch(
    "/network",
    operation_id="change_network",
    dependencies=allow(Role.COORDINATOR),
    responses=may_answer(service.NO_NETWORK, service.CONSENT_UNDER_WAY, STALE, VERSION_REQUIRED),
)
def change_network(
    body: NetworkChange,
    version: VersionDep,
    response: Response,
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
    caller: CallerDep,
) -> NetworkShown:
    """Change the network's settings."""
    network = service.get_network(session)
    check_version(network, version)
    service.change_network(session, network, body.model_dump(exclude_none=True), at=now, actor=caller.actor)
    show_version(response, network.version)
    return _show_network(session, network, settings)


@router.get(
    "/plans", operation_id="list_plans", dependencies=allow(*EVERYONE_SIGNED_IN, Role.DOOR, scope=Scope.PLACES_READ)
)
def list_plans(session: SessionDep) -> Plans:
    """Every plan (*formule*) and what it opens."""
    return Plans(items=[_show_plan(plan) for plan in service.plans(session)])


@router.post(
    "/plans",
    operation_id="add_plan",
    dependencies=allow(Role.COORDINATOR),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(service.PLAN_EXISTS, service.PLAN_RESERVED),
)
def add_plan(body: PlanWanted, session: SessionDep, now: NowDep, caller: CallerDep) -> PlanShown:
    """Add a plan."""
    return _show_plan(service.add_plan(session, body.fields, at=now, actor=caller.actor))


@router.put(
    "/plans/{code}",
    operation_id="change_plan",
    dependencies=allow(Role.COORDINATOR),
    responses=may_answer(service.PLAN_UNKNOWN, STALE, VERSION_REQUIRED),
)
def change_plan(
    code: Annotated[str, Path(pattern=PLAN_CODE)],
    body: PlanFields,
    version: VersionDep,
    session: SessionDep,
    now: NowDep,
    caller: CallerDep,
) -> PlanShown:
    """Change what a plan opens."""
    plan = service.get_plan(session, code)
    check_version(plan, version)
    service.change_plan(session, plan, body.fields, at=now, actor=caller.actor)
    return _show_plan(plan)


@router.get(
    "/conventions", operation_id="list_conventions", dependencies=allow(*EVERYONE_SIGNED_IN, scope=Scope.PLACES_READ)
)
def list_conventions(session: SessionDep) -> Conventions:
    """The rules of the network: every published version."""
    return Conventions(items=[ConventionShown.model_validate(version) for version in service.conventions(session)])
