"""Routes of the door: check-ins."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from sqlalchemy.orm import Session

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.door import service
from passapp.door.answering import Answer, Seen
from passapp.door.at_place import CHECK_IN_UNKNOWN
from passapp.door.calling import Calling, allow_doors, at_the_door
from passapp.door.cases import SaidName, Scan
from passapp.door.rules import Colour, FollowUpKind, Verdict
from passapp.kernel.api import Body, DeviceInstant, NowDep, Sentence, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.problems import (
    INVALID_REQUEST,
    Language,
    Problem,
    ProblemDetails,
    field_problems,
    language_of,
    may_answer,
)

router = APIRouter(tags=["door"])

LIVE_PREFIX = "CP1:"


def _bare(text: str) -> str:
    # USB scanners type an end of line after a code. A live pass is base45, whose last symbol can be a space.
    return text.strip("\r\n\t") if text.startswith(LIVE_PREFIX) else text.strip()


PassText = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=1, max_length=4096),
    AfterValidator(_bare),
]
ShortCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]
BATCH_LIMIT = 500


class ByName(Body):
    """A name as the person said it, and a second thing that only they know; neither is shown or kept."""

    name: Sentence = Field(examples=["Léa Bernard"], description="Given and family name, in either order.")
    second: Sentence = Field(examples=["lea@example.org"], description="Their e-mail address or reference.")


class Override(Body):
    """The host let them in all the same, before the network could be asked."""

    reason: Sentence = Field(examples=["Je connais cette personne"])


class CheckInWanted(Body):
    """One scan: the pass as its QR said, or what somebody typed: a short code whose name was confirmed, or a name.

    `id` is made by the device and never used again for another scan. `device_now` is its clock when it sends. `shown`
    and `override` may come with a scan that is sent again: what its host did since does not make it another scan.
    """

    id: UUID
    pass_: PassText | None = Field(default=None, alias="pass")
    short_code: ShortCode | None = Field(default=None, examples=["K7M2-9QX4"])
    by_name: ByName | None = Field(default=None, description="Not in a batch: a device keeps no such thing.")
    home_id: UUID | None = Field(default=None, description="The home that pays, chosen after `ambiguous`.")
    full_day: bool = Field(default=False, description="The host declares a full day: two units where half days count.")
    attended: bool = Field(
        default=True, description="False: a tablet by itself. Evidence `self`, reviewed by the place."
    )
    scanned_at: DeviceInstant = Field(description="When, by the device's clock, right or wrong.")
    device_now: DeviceInstant
    list_iat: int | None = Field(default=None, ge=0, le=2**32, description="`iat` of the door's status list.")
    shown: Verdict | None = Field(
        default=None, description="What the door showed by itself, where no answer came in time. It decides no rule."
    )
    override: Override | None = None

    @model_validator(mode="after")
    def _one_thing_shown(self) -> Self:
        if [self.pass_, self.short_code, self.by_name].count(None) != 2:  # noqa: PLR2004
            msg = "send one of pass, short_code and by_name"
            raise ValueError(msg)
        if not self.attended and self.pass_ is None:
            msg = "somebody typed: send attended true"
            raise ValueError(msg)
        return self

    @property
    def scan(self) -> Scan:
        """The same as the service takes it."""
        return Scan(
            id=self.id,
            scanned_at=self.scanned_at,
            device_now=self.device_now,
            pass_text=self.pass_,
            short_code=self.short_code,
            by_name=SaidName(self.by_name.name, self.by_name.second) if self.by_name else None,
            home_id=self.home_id,
            full_day=self.full_day,
            attended=self.attended,
            shown=self.shown,
            override=self.override.reason if self.override else None,
            list_iat=datetime.fromtimestamp(self.list_iat, UTC) if self.list_iat is not None else None,
        )


class _KeptScan(CheckInWanted):
    """A scan that a device kept. What somebody said to prove a name is never kept."""

    by_name: None = None


class SeenMember(Shown):
    """What a host sees of a person: two of the same name and initial have different pseudonyms."""

    given_name: str
    initial: str
    pseudonym: str = Field(description="Of this person at this place; another one elsewhere.", examples=["K7M-2QX"])
    home: str | None


class ChoiceShown(Shown):
    """A home that could pay."""

    home_id: UUID
    home: str


class HouseRulesShown(Shown):
    """A place's house rules."""

    version: int
    text: str


class CheckInAnswer(Shown):
    """The verdict. A refusal is an answer too, and stands in a 200."""

    id: UUID = Field(description="The scan's own id.")
    check_in_id: UUID
    verdict: Verdict
    colour: Colour
    replayed: bool = Field(description="This scan came before, and was answered like this then.")
    scanned_at: datetime = Field(description="Corrected by the device's clock error.")
    local_date: date
    member: SeenMember | None
    first_check_in_at: datetime | None
    check_name: bool = Field(description="Anybody could hold this card: check the name or the photo.")
    choices: list[ChoiceShown]
    outcome: Literal["conflict", "rejected_late"] | None = Field(
        description="An offline door let them in and should not have: a manager judges, or settlement R19 does."
    )
    may_override: bool = Field(description="The host may let them in all the same, with a reason.")
    may_check_out: bool = Field(description="The place writes down who leaves.")
    attention: str | None = Field(description="What they want whoever receives them to know.")
    house_rules: HouseRulesShown | None = Field(description="To accept: they have not yet.")
    message: str | None = Field(description="The day's message at this place.")


class Batch(Body):
    """Up to 500 scans. Each is validated by itself: one that is not valid spoils no other."""

    items: list[Any] = Field(
        min_length=1,
        max_length=BATCH_LIMIT,
        json_schema_extra={"items": {"$ref": "#/components/schemas/CheckInWanted"}},
    )


class BatchOutcome(Shown):
    """What became of one item: an answer, or a problem."""

    index: int
    id: UUID | None
    answer: CheckInAnswer | None = None
    problem: ProblemDetails | None = None


class BatchOutcomes(Shown):
    """One outcome per item, in order."""

    outcomes: list[BatchOutcome]


class LookUpWanted(Body):
    """A short code that somebody read out."""

    short_code: ShortCode = Field(examples=["K7M2-9QX4"])


class LookUpAnswer(Shown):
    """Whose it is: ask the person for their name before letting them in."""

    found: bool
    member: SeenMember | None


class Undo(Body):
    """Why a check-in is taken back."""

    reason: Sentence = Field(examples=["Scanné deux fois par erreur"])


class Undone(Shown):
    """A check-in that was taken back."""

    check_in_id: UUID


_ITEM = TypeAdapter(_KeptScan)


def _show_member(seen: Seen | None, calling: Calling) -> SeenMember | None:
    if seen is None:
        return None
    return SeenMember(
        given_name=seen.given_name,
        initial=seen.initial,
        pseudonym=calling.pseudonym_of(seen.member_id),
        home=seen.home,
    )


Outcome = Literal["conflict", "rejected_late"]
_LEFT_OPEN: Final[dict[FollowUpKind, Outcome]] = {
    FollowUpKind.CONFLICT: "conflict",
    FollowUpKind.REJECTED_LATE: "rejected_late",
}


def _show_answer(answer: Answer, calling: Calling) -> CheckInAnswer:
    row = answer.check_in
    verdict = Verdict(row.verdict)
    return CheckInAnswer(
        id=row.scan_id,
        check_in_id=row.id,
        verdict=verdict,
        colour=verdict.colour,
        replayed=answer.replayed,
        scanned_at=row.scanned_at,
        local_date=row.local_date,
        member=_show_member(answer.member, calling),
        first_check_in_at=answer.first_at,
        check_name=verdict.admits and row.form in {"card", "manual"},
        choices=[ChoiceShown.model_validate(choice) for choice in answer.choices],
        outcome=next((said for kind, said in _LEFT_OPEN.items() if kind in answer.follow_ups), None),
        may_override=answer.may_override,
        may_check_out=answer.may_check_out,
        attention=answer.attention,
        house_rules=HouseRulesShown.model_validate(answer.house_rules) if answer.house_rules else None,
        message=answer.message,
    )


@router.post(
    "/check-ins",
    operation_id="check_in",
    dependencies=allow_doors(),
    response_model=CheckInAnswer,
    responses=may_answer(service.SCAN_ID_REUSED, service.TOO_MANY_CODES),
)
async def check_in(body: CheckInWanted, request: Request, now: NowDep) -> Response:
    """Check somebody in. Sent again with the same id, it is answered the same."""

    def deed(session: Session, calling: Calling) -> CheckInAnswer:
        [outcome] = _check_in(session, calling, [body.scan], now)
        if isinstance(outcome, Problem):
            raise outcome
        return _show_answer(outcome, calling)

    return await at_the_door(request, now, deed)


@router.post(
    "/check-ins/batch",
    operation_id="check_in_batch",
    dependencies=allow_doors(),
    response_model=BatchOutcomes,
)
async def check_in_batch(body: Batch, request: Request, now: NowDep) -> Response:
    """Send scans that were kept while offline. One outcome per item; a device forgets an item only then."""
    language = language_of(request)

    def deed(session: Session, calling: Calling) -> BatchOutcomes:
        scans, outcomes = read_kept_scans(body.items, language)
        answers = _check_in(session, calling, list(scans.values()), now)
        for (index, scan), outcome in zip(scans.items(), answers, strict=True):
            if isinstance(outcome, Problem):
                outcomes[index] = BatchOutcome(index=index, id=scan.id, problem=outcome.details(language))
            else:
                outcomes[index] = BatchOutcome(index=index, id=scan.id, answer=_show_answer(outcome, calling))
        return BatchOutcomes(outcomes=[outcomes[index] for index in range(len(body.items))])

    return await at_the_door(request, now, deed)


def _check_in(session: Session, calling: Calling, scans: list[Scan], now: datetime) -> list[Answer | Problem]:
    """What becomes of scans that a door sends itself."""
    return service.check_in(
        session, calling.door, scans, now=now, terms=calling.terms, policy=calling.policy, seal=calling.seal
    )


def read_kept_scans(items: list[Any], language: Language) -> tuple[dict[int, Scan], dict[int, BatchOutcome]]:
    """The scans among what a device kept, and what is wrong with the others, each by its index."""
    scans: dict[int, Scan] = {}
    problems: dict[int, BatchOutcome] = {}
    for index, item in enumerate(items):
        try:
            scans[index] = _ITEM.validate_python(item).scan
        except ValidationError as error:
            details = INVALID_REQUEST.details(language, errors=field_problems(_in_body(error), language))
            problems[index] = BatchOutcome(index=index, id=_id_of(item), problem=details)
    return scans, problems


def _in_body(error: ValidationError) -> list[dict[str, Any]]:
    return [{**e, "loc": ("body", *e["loc"])} for e in error.errors(include_url=False, include_input=False)]


def _id_of(item: Any) -> UUID | None:  # noqa: ANN401  (whatever was sent)
    try:
        return UUID(item["id"])
    except (KeyError, ValueError, AttributeError, TypeError):
        return None


@router.post(
    "/check-ins/{check_in_id}/undo",
    operation_id="undo_check_in",
    dependencies=allow(Role.DOOR, Role.MANAGER, Role.COORDINATOR),
    responses=may_answer(CHECK_IN_UNKNOWN, service.NOTHING_TO_UNDO, service.MONTH_CLOSED),
)
def undo_check_in(check_in_id: UUID, body: Undo, session: SessionDep, now: NowDep, caller: CallerDep) -> Undone:
    """Take a check-in back. The next one of that day, if there is one, opens the visit instead."""
    return Undone(check_in_id=service.undo_check_in(session, check_in_id, body.reason, caller, now=now).id)


@router.post(
    "/short-codes/look-up",
    operation_id="look_up_short_code",
    dependencies=allow_doors(),
    response_model=LookUpAnswer,
    responses=may_answer(service.TOO_MANY_CODES),
)
async def look_up_short_code(body: LookUpWanted, request: Request, now: NowDep) -> Response:
    """Whose short code it is. A POST, because who looked is written down."""

    def deed(session: Session, calling: Calling) -> LookUpAnswer:
        seen = service.look_up(session, calling.door, body.short_code, now=now)
        return LookUpAnswer(found=seen is not None, member=_show_member(seen, calling))

    return await at_the_door(request, now, deed)
