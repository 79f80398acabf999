"""Routes of signing in at the network's own identity provider, and which ways to sign in there are."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import Field

from passapp.accounts import provider
from passapp.accounts.access import CallerDep, Declaration, account_of_caller, allow_anyone, allow_oneself
from passapp.accounts.challenges import CHALLENGE_OVER, answered, ask
from passapp.accounts.passkeys import may_have_passkeys
from passapp.accounts.provider import Identity, Provider
from passapp.accounts.rules import safe_next
from passapp.accounts.sessions import begin_session
from passapp.accounts.shown import Me
from passapp.kernel.api import Body, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.mail import SEND_SOON
from passapp.kernel.problems import may_answer

router = APIRouter(tags=["accounts"])

PRINTABLE = "^[ -~]+$"
"""What OAuth's parameters are made of (RFC 6749, appendix A)."""


class _AnyoneUnhurried(Declaration):
    """Anybody may call. Unlike ``allow_anyone`` it opens no transaction: the provider may take seconds to answer."""

    async def __call__(self) -> None:
        """Refuse nobody."""


ANYONE_UNHURRIED = Depends(_AnyoneUnhurried(frozenset()))


class Ways(Shown):
    """How people may sign in here."""

    mail: bool = Field(description="Links by mail: a mail server is set, or this is the demo.")
    passkeys: bool = Field(description="Passkeys: this deployment's address has a name.")
    provider: str | None = Field(description="The network's identity provider, if it has one.", examples=["Moncompte"])


class Departure(Body):
    """Where to go once signed in."""

    next: str | None = Field(default=None, max_length=2000, examples=["/pass"])


class Destination(Shown):
    """Where the browser goes next: the provider's page."""

    url: str = Field(examples=["https://id.example.org/auth?client_id=passapp"])


class Return(Body):
    """What the provider's redirect carries back."""

    code: str = Field(max_length=4000, pattern=PRINTABLE, examples=["SplxlOBeZQQYbYS6WxSbIA"])
    state: str = Field(max_length=500, pattern=PRINTABLE, examples=["af0ifjsldkj"])
    iss: str | None = Field(default=None, max_length=1000, pattern=PRINTABLE, examples=["https://id.example.org"])


class SignedIn(Shown):
    """Who is signed in, and where they wanted to go."""

    me: Me
    next: str = Field(examples=["/pass"])


class IdentityShown(Shown):
    """A provider that signs me in."""

    issuer: str = Field(examples=["https://id.example.org"])
    linked_at: datetime


class Identities(Shown):
    """The providers that sign me in, the first linked first."""

    items: list[IdentityShown]


class _Comer(Shown):
    """Somebody who came back."""

    identity: Identity
    next: str


def _provider(request: Request, settings: SettingsDep, now: NowDep) -> Provider:
    known: Provider | None = getattr(request.app.state, "provider", None)
    request.app.state.provider = found = provider.discover(settings, known, now=now)
    return found


ProviderDep = Annotated[Provider, Depends(_provider)]


def _comer(body: Return, request: Request, found: ProviderDep, settings: SettingsDep, now: NowDep) -> _Comer:
    """Who came back. The state is used up in a transaction of its own, before the provider is asked."""
    with request.app.state.database.write() as session:
        asked = answered(request, session, "provider", at=now)
    identity = provider.identify(settings, found, asked, code=body.code, state=body.state, issuer=body.iss, now=now)
    return _Comer(identity=identity, next=asked["next"])


@router.get("/sign-in/ways", operation_id="get_sign_in_ways", dependencies=allow_anyone())
def get_sign_in_ways(settings: SettingsDep) -> Ways:
    """How people may sign in here."""
    return Ways(
        mail=settings.smtp_url is not None or settings.demo,
        passkeys=may_have_passkeys(settings),
        provider=provider.provider_name(settings),
    )


@router.post(
    "/sign-in/provider/start",
    operation_id="start_at_provider",
    dependencies=[limited("provider", times=100, minutes=10), ANYONE_UNHURRIED],
    responses=may_answer(provider.NO_PROVIDER, provider.PROVIDER_UNAVAILABLE),
)
def start_at_provider(
    body: Departure,
    request: Request,
    response: Response,
    found: ProviderDep,  # before the session: see ANYONE_UNHURRIED
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
) -> Destination:
    """Where to send this browser to sign in at the provider; it must be back within five minutes."""
    url, asked = provider.address_to_leave_for(settings, found)
    ask(request, response, session, "provider", asked | {"next": safe_next(body.next)}, at=now)
    return Destination(url=url)


@router.post(
    "/sign-in/provider/finish",
    operation_id="finish_at_provider",
    dependencies=[limited("provider_answer", times=30, minutes=15, failures_only=True), ANYONE_UNHURRIED, SEND_SOON],
    responses=may_answer(
        CHALLENGE_OVER,
        provider.NO_PROVIDER,
        provider.PROVIDER_UNAVAILABLE,
        provider.PROVIDER_ANSWER_NOT_VALID,
        provider.NOT_ONE_OF_US,
        provider.EMAIL_NOT_VERIFIED,
    ),
)
def finish_at_provider(
    request: Request,
    response: Response,
    comer: Annotated[_Comer, Depends(_comer)],  # before the session: see ANYONE_UNHURRIED
    session: SessionDep,
    caller: CallerDep,
    settings: SettingsDep,
    now: NowDep,
) -> SignedIn:
    """Open a new session for whom the provider vouches for; the browser's old one ends."""
    account = provider.account_of(session, comer.identity, settings=settings, at=now, address=caller.address)
    me = begin_session(request, response, session, account, now=now, settings=settings, caller=caller, how="provider")
    return SignedIn(me=me, next=comer.next)


@router.get("/me/identities", operation_id="list_my_identities", dependencies=allow_oneself())
def list_my_identities(session: SessionDep, caller: CallerDep) -> Identities:
    """Which identity providers sign me in."""
    mine = provider.identities_of(session, account_of_caller(session, caller).id)
    return Identities(items=[IdentityShown.model_validate(identity) for identity in mine])


@router.delete(
    "/me/identities",
    operation_id="unlink_my_identities",
    dependencies=[*allow_oneself(), SEND_SOON],
    status_code=status.HTTP_204_NO_CONTENT,
)
def unlink_my_identities(session: SessionDep, caller: CallerDep, now: NowDep) -> None:
    """Unlink my account from the identity provider; my other ways to sign in stay."""
    account = account_of_caller(session, caller)
    provider.unlink_identities(session, account.id, at=now, actor=caller.actor)
