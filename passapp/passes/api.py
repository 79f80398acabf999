"""Routes of passes: cards, their QR codes, the public keys and the status list."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response, status
from pydantic import BaseModel, Field

from passapp.accounts.access import Caller, CallerDep, Scope, allow, allow_anyone
from passapp.accounts.rules import Role
from passapp.kernel.api import Body, Day, NowDep, Sentence, SettingsDep, Shown
from passapp.kernel.database import SessionDep
from passapp.kernel.limits import limited
from passapp.kernel.problems import FORBIDDEN, language_of, may_answer
from passapp.kernel.settings import Settings
from passapp.members.api import MAY_EDIT, visible
from passapp.members.service import (
    MEMBER_UNKNOWN,
    MEMBERSHIP_UNKNOWN,
    get_member,
    get_membership,
    member_of_account,
)
from passapp.passes import cards, keys, service
from passapp.passes.models import IssuedPass
from passapp.passes.qr import draw_png, draw_svg
from passapp.passes.rules import print_short_code
from passapp.passes.shown import PassShown, show_pass
from passapp.places.service import PLACE_UNKNOWN, get_place

router = APIRouter(tags=["passes"])
well_known = APIRouter(tags=["passes"])

MEMBERS_NAMED = 50
"""Members whom one address can name: it has to stay short enough for any server on the way."""
STATUS_LIST_MEDIA_TYPE = "application/statuslist+jwt"


class Passes(Shown):
    """A member's passes, the newest first."""

    items: list[PassShown]


class PassWanted(Body):
    """A card to issue. `membership_id` names who pays, for a member with several memberships."""

    membership_id: UUID | None = None
    months: int = Field(default=13, ge=1, le=13)


class IssuedCount(Shown):
    """How many passes were issued."""

    issued: int


class Revocation(Body):
    """Why: seen by the member and their home place only."""

    reason: Sentence = Field(examples=["Carte perdue"])


class JsonWebKey(BaseModel):
    """A public key (RFC 8037)."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    x: str


class JsonWebKeys(BaseModel):
    """The network's public keys: next, current, and former until the last expiry they signed."""

    keys: list[JsonWebKey]


def _pass_of(session: SessionDep, caller: Caller, pass_id: UUID, now: datetime) -> IssuedPass:
    """The pass, if it is the caller's own or of a member whom they look after."""
    issued = service.get_pass(session, pass_id)
    if caller.account_id is not None and issued.member.account_id == caller.account_id:
        return issued
    if not caller.has(*MAY_EDIT):
        raise service.PASS_UNKNOWN.error()
    get_member(session, issued.member_id, visible(caller, now))
    return issued


@router.get(
    "/members/{member_id}/passes",
    operation_id="list_passes",
    dependencies=allow(*MAY_EDIT, scope=Scope.MEMBERS_READ),
    responses=may_answer(MEMBER_UNKNOWN),
)
def list_passes(member_id: UUID, session: SessionDep, now: NowDep, caller: CallerDep) -> Passes:
    """A member's passes."""
    member = get_member(session, member_id, visible(caller, now))
    return Passes(items=[show_pass(issued, member, now) for issued in service.passes_of(session, member.id)])


@router.post(
    "/members/{member_id}/passes",
    operation_id="issue_pass",
    dependencies=allow(*MAY_EDIT, scope=Scope.PASSES_WRITE),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        MEMBER_UNKNOWN, MEMBERSHIP_UNKNOWN, service.NO_MEMBERSHIP, service.CARD_NOT_ALLOWED, FORBIDDEN
    ),
)
def issue_pass(member_id: UUID, body: PassWanted, session: SessionDep, now: NowDep, caller: CallerDep) -> PassShown:
    """Issue a card; to name who pays, one must manage that place."""
    member = get_member(session, member_id, visible(caller, now))
    if body.membership_id is not None:
        payer = get_membership(member, body.membership_id)
        caller.require_at(frozenset({payer.place_id}), Role.MANAGER)
    issued = service.issue_card(session, member, body.membership_id, months=body.months, at=now, actor=caller.actor)
    return show_pass(issued, member, now)


@router.post(
    "/passes/missing",
    operation_id="issue_missing_passes",
    dependencies=allow(*MAY_EDIT, scope=Scope.PASSES_WRITE),
    responses=may_answer(service.CARD_NOT_ALLOWED),
)
def issue_missing_passes(session: SessionDep, now: NowDep, caller: CallerDep) -> IssuedCount:
    """Issue a card to every member you look after who has none: after an import."""
    issued = service.issue_missing_cards(session, visible(caller, now), at=now, actor=caller.actor)
    return IssuedCount(issued=issued)


@router.post(
    "/passes/{pass_id}/revoke",
    operation_id="revoke_pass",
    dependencies=allow(*MAY_EDIT, scope=Scope.PASSES_WRITE),
    responses=may_answer(service.PASS_UNKNOWN, MEMBER_UNKNOWN, service.ALREADY_REVOKED),
)
def revoke_pass(pass_id: UUID, body: Revocation, session: SessionDep, now: NowDep, caller: CallerDep) -> PassShown:
    """Revoke a pass: doors refuse it from their next sync on, the server at once."""
    issued = _pass_of(session, caller, pass_id, now)
    service.revoke_pass(session, issued, body.reason, at=now, actor=caller.actor)
    return show_pass(issued, issued.member, now)


@router.post(
    "/passes/{pass_id}/reissue",
    operation_id="reissue_pass",
    dependencies=allow(*MAY_EDIT, scope=Scope.PASSES_WRITE),
    status_code=status.HTTP_201_CREATED,
    responses=may_answer(
        service.PASS_UNKNOWN,
        MEMBER_UNKNOWN,
        service.ALREADY_REVOKED,
        service.NO_MEMBERSHIP,
        service.CARD_NOT_ALLOWED,
    ),
)
def reissue_pass(pass_id: UUID, body: Revocation, session: SessionDep, now: NowDep, caller: CallerDep) -> PassShown:
    """Revoke a pass and issue another in its place; the answer is the new one."""
    issued = _pass_of(session, caller, pass_id, now)
    new = service.reissue_pass(session, issued, body.reason, at=now, actor=caller.actor)
    return show_pass(new, issued.member, now)


@router.get(
    "/me/passes",
    operation_id="list_my_passes",
    dependencies=allow(Role.MEMBER),
    responses=may_answer(MEMBER_UNKNOWN),
)
def list_my_passes(session: SessionDep, now: NowDep, caller: CallerDep) -> Passes:
    """My passes."""
    member = member_of_account(session, caller.account_id)
    return Passes(items=[show_pass(issued, member, now) for issued in service.passes_of(session, member.id)])


def _qr_text(session: SessionDep, caller: Caller, pass_id: UUID, settings: Settings, now: datetime) -> str:
    issued = _pass_of(session, caller, pass_id, now)
    service.check_is_card(issued)
    return service.text_of(session, issued, settings.keys_dir)


_QR_HEADERS = {"Cache-Control": "private, no-store"}


@router.get(
    "/passes/{pass_id}/qr.svg",
    operation_id="get_pass_qr_svg",
    dependencies=allow(Role.MEMBER, *MAY_EDIT, scope=Scope.PASSES_WRITE),
    response_class=Response,
    responses={
        200: {"content": {"image/svg+xml": {}}},
        **may_answer(service.PASS_UNKNOWN, MEMBER_UNKNOWN, service.NOT_A_CARD),
    },
)
def get_pass_qr_svg(
    pass_id: UUID, session: SessionDep, settings: SettingsDep, now: NowDep, caller: CallerDep
) -> Response:
    """The pass as a QR code, SVG."""
    picture = draw_svg(_qr_text(session, caller, pass_id, settings, now))
    return Response(picture, media_type="image/svg+xml", headers=_QR_HEADERS)


@router.get(
    "/passes/{pass_id}/qr.png",
    operation_id="get_pass_qr_png",
    dependencies=allow(Role.MEMBER, *MAY_EDIT, scope=Scope.PASSES_WRITE),
    response_class=Response,
    responses={
        200: {"content": {"image/png": {}}},
        **may_answer(service.PASS_UNKNOWN, MEMBER_UNKNOWN, service.NOT_A_CARD),
    },
)
def get_pass_qr_png(
    pass_id: UUID, session: SessionDep, settings: SettingsDep, now: NowDep, caller: CallerDep
) -> Response:
    """The pass as a QR code, PNG."""
    picture = draw_png(_qr_text(session, caller, pass_id, settings, now))
    return Response(picture, media_type="image/png", headers=_QR_HEADERS)


def _pdf(file: bytes, name: str) -> Response:
    headers = _QR_HEADERS | {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(file, media_type="application/pdf", headers=headers)


_PDF_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}


@router.get(
    "/passes/{pass_id}/card.pdf",
    operation_id="get_pass_card",
    dependencies=allow(Role.MEMBER, *MAY_EDIT, scope=Scope.PASSES_WRITE),
    response_class=Response,
    responses=_PDF_ANSWER | may_answer(service.PASS_UNKNOWN, MEMBER_UNKNOWN, service.NOT_A_CARD, cards.PASS_NOT_ACTIVE),
)
def get_pass_card(
    pass_id: UUID, request: Request, session: SessionDep, settings: SettingsDep, now: NowDep, caller: CallerDep
) -> Response:
    """The pass as a card to print and cut out of an A4 page: QR, short code, the member's name."""
    issued = _pass_of(session, caller, pass_id, now)
    file = cards.card_of(session, issued, settings.keys_dir, language=language_of(request), at=now)
    return _pdf(file, f"carte-{print_short_code(issued.short_code)}")


@router.post(
    "/places/{place_id}/cards.pdf",
    operation_id="get_place_cards",
    dependencies=[limited("cards", times=20, minutes=10), *allow(*MAY_EDIT, scope=Scope.PASSES_WRITE)],
    response_class=Response,
    responses=_PDF_ANSWER | may_answer(PLACE_UNKNOWN, MEMBER_UNKNOWN, cards.NO_CARDS, cards.TOO_MANY_CARDS),
)
def get_place_cards(
    place_id: UUID,
    request: Request,
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
    caller: CallerDep,
    since: Annotated[Day | None, Query(description="Only the cards issued from that day on.")] = None,
    member_id: Annotated[
        list[UUID], Query(max_length=MEMBERS_NAMED, description="Only the cards of these members; repeat it.")
    ] = [],  # noqa: B006  (FastAPI copies it)
) -> Response:
    """The active cards of a place's present members, ten to an A4 page. A POST: it is written down."""
    place = get_place(session, place_id)
    file = cards.sheet_of(
        session,
        place,
        settings.keys_dir,
        since=since,
        member_ids=frozenset(member_id),
        language=language_of(request),
        at=now,
        actor=caller.actor,
    )
    return _pdf(file, f"cartes-{place.code}")


@well_known.get("/.well-known/jwks.json", operation_id="get_keys", dependencies=allow_anyone())
def get_keys(response: Response, session: SessionDep, now: NowDep) -> JsonWebKeys:
    """The public keys that passes are verified with."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return JsonWebKeys(keys=[JsonWebKey(kid=key.kid, x=key.public_key) for key in keys.published_keys(session, at=now)])


@router.get(
    "/status-list",
    operation_id="get_status_list",
    dependencies=allow(Role.DOOR),
    response_class=Response,
    responses={200: {"content": {STATUS_LIST_MEDIA_TYPE: {}}}, 304: {"description": "Not changed"}},
)
def get_status_list(
    session: SessionDep,
    settings: SettingsDep,
    now: NowDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Which passes are revoked, suspended or superseded (IETF Token Status List); for doors only."""
    listed = service.status_list(session, settings.keys_dir, uri=f"{settings.public_url}/api/v1/status-list", at=now)
    headers = {"ETag": listed.etag, "Cache-Control": "private, no-cache"}
    if if_none_match == listed.etag:
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(listed.token, media_type=STATUS_LIST_MEDIA_TYPE, headers=headers)
