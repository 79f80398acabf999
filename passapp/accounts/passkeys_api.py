"""Routes of passkeys: a person's own, and signing in with one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response, status
from pydantic import Field

from passapp.accounts import passkeys
from passapp.accounts.access import CallerDep, account_of_caller, allow_anyone, allow_oneself
from passapp.accounts.challenges import CHALLENGE_OVER, answered, ask
from passapp.accounts.sessions import begin_session, device_named
from passapp.accounts.shown import Me
from passapp.kernel.api import Body, Line, NowDep, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.mail import SEND_SOON
from passapp.kernel.problems import language_of, may_answer

router = APIRouter(tags=["accounts"])

PERSON = allow_oneself()
QUESTIONS = limited("challenge", times=200, minutes=10)
"""Anybody may be asked, and each question is kept for five minutes: not without end."""
A_PASSKEY = {"fr": "Clé d'accès", "en": "Passkey"}
"""What it is called where neither the person nor the browser says."""


class PasskeyShown(Shown):
    """One of my passkeys."""

    id: UUID
    name: str = Field(examples=["Safari, iPhone"])
    created_at: datetime
    last_used_at: datetime | None


class Passkeys(Shown):
    """My passkeys."""

    items: list[PasskeyShown]


class Question(Shown):
    """What the browser hands to ``navigator.credentials``, as WebAuthn's JSON; bytes are base64url."""

    options: dict[str, Any] = Field(examples=[{"challenge": "9rN2…", "rpId": "pass.example.org"}])


class PasskeyWanted(Body):
    """The passkey that a device made."""

    credential: dict[str, Any] = Field(description="WebAuthn's `RegistrationResponseJSON`.")
    name: Line | None = Field(default=None, description="What to call it; by default, by the browser that made it.")


class PasskeyChange(Body):
    """What a passkey is called."""

    name: Line = Field(examples=["Mon téléphone"])


class PasskeyAnswer(Body):
    """What a device answered with a passkey."""

    credential: dict[str, Any] = Field(description="WebAuthn's `AuthenticationResponseJSON`.")


@router.get("/me/passkeys", operation_id="list_my_passkeys", dependencies=PERSON)
def list_my_passkeys(session: SessionDep, caller: CallerDep) -> Passkeys:
    """My passkeys, the oldest first."""
    mine = passkeys.passkeys_of(session, account_of_caller(session, caller).id)
    return Passkeys(items=[PasskeyShown.model_validate(passkey) for passkey in mine])


@router.post(
    "/me/passkeys/question",
    operation_id="ask_for_new_passkey",
    dependencies=[QUESTIONS, *PERSON],
    responses=may_answer(passkeys.PASSKEYS_NOT_HERE, passkeys.TOO_MANY_PASSKEYS),
)
def ask_for_new_passkey(
    request: Request,
    response: Response,
    session: SessionDep,
    caller: CallerDep,
    settings: SettingsDep,
    now: NowDep,
) -> Question:
    """What this browser's device is asked to make a passkey; good for five minutes, for this browser and person."""
    account = account_of_caller(session, caller, keep=True)
    options = passkeys.ask_for_new_passkey(session, account, settings)
    asked = {"challenge": options["challenge"]}
    ask(request, response, session, "new_passkey", asked, at=now, account_id=account.id)
    return Question(options=options)


@router.post(
    "/me/passkeys",
    operation_id="add_passkey",
    dependencies=[*PERSON, SEND_SOON],
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        CHALLENGE_OVER,
        passkeys.PASSKEYS_NOT_HERE,
        passkeys.PASSKEY_NOT_VALID,
        passkeys.PASSKEY_THERE,
        passkeys.TOO_MANY_PASSKEYS,
    ),
)
def add_passkey(
    body: PasskeyWanted,
    request: Request,
    session: SessionDep,
    caller: CallerDep,
    settings: SettingsDep,
    now: NowDep,
) -> PasskeyShown:
    """Keep the passkey that a device made when it was asked."""
    account = account_of_caller(session, caller, keep=True)
    asked = answered(request, session, "new_passkey", at=now, account_id=account.id)
    name = body.name or device_named(request.headers.get("user-agent", "")) or A_PASSKEY[language_of(request)]
    passkey = passkeys.add_passkey(
        session, account, body.credential, asked["challenge"], name, settings=settings, at=now, actor=caller.actor
    )
    return PasskeyShown.model_validate(passkey)


@router.patch(
    "/me/passkeys/{passkey_id}",
    operation_id="rename_passkey",
    dependencies=PERSON,
    responses=may_answer(passkeys.PASSKEY_UNKNOWN),
)
def rename_passkey(
    passkey_id: UUID, body: PasskeyChange, session: SessionDep, caller: CallerDep, now: NowDep
) -> PasskeyShown:
    """Call one of my passkeys something else; the last name given stands."""
    account = account_of_caller(session, caller)
    passkey = passkeys.rename_passkey(session, passkey_id, account.id, body.name, at=now, actor=caller.actor)
    return PasskeyShown.model_validate(passkey)


@router.delete(
    "/me/passkeys/{passkey_id}",
    operation_id="remove_passkey",
    dependencies=[*PERSON, SEND_SOON],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=may_answer(passkeys.PASSKEY_UNKNOWN),
)
def remove_passkey(passkey_id: UUID, session: SessionDep, caller: CallerDep, now: NowDep) -> None:
    """Make one of my passkeys worthless here."""
    account = account_of_caller(session, caller)
    passkeys.remove_passkey(session, passkey_id, account.id, at=now, actor=caller.actor)


@router.post(
    "/sign-in/passkey/question",
    operation_id="ask_for_passkey",
    dependencies=[QUESTIONS, *allow_anyone()],
    responses=may_answer(passkeys.PASSKEYS_NOT_HERE),
)
def ask_for_passkey(
    request: Request, response: Response, session: SessionDep, settings: SettingsDep, now: NowDep
) -> Question:
    """What this browser's device is asked to sign somebody in; good for five minutes, for this browser."""
    options = passkeys.ask_for_passkey(settings)
    ask(request, response, session, "passkey", {"challenge": options["challenge"]}, at=now)
    return Question(options=options)


@router.post(
    "/sign-in/passkey",
    operation_id="sign_in_with_passkey",
    dependencies=[limited("passkey", times=20, minutes=15, failures_only=True), *allow_anyone()],
    responses=may_answer(
        CHALLENGE_OVER,
        passkeys.PASSKEYS_NOT_HERE,
        passkeys.PASSKEY_NOT_KNOWN,
        passkeys.PASSKEY_NOT_VALID,
    ),
)
def sign_in_with_passkey(
    body: PasskeyAnswer,
    request: Request,
    response: Response,
    session: SessionDep,
    caller: CallerDep,
    settings: SettingsDep,
    now: NowDep,
) -> Me:
    """Open a new session for whose passkey answered; the browser's old one ends."""
    asked = answered(request, session, "passkey", at=now)
    account = passkeys.account_by_passkey(session, body.credential, asked["challenge"], settings=settings, at=now)
    return begin_session(request, response, session, account, now=now, settings=settings, caller=caller, how="passkey")
