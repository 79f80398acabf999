"""Routes of the first start."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints

from passapp.accounts.access import CallerDep, Role, account_of_caller, allow, allow_anyone
from passapp.accounts.fields import Email, Locale
from passapp.accounts.sessions import begin_session
from passapp.accounts.shown import GrantPlace, Me
from passapp.first_start import service
from passapp.first_start.trial_mail import Outcome, send_trial_mail
from passapp.kernel.api import Body, Line, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.mail import Sender, language_named
from passapp.kernel.problems import may_answer
from passapp.network.service import NETWORK_EXISTS, get_network

router = APIRouter(tags=["first start"])


class SetUp(Body):
    """The network to found, and who coordinates it. The code stands in every pass, for ever."""

    secret: str = Field(min_length=1, max_length=200, description="From the address that the terminal shows.")
    name: Line = Field(examples=["Les lieux du bocage"])
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")] = Field(examples=["BOCAGE"])
    locale: Locale = "fr"
    person: Line = Field(examples=["Camille Martin"])
    email: Email = Field(examples=["camille@example.org"])


class FirstMember(Shown):
    """The first member."""

    id: UUID
    given_name: str
    family_name: str


class Progress(Shown):
    """How far the first start has come. `done`: a phone has read a trial pass, or a visit is counted."""

    place: GrantPlace | None
    member: FirstMember | None
    pass_id: UUID | None
    phones: int = Field(description="Phones paired with that place.")
    tried: bool = Field(description="One of them has read a trial pass.")
    done: bool


class MailSetUp(Shown):
    """Whether mails can leave, and how."""

    has_server: bool = Field(description="A mail server is named (PASSAPP_SMTP_URL).")
    sender: str = Field(description="The address that mails come from.")
    to: str = Field(description="Where the trial mail goes: your own address.")


class TrialMail(Shown):
    """What came of the trial mail: `sent`, or what was in the way."""

    outcome: Outcome


@router.post(
    "/set-up",
    operation_id="set_up",
    dependencies=[limited("set_up", times=20, minutes=10, failures_only=True), *allow_anyone()],
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(NETWORK_EXISTS, service.SET_UP_LINK_NOT_VALID),
)
def set_up(
    body: SetUp,
    request: Request,
    response: Response,
    session: SessionDep,
    now: NowDep,
    settings: SettingsDep,
    caller: CallerDep,
) -> Me:
    """Found the network of an empty deployment, once, and sign its coordination in."""
    wanted = service.NetworkWanted(body.code, body.name, body.locale, body.person, body.email)
    folders = (settings.data_dir, settings.keys_dir)
    account = service.set_up(session, wanted, body.secret, folders, at=now, address=caller.address)
    return begin_session(request, response, session, account, now=now, settings=settings, caller=caller, how="set_up")


@router.get("/set-up", operation_id="get_set_up", dependencies=allow(Role.COORDINATOR))
def get_set_up(session: SessionDep, now: NowDep) -> Progress:
    """How far the first start has come: what the assistant goes on from."""
    return Progress.model_validate(service.progress(session, at=now))


@router.get("/set-up/mail", operation_id="get_mail_set_up", dependencies=allow(Role.COORDINATOR))
def get_mail_set_up(session: SessionDep, settings: SettingsDep, caller: CallerDep) -> MailSetUp:
    """Whether a mail server is named, and who would get a trial mail from whom."""
    sender = Sender.of(settings, get_network(session).name)
    has_server = settings.demo or settings.smtp_url is not None
    return MailSetUp(has_server=has_server, sender=sender.address, to=account_of_caller(session, caller).email)


@router.post(
    "/set-up/trial-mail",
    operation_id="send_trial_mail",
    dependencies=[limited("trial_mail", times=10, minutes=10), *allow(Role.COORDINATOR)],
    response_model=TrialMail,
)
def post_trial_mail(session: SessionDep, settings: SettingsDep, now: NowDep, caller: CallerDep) -> StreamingResponse:
    """Send a trial mail to yourself, and say what came of it. The answer takes as long as the mail server does."""
    account = account_of_caller(session, caller)
    to, language, network = account.email, language_named(account.locale), get_network(session).name

    # An answer's content is made after its transaction: no writer may wait for a mail server.
    def outcome() -> Iterator[str]:
        yield TrialMail(outcome=send_trial_mail(settings, to, language, network, at=now)).model_dump_json()

    return StreamingResponse(outcome(), media_type="application/json")
