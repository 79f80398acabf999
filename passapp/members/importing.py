"""Importing members from a CSV file: all of it or nothing, and a dry run that says exactly what would change."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from passapp.kernel.audit import Actor, record
from passapp.kernel.problems import ProblemType
from passapp.members.csv_file import LineError, MemberRow, ReadFile
from passapp.members.homes import NOT_THEIR_HOME, keeper_elsewhere, memberships_of
from passapp.members.models import Member, Membership
from passapp.members.rules import Held, NoMove, Within, takes_over, why_not_move
from passapp.members.service import (
    EMAIL_BY_PEOPLE,
    MOVE_IN_THE_PAST,
    NewMembership,
    add_members,
    add_membership,
    change_members,
    change_memberships,
    email_is_for_people,
    home_on,
    is_within,
    move_home,
    today_at,
    with_changed,
    with_new,
)
from passapp.network.service import plans
from passapp.places.models import Place


@dataclass(frozen=True)
class Difference:
    """A field that would change."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Created:
    """A line that adds a person."""

    line: int
    name: str


@dataclass(frozen=True)
class Changed(Created):
    """A line that changes a person."""

    differences: list[Difference]


@dataclass(frozen=True)
class Duplicate:
    """A line that says again what an earlier line said."""

    line: int
    first_line: int
    name: str


@dataclass
class ImportReport:
    """What an import did, or would do."""

    rows: int
    is_old_encoding: bool
    created: list[Created] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: int = 0
    duplicates: list[Duplicate] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    imported: bool = False


NOT_YOURS_TO_MOVE = (
    "This member's present home is another place: ask the coordination to move them.",
    "Le lieu actuel de ce membre est un autre : demandez le changement à la coordination.",
)
MOVE_TOO_EARLY = (
    "The present membership starts on that day or later: move from a later day.",
    "L'abonnement actuel commence ce jour-là ou après : déplacez à partir d'un jour suivant.",
)


@dataclass
class _Importer:
    session: Session
    within: Within | None
    at: datetime
    actor: Actor
    report: ImportReport
    added: list[tuple[dict[str, Any], NewMembership]] = field(default_factory=list)
    changed: list[tuple[Member, dict[str, Any]]] = field(default_factory=list)
    memberships_changed: list[tuple[Membership, dict[str, Any]]] = field(default_factory=list)
    homes_given: list[Callable[[], object]] = field(default_factory=list)
    spoken_of: dict[UUID, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        everybody = list(self.session.scalars(select(Member).options(selectinload(Member.memberships))))
        self.by_reference = {m.reference: m for m in everybody if m.reference}
        self.by_email = {m.email: m for m in everybody if m.email}
        self.by_name: dict[tuple[str, str, UUID], list[Member]] = {}
        for member in everybody:
            for home in {m.place_id for m in member.memberships}:
                key = (member.given_name.casefold(), member.family_name.casefold(), home)
                self.by_name.setdefault(key, []).append(member)
        places = list(self.session.scalars(select(Place)))
        self.places: dict[str, list[Place]] = {}
        for place in places:
            for name in {place.code, place.name.casefold()}:
                self.places.setdefault(name, []).append(place)
        # Held whole, so that the services find each plan in the session.
        self.plans = {plan.code: plan for plan in plans(self.session)}

    def carry_out(self) -> None:
        """Do what the lines say, in a few statements whatever their number; homes that change, one by one."""
        add_members(self.session, self.added, at=self.at, actor=self.actor)
        change_members(self.session, self.changed, at=self.at, actor=self.actor)
        change_memberships(self.session, self.memberships_changed, at=self.at, actor=self.actor)
        for give_home in self.homes_given:
            give_home()

    def plan_line(self, row: MemberRow) -> None:
        """Work out what one line does; it is done only when every line is good."""
        place = self._place(row)
        if row.plan not in self.plans:
            known = ", ".join(sorted(self.plans))
            self._error(
                row,
                "plan",
                "plan_unknown",
                f"No such plan. Known: {known}.",
                f"Formule inconnue. Connues : {known}.",
            )
        if place is None or row.plan not in self.plans:
            return
        member = self._match(row, place)
        if member is not None and self.spoken_of.setdefault(member.id, row.line) != row.line:
            self.report.errors.append(_contradicts(row, self.spoken_of[member.id]))
        elif member is None:
            if self._is_reversed(row, self._first_day(row, place)):
                return
            self.report.created.append(Created(row.line, row.name))
            who = {name: getattr(row, name) for name in ("given_name", "family_name", "email", "reference")}
            self.added.append((who, self._membership(row, place)))
        elif not is_within(member, self.within):
            column = "reference" if row.reference in self.by_reference else "email"
            self._error(
                row,
                column,
                f"{column}_taken",
                "Already used by a member of another place.",
                "Déjà utilisé par un membre d'un autre lieu.",
            )
        else:
            self._plan_change(row, place, member)

    def _place(self, row: MemberRow) -> Place | None:
        found = self.places.get(row.home.casefold(), [])
        if len(found) != 1:
            self._error(
                row,
                "home",
                "place_unknown",
                "No such place: write its name or code.",
                "Lieu inconnu : écrivez son nom ou son code.",
            )
            return None
        if self.within is not None and found[0].id not in self.within.places:
            self._error(
                row,
                "home",
                "not_your_place",
                "You do not manage this place.",
                "Vous n'êtes pas responsable de ce lieu.",
            )
            return None
        return found[0]

    def _match(self, row: MemberRow, place: Place) -> Member | None:
        """The person this line speaks of: by reference, else by e-mail, else by name at that home."""
        if row.reference in self.by_reference:
            return self.by_reference[row.reference]
        if row.email in self.by_email:
            return self.by_email[row.email]
        same_name = self.by_name.get((row.given_name.casefold(), row.family_name.casefold(), place.id), [])
        # Somebody known by another reference or address is somebody else of the same name.
        others = [
            m
            for m in same_name
            if not (row.reference and m.reference and row.reference != m.reference)
            and not (row.email and m.email and row.email != m.email)
        ]
        return others[0] if len(others) == 1 else None

    def _plan_change(self, row: MemberRow, place: Place, member: Member) -> None:
        who = self._changes(row, member, ("given_name", "family_name", "email", "reference"))
        if self._may_not_change(row, member, who) or self._is_taken(row, member, who):
            return
        differences = [Difference(name, _text(getattr(member, name)), _text(value)) for name, value in who.items()]
        first_day = self._first_day(row, place)
        present = next((m for m in member.memberships if m.place_id == place.id and _runs_after(m, first_day)), None)
        what: dict[str, Any] = {}
        if present is not None:
            what = self._changes(row, present, ("plan", "tier", "priority", "last_day"))
            if self._takes_over(row, member, with_changed(present, what)):
                return
            differences += [Difference(k, _text(getattr(present, k)), _text(v)) for k, v in what.items()]
        else:
            here = home_on(member, first_day)
            differences.append(Difference("home", here.place.name if here else None, place.name))
            if self._may_not_come(row, member, here, place):
                return
        if self._is_reversed(row, present.first_day if present else first_day):
            return
        if not differences:
            self.report.unchanged += 1
            return
        self.report.changed.append(Changed(row.line, row.name, differences))
        if who:
            self.changed.append((member, who))
        if present is None:
            self.homes_given.append(lambda: self._give_home(row, place, member))
        elif what:
            self.memberships_changed.append((present, what))

    def _may_not_change(self, row: MemberRow, member: Member, who: dict[str, Any]) -> bool:
        """Whether who the member is may not be changed so, by this file; says so in the report."""
        keeper = keeper_elsewhere(member, self.within)
        if who and keeper is not None:
            column = next(iter(who))
            self._problem(row, column, NOT_THEIR_HOME, place=keeper.name)
            return True
        if "email" in who and email_is_for_people(member, self.actor):
            self._problem(row, "email", EMAIL_BY_PEOPLE)
            return True
        return False

    def _takes_over(self, row: MemberRow, member: Member, after: list[Held]) -> bool:
        """Whether, with these memberships, a second home would pay instead of the main one; says so in the report."""
        keeper = keeper_elsewhere(member, self.within)
        if self.within is None or keeper is None or not takes_over(self.within, memberships_of(member), after):
            return False
        self._problem(row, "priority", NOT_THEIR_HOME, place=keeper.name)
        return True

    def _may_not_come(self, row: MemberRow, member: Member, here: Membership | None, place: Place) -> bool:
        """Whether the member cannot leave that home (None: come from none) on the line's day; says so in the report."""
        if here is None:
            return self._takes_over(row, member, with_new(member, self._membership(row, place)))
        first_day = self._first_day(row, place)
        refusal = why_not_move(self.within, here.place_id, here.first_day, first_day, today_at(place, self.at))
        match refusal:
            case NoMove.NOT_YOURS:
                self._error(row, "home", "not_your_place", *NOT_YOURS_TO_MOVE)
            case NoMove.IN_THE_PAST:
                self._problem(row, "first_day", MOVE_IN_THE_PAST)
            case NoMove.TOO_EARLY:
                self._error(row, "first_day", "move_too_early", *MOVE_TOO_EARLY)
        return refusal is not None

    def _changes(self, row: MemberRow, known: object, fields: tuple[str, ...]) -> dict[str, Any]:
        """What a line says otherwise than we know it; an empty cell says nothing."""
        said = {name: getattr(row, name) for name in fields}
        return {name: value for name, value in said.items() if value not in {None, getattr(known, name)}}

    def _is_taken(self, row: MemberRow, member: Member, who: dict[str, Any]) -> bool:
        """Whether another member has this e-mail or reference; says so in the report."""
        for name, known in (("email", self.by_email), ("reference", self.by_reference)):
            if known.get(who.get(name, ""), member) is not member:
                self._error(row, name, f"{name}_taken", "Another member already has it.", "Un autre membre l'a déjà.")
                return True
        return False

    def _is_reversed(self, row: MemberRow, first_day: date) -> bool:
        """Whether a membership would end before it begins; says so in the report."""
        if row.last_day is None or row.last_day >= first_day:
            return False
        self._error(row, "last_day", "dates_reversed", "Ends before it begins.", "Finit avant de commencer.")
        return True

    def _membership(self, row: MemberRow, place: Place) -> NewMembership:
        first_day = self._first_day(row, place)
        return NewMembership(place.id, row.plan, first_day, row.last_day, row.tier, row.priority or 1)

    def _give_home(self, row: MemberRow, place: Place, member: Member) -> None:
        """Move from the home of that day, or come back to one after a time without any."""
        first_day = self._first_day(row, place)
        if home_on(member, first_day) is None:
            add_membership(self.session, member, self._membership(row, place), at=self.at, actor=self.actor)
        else:
            plan, tier = row.plan, row.tier
            move_home(self.session, member, place, first_day, plan=plan, tier=tier, at=self.at, actor=self.actor)

    def _first_day(self, row: MemberRow, place: Place) -> date:
        return row.first_day or today_at(place, self.at)

    def _problem(self, row: MemberRow, column: str, problem: ProblemType, **values: str) -> None:
        self._error(row, column, problem.code, problem.en.format(**values), problem.fr.format(**values))

    def _error(self, row: MemberRow, column: str, code: str, en: str, fr: str) -> None:
        self.report.errors.append(LineError(row.line, column, code, en, fr))


def import_members(
    session: Session,
    file: ReadFile,
    *,
    within: Within | None,
    dry_run: bool,
    at: datetime,
    actor: Actor,
) -> ImportReport:
    """Import a file of members, whole, unless any line has an error or ``dry_run`` asks only for the report.

    ``within``: whose members may be written (None: everybody's). A cell left empty changes nothing.
    """
    report = ImportReport(rows=file.total, is_old_encoding=file.is_old_encoding, errors=list(file.errors))
    importer = _Importer(session, within, at, actor, report)
    first: dict[object, MemberRow] = {}
    for row in file.rows:
        keys: list[object] = [("reference", row.reference)] if row.reference else []
        keys += [("email", row.email)] if row.email else []
        keys = keys or [("name", row.given_name.casefold(), row.family_name.casefold(), row.home.casefold())]
        earlier = next((first[key] for key in keys if key in first), None)
        if earlier is None:
            first |= dict.fromkeys(keys, row)
            importer.plan_line(row)
        elif earlier.model_dump() == row.model_dump():
            report.duplicates.append(Duplicate(row.line, earlier.line, row.name))
        else:
            report.errors.append(_contradicts(row, earlier.line))
    report.errors.sort(key=lambda error: (error.line, error.column or ""))
    if not report.errors and not dry_run:
        importer.carry_out()
        report.imported = True
        created, changed = len(report.created), len(report.changed)
        record(session, actor, at, "members.import", ("network", None), created=created, changed=changed)
    return report


def _runs_after(membership: Membership, first_day: date) -> bool:
    return membership.last_day is None or membership.last_day >= first_day


def _contradicts(row: MemberRow, line: int) -> LineError:
    return LineError(
        row.line,
        None,
        "contradicts_line",
        f"The same person as line {line}, with other values.",
        f"La même personne qu'à la ligne {line}, avec d'autres valeurs.",
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
