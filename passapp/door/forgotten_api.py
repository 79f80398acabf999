"""Route of visits that nobody scanned."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, model_validator

from passapp.accounts.access import CallerDep, allow
from passapp.accounts.rules import Role
from passapp.door.api import ByName, ChoiceShown, ShortCode
from passapp.door.cases import SaidName
from passapp.door.forgotten import STILL_TO_COME, TOO_LONG_AGO, Forgotten, add_forgotten
from passapp.door.pairing import NO_DOOR_HERE
from passapp.door.rules import Colour, Verdict, pseudonym
from passapp.door.service import SCAN_ID_REUSED, TOO_MANY_CODES
from passapp.door.today_api import NameToday
from passapp.kernel.api import Body, Day, Instant, NowDep, Sentence, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.mail import SEND_SOON
from passapp.kernel.problems import may_answer
from passapp.passes.keys import pseudonym_key
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["door"])


class ForgottenWanted(Body):
    """Somebody who came and was not scanned: whose short code it is, or who said their name and a second thing.

    `id` is made by the page; sent again, it is answered the same.
    """

    id: UUID
    day: Day | None = Field(default=None, description="The local date, where the hour is not known.")
    at: Instant | None = None
    short_code: ShortCode | None = Field(default=None, examples=["K7M2-9QX4"])
    by_name: ByName | None = None
    home_id: UUID | None = Field(default=None, description="Who pays, chosen after the verdict `ambiguous`.")
    reason: Sentence = Field(examples=["Le téléphone d'accueil était déchargé"])

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.day is None) == (self.at is None) or (self.short_code is None) == (self.by_name is None):
            msg = "send one of day and at, and one of short_code and by_name"
            raise ValueError(msg)
        return self

    @property
    def forgotten(self) -> Forgotten:
        """The same as the service takes it."""
        return Forgotten(
            id=self.id,
            reason=self.reason,
            day=self.day,
            at=self.at,
            short_code=self.short_code,
            by_name=SaidName(self.by_name.name, self.by_name.second) if self.by_name else None,
            home_id=self.home_id,
        )


class ForgottenAnswer(Shown):
    """What a door would have said then. Only `ok` and `ok_again` add a visit, or say that it was counted."""

    check_in_id: UUID
    verdict: Verdict
    colour: Colour
    name: NameToday | None
    home: str | None
    choices: list[ChoiceShown]


@router.post(
    "/places/{place_id}/forgotten-visits",
    operation_id="add_forgotten_visit",
    dependencies=[SEND_SOON, *allow(Role.HOST, Role.MANAGER)],
    responses=may_answer(PLACE_UNKNOWN, NO_DOOR_HERE, TOO_LONG_AGO, STILL_TO_COME, SCAN_ID_REUSED, TOO_MANY_CODES),
)
def add_forgotten_visit(
    place_id: UUID,
    body: ForgottenWanted,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    caller: CallerDep,
) -> ForgottenAnswer:
    """Add a visit of today or of the 7 days before. The member is told by mail, their home place on its page."""
    place = get_place(session, place_id)
    answer = add_forgotten(session, place, body.forgotten, caller, now=now)
    row, seen = answer.check_in, answer.member
    verdict = Verdict(row.verdict)
    key = pseudonym_key(settings.keys_dir)
    return ForgottenAnswer(
        check_in_id=row.id,
        verdict=verdict,
        colour=verdict.colour,
        name=NameToday(
            given_name=seen.given_name,
            initial=seen.initial,
            pseudonym=pseudonym(key, place.id, seen.member_id),
        )
        if seen
        else None,
        home=seen.home if seen else None,
        choices=[ChoiceShown.model_validate(choice) for choice in answer.choices],
    )
