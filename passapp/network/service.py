"""What people do with the network: found it, change its settings and plans, look a convention or a month up."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.network.models import ConventionVersion, Network, Period, Plan
from passapp.network.rules import FIRST_CONVENTION, hash_document

NO_NETWORK = ProblemType(
    "no_network",
    409,
    en="This network has not been set up yet: run `passapp network CODE NAME`.",
    fr="Ce réseau n'est pas encore créé : lancez `passapp network CODE NOM`.",
)
NETWORK_EXISTS = ProblemType("network_exists", 409, en="The network exists already.", fr="Le réseau existe déjà.")
PLAN_UNKNOWN = ProblemType("plan_unknown", 404, en="There is no plan {name}.", fr="La formule {name} n'existe pas.")
PLAN_EXISTS = ProblemType(
    "plan_exists", 409, en="A plan with this code exists already.", fr="Une formule porte déjà ce code."
)


def found_network(session: Session, code: str, name: str, *, locale: str, at: datetime, actor: Actor) -> Network:
    """Create the network, with one plan that opens everything and a convention that counts only.

    Raises ``network_exists``.
    """
    if session.get(Network, 1) is not None:
        raise NETWORK_EXISTS.error()
    network = Network(code=code, name=name, locale=locale)
    session.add(network)
    session.add(
        Plan(
            code="TOUT",
            name="Tout le réseau",
            opens="everywhere",
            weekdays=list(range(7)),
            from_minute=0,
            to_minute=1440,
        )
    )
    session.add(
        ConventionVersion(
            number=1,
            starts_on=date(2000, 1, 1),
            document=FIRST_CONVENTION,
            sha256=hash_document(FIRST_CONVENTION),
            published_at=at,
        )
    )
    session.flush()
    record(session, actor, at, "network.found", ("network", code))
    return network


def get_network(session: Session) -> Network:
    """The network. Raises ``no_network`` before it is set up."""
    network = session.get(Network, 1)
    if network is None:
        raise NO_NETWORK.error()
    return network


def change_network(
    session: Session, network: Network, changes: Mapping[str, Any], *, at: datetime, actor: Actor
) -> None:
    """Change settings of the network. Raises ``stale``."""
    for name, value in changes.items():
        setattr(network, name, value)
    session.flush()
    record(session, actor, at, "network.change", ("network", network.code), fields=sorted(changes))


def plans(session: Session) -> list[Plan]:
    """Every plan, by code."""
    return list(session.scalars(select(Plan).order_by(Plan.code)))


def get_plan(session: Session, code: str) -> Plan:
    """The plan with this code. Raises ``plan_unknown``."""
    plan = session.get(Plan, code)
    if plan is None:
        raise PLAN_UNKNOWN.error(name=code)
    return plan


def add_plan(session: Session, fields: Mapping[str, Any], *, at: datetime, actor: Actor) -> Plan:
    """Add a plan. Raises ``plan_exists``."""
    if session.get(Plan, fields["code"]) is not None:
        raise PLAN_EXISTS.error()
    plan = Plan(**fields)
    session.add(plan)
    session.flush()
    record(session, actor, at, "plan.add", ("plan", plan.code))
    return plan


def change_plan(session: Session, plan: Plan, changes: Mapping[str, Any], *, at: datetime, actor: Actor) -> None:
    """Change what a plan opens. Raises ``stale``."""
    for name, value in changes.items():
        setattr(plan, name, value)
    session.flush()
    record(session, actor, at, "plan.change", ("plan", plan.code), fields=sorted(changes))


def in_force(versions: Sequence[ConventionVersion], on: date) -> ConventionVersion:
    """The convention version in force on that date (settlement R7), of all ``versions`` in their order.

    Raises ``no_network`` where there is none.
    """
    begun = [version for version in versions if version.starts_on <= on]
    if not begun:
        raise NO_NETWORK.error()
    return max(begun, key=lambda version: version.starts_on)


def conventions(session: Session) -> list[ConventionVersion]:
    """Every convention version, the first one first."""
    return list(session.scalars(select(ConventionVersion).order_by(ConventionVersion.number)))


def period_states(session: Session) -> dict[str, str]:
    """The state of each month that has one; the others are open."""
    return {period.month: period.state for period in session.scalars(select(Period))}
