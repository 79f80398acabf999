"""What people do with the network: found it, change its settings and plans, look a convention or a month up."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.kernel.api import Line
from passapp.kernel.audit import Actor, record
from passapp.kernel.flaws import say_flaw
from passapp.kernel.problems import ProblemType, SpokenFlaw, pointer_to
from passapp.network.models import ConventionDraft, ConventionVersion, Network, Period, Plan
from passapp.network.rules import FIRST_CONVENTION, Convention, Flaw, flaws_of, hash_document, timeline_flaws
from passapp.places.models import Place

TRIAL_PLAN: Final = "TEST"
"""The plan that trial passes name: no member ever has it."""

NO_NETWORK = ProblemType(
    "no_network",
    409,
    en="There is no network here yet: `passapp set-up` prints the address to begin at.",
    fr="Aucun réseau n'existe encore ici : `passapp set-up` affiche l'adresse où commencer.",
)
NETWORK_EXISTS = ProblemType("network_exists", 409, en="The network exists already.", fr="Le réseau existe déjà.")
CONSENT_UNDER_WAY = ProblemType(
    "consent_under_way",
    409,
    en="The places are being asked about new rules: how they decide changes once they have answered.",
    fr="Les lieux sont consultés sur de nouvelles règles : leur façon de décider se change après leur réponse.",
)
PLAN_UNKNOWN = ProblemType("plan_unknown", 404, en="There is no plan {name}.", fr="La formule {name} n'existe pas.")
PLAN_EXISTS = ProblemType(
    "plan_exists", 409, en="A plan with this code exists already.", fr="Une formule porte déjà ce code."
)
PLAN_RESERVED = ProblemType(
    "plan_reserved",
    409,
    en="{name} is the plan of trial passes, which are not counted: choose another code.",
    fr="{name} est la formule des pass d'essai, qui ne comptent pas : choisissez un autre code.",
)
CONVENTION_NOT_VALID = ProblemType(
    "convention_not_valid",
    422,
    en="These rules cannot be published as they are.",
    fr="Ces règles ne peuvent pas être publiées telles quelles.",
)
CONVENTION_TOO_LATE = ProblemType(
    "convention_too_late",
    409,
    en="Rules begin on a day to come: visits of {day:day} are counted under the former ones already.",
    fr="Des règles commencent un jour à venir : les passages du {day:day} comptent déjà sous les précédentes.",
)
CONVENTION_OVERLAPS = ProblemType(
    "convention_overlaps",
    409,
    en="The last version begins on {day:day}: the next one begins later.",
    fr="La dernière version commence le {day:day} : la suivante commence plus tard.",
)
LOCAL_CURRENCY = ProblemType(
    "local_currency",
    409,
    en="This network settles in {currency}: there is no bank file, no invoice and no import in euros.",
    fr="Ce réseau règle en {currency} : pas de fichier bancaire, ni de facture ou d'import en euros.",
)
CONVENTION_GAP = ProblemType(
    "convention_gap",
    409,
    en="The versions of the rules do not follow one another: {flaws}.",
    fr="Les versions des règles ne se suivent pas : {flaws}.",
)
NO_CONVENTION = ProblemType(
    "no_convention",
    409,
    en="No rules were in force on {day:day}.",
    fr="Aucune règle n'était en vigueur le {day:day}.",
)
FURTHEST_AHEAD: Final = timezone(timedelta(hours=14))
"""Where a day begins first."""


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
    """Change settings of the network. Raises ``stale``; ``consent_under_way`` for how places decide while they do."""
    if changes.keys() & {"consent_rule", "consent_days", "silence_consents"}:
        asked = select(ConventionDraft.id).where(ConventionDraft.state == "proposed")
        if session.scalar(asked) is not None:
            raise CONSENT_UNDER_WAY.error()
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
    """Add a plan. Raises ``plan_reserved``, ``plan_exists``."""
    if fields["code"] == TRIAL_PLAN:
        raise PLAN_RESERVED.error(name=TRIAL_PLAN)
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

    Raises ``no_convention`` where there is none.
    """
    begun = [version for version in versions if version.starts_on <= on]
    if not begun:
        raise NO_CONVENTION.error(day=on)
    return max(begun, key=lambda version: version.starts_on)


def in_force_between(versions: Sequence[ConventionVersion], first: date, last: date) -> list[ConventionVersion]:
    """The versions in force on any day from ``first`` to ``last``, of all ``versions`` in their order."""
    begun = [version for version in versions if version.starts_on <= last]
    return [v for n, v in enumerate(begun) if n + 1 == len(begun) or begun[n + 1].starts_on > first]


def settles_money_from(session: Session, day: date) -> bool:
    """Whether money goes between places on that day, or on a later one as far as is published."""
    return any(version.document["money"] for version in in_force_between(conventions(session), day, date.max))


def currency_of(session: Session) -> str | None:
    """The local currency that the network settles in, for good; None: euros, or it only counts so far (R16, R18)."""
    return next((each.document["currency"] for each in conventions(session) if each.document.get("currency")), None)


def require_euros(session: Session) -> None:
    """Raise ``local_currency`` where the network does not settle in euros: no bank knows of another currency (R18)."""
    if currency := currency_of(session):
        raise LOCAL_CURRENCY.error(currency=currency)


def conventions(session: Session) -> list[ConventionVersion]:
    """Every convention version, the first one first."""
    return list(session.scalars(select(ConventionVersion).order_by(ConventionVersion.number)))


def read_conventions(versions: Sequence[ConventionVersion]) -> dict[int, Convention]:
    """The rules of each version, by number, whatever is asked of new ones since they were published.

    Raises ``convention_gap`` where they do not follow one another (R7).
    """
    if flaws := timeline_flaws([(version.number, version.starts_on) for version in versions]):
        raise CONVENTION_GAP.error(flaws="; ".join(flaws))
    return {version.number: Convention.model_validate(version.document) for version in versions}


def check_document(session: Session, document: Mapping[str, Any], *, inside: str | None = None) -> Convention:
    """Read a version of the rules that is to be published. Raises ``convention_not_valid``, with each flaw.

    ``inside``: the field of a body that the document came in.
    """
    try:
        convention = Convention.model_validate(document)
        flaws = [*convention.contradictions(), *_unreadable_labels(convention), *_another_currency(session, convention)]
    except ValidationError as error:
        flaws = flaws_of(error, say_flaw)
    else:
        places = list(session.execute(select(Place.code, Place.zone)))
        codes = {code for code, _ in places}
        known = {"plan": {plan.code for plan in plans(session)}, "home": codes, "host": codes}
        flaws += convention.strangers(known | {"zone": {zone for _, zone in places}})
    if flaws:
        within = ("body",) if inside is None else ("body", inside)
        raise CONVENTION_NOT_VALID.error(errors=[SpokenFlaw(pointer_to((*within, *f.at)), f.en, f.fr) for f in flaws])
    return convention


def _another_currency(session: Session, convention: Convention) -> list[Flaw]:
    """A network settles in one currency for good: debts, credits and late visits go from a month to the next (R16).

    A month that was netted moved euros, whatever the rules were: homes had advanced bookings.
    """
    if not convention.money:
        return []
    paid = select(Period.month).where(Period.state.in_(("netted", "paid"))).limit(1)
    used = {each.document.get("currency") for each in conventions(session) if each.document["money"]}
    if not used and session.scalar(paid) is None:
        return []
    former = next(iter(used), None)
    if former == convention.currency:
        return []
    return [
        Flaw(
            ("currency",),
            f"the network settles in {former or 'euros'} already: its rules stay in the same currency",
            f"le réseau règle déjà en {former or 'euros'} : ses règles gardent la même monnaie",
        )
    ]


_LINE: Final[TypeAdapter[str]] = TypeAdapter(Line)


def _unreadable_labels(convention: Convention) -> list[Flaw]:
    flaws = []
    for position, rule in enumerate(convention.tariff):
        try:
            _LINE.validate_python(rule.label or "-")
        except ValidationError as error:
            flaws += [Flaw(("tariff", position, "label"), f.en, f.fr) for f in flaws_of(error, say_flaw)]
    return flaws


def publish_convention(
    session: Session, document: Mapping[str, Any], *, starts_on: date, at: datetime, actor: Actor
) -> ConventionVersion:
    """Publish the next version of the rules, in force from ``starts_on`` until a later one begins; immutable.

    Raises ``convention_not_valid`` (with each flaw), ``convention_overlaps``, ``convention_too_late``.
    """
    get_network(session)
    check_document(session, document)
    last = check_follows(session, starts_on)
    today = at.astimezone(FURTHEST_AHEAD).date()
    if starts_on <= today:
        raise CONVENTION_TOO_LATE.error(day=today)
    version = ConventionVersion(
        number=last.number + 1,
        starts_on=starts_on,
        document=dict(document),
        sha256=hash_document(document),
        published_at=at,
    )
    session.add(version)
    session.flush()
    record(session, actor, at, "convention.publish", ("convention", version.number), sha256=version.sha256)
    return version


def check_follows(session: Session, starts_on: date) -> ConventionVersion:
    """The last version, which one from ``starts_on`` on would follow. Raises ``convention_overlaps``."""
    last = conventions(session)[-1]
    if starts_on <= last.starts_on:
        raise CONVENTION_OVERLAPS.error(day=last.starts_on)
    return last


def one_at_a_time(session: Session) -> None:
    """Have nobody else publish or close a month, mark a payment, write an invoice or give anything away before we end.

    What one of them read before another wrote would be owed twice, or not at all. Taken before a month's own row.
    """
    session.execute(select(Network.id).with_for_update(key_share=True))


def period_states(session: Session) -> dict[str, str]:
    """The state of each month that has one; the others are open."""
    return {month: state for month, state in session.execute(select(Period.month, Period.state))}  # noqa: C416
