"""The FastAPI application, built from the rooms."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp

from passapp import __version__
from passapp.accounts.access import KEY_NOT_VALID, SCOPE_MISSING, declared_access
from passapp.accounts.api import router as accounts
from passapp.accounts.api_keys_api import router as api_keys
from passapp.accounts.invitations_api import router as invitations
from passapp.accounts.passkeys_api import router as passkeys
from passapp.accounts.provider_api import router as provider
from passapp.accounts.roles_api import router as roles
from passapp.accounts.sessions_api import router as sessions
from passapp.bookings.advances.api import router as advances
from passapp.bookings.api import router as bookings
from passapp.bookings.calendars.external_api import router as external_calendars
from passapp.bookings.calendars.feeds_api import root as calendars
from passapp.bookings.calendars.feeds_api import router as feeds
from passapp.bookings.closures.api import router as closures
from passapp.bookings.finding.api import router as availability
from passapp.bookings.guards import check_guard
from passapp.bookings.place_api import router as place_bookings
from passapp.bookings.resources.api import router as resources
from passapp.bookings.resources.trainings_api import router as trainings
from passapp.bookings.screen.api import router as screen
from passapp.bookings.series.api import router as series
from passapp.bookings.waiting.api import router as waiting
from passapp.demo.api import router as demo
from passapp.demo.mails_api import router as demo_mails
from passapp.door.api import router as door
from passapp.door.check_out_api import router as check_out
from passapp.door.deciding_api import router as deciding
from passapp.door.forgotten_api import router as forgotten
from passapp.door.guests_api import router as guests
from passapp.door.history_api import router as history
from passapp.door.house_rules_api import router as house_rules
from passapp.door.my_visits_api import router as my_visits
from passapp.door.pairing_api import router as pairing
from passapp.door.policy_api import router as door_policy
from passapp.door.poster_api import router as poster
from passapp.door.recovery_api import router as recovery
from passapp.door.sync_api import router as door_sync
from passapp.door.today_api import router as today
from passapp.door.trial_api import router as trial
from passapp.first_start.api import router as first_start
from passapp.kernel.clock import system_clock
from passapp.kernel.database import READ_METHODS, Database
from passapp.kernel.fetching import is_public
from passapp.kernel.limits import TOO_MANY_TRIES, has_limit
from passapp.kernel.mail import Postman
from passapp.kernel.metrics import Metrics
from passapp.kernel.middleware import API, BodyLimit, CrossOriginProtection, RequestLine, SecurityHeaders
from passapp.kernel.migrations import is_up_to_date
from passapp.kernel.problems import (
    CONFLICT,
    CROSS_ORIGIN,
    FORBIDDEN,
    HANDLERS,
    INVALID_REQUEST,
    NOT_SIGNED_IN,
    TOO_LARGE,
    may_answer,
    problem_schemas,
)
from passapp.kernel.settings import Settings
from passapp.kernel.web_app import mount_web_app
from passapp.mailing import AT_ONCE, send_waiting
from passapp.members.api import router as members
from passapp.members.import_api import router as members_import
from passapp.members.oneself_api import router as members_oneself
from passapp.members.paying_api import router as members_paying
from passapp.network.api import router as network
from passapp.network.drafts_api import router as convention_drafts
from passapp.passes.api import router as passes
from passapp.passes.api import well_known
from passapp.passes.live_api import router as live_passes
from passapp.places.api import router as places
from passapp.privacy.api import router as privacy
from passapp.privacy.audit_api import router as audit
from passapp.running import router as running
from passapp.settlement.api import router as settlement
from passapp.settlement.contests.api import router as contests
from passapp.settlement.details.api import router as settlement_details
from passapp.settlement.example_api import router as convention_example
from passapp.settlement.files.api import router as settlement_files
from passapp.settlement.months.api import router as settlement_months
from passapp.settlement.payments.api import router as payments

ROOMS = (
    door,  # first: a route is looked for in this order, and doors call most
    accounts,
    roles,
    invitations,
    api_keys,
    sessions,
    passkeys,
    provider,
    network,
    convention_drafts,
    places,
    members_import,
    members,
    members_oneself,
    members_paying,
    passes,
    live_passes,
    pairing,
    door_sync,
    recovery,
    trial,
    today,
    my_visits,
    deciding,
    forgotten,
    history,
    door_policy,
    poster,
    house_rules,
    check_out,
    guests,
    feeds,
    external_calendars,
    resources,
    availability,
    trainings,
    advances,
    bookings,
    place_bookings,
    closures,
    series,
    waiting,
    screen,
    settlement,
    settlement_months,
    contests,
    convention_example,
    settlement_details,
    settlement_files,
    payments,
    audit,
    privacy,
    first_start,
)


def create_app(
    settings: Settings | None = None,
    *,
    database: Database | None = None,
    clock: Callable[[], datetime] = system_clock,
    web: Path | None = None,
) -> FastAPI:
    """The application. Tests pass a database and a clock of their own; ``web`` is the built web app's folder."""
    settings = settings or Settings()
    database = database or Database(settings.sqlalchemy_url)
    postman = Postman(lambda: send_waiting(database, settings, clock(), at_most=AT_ONCE))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_sync(_check_guard, app.state.database)
        yield
        await run_sync(postman.finish)
        database.dispose()

    app = FastAPI(
        title="Passapp",
        version=__version__,
        summary="One pass for every place of a network of third places, and a settlement that everyone can check.",
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        lifespan=lifespan,
        exception_handlers=dict(HANDLERS),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the redirect would trust whatever Host it was sent
        separate_input_output_schemas=False,
    )
    app.state.settings, app.state.database, app.state.clock = settings, database, clock
    app.state.metrics = Metrics()
    app.state.send_soon = postman.send_soon
    app.state.reach = is_public
    # The last one added is met first.
    app.add_middleware(CrossOriginProtection, public_url=settings.public_url)
    app.add_middleware(BodyLimit)
    _surround(app)
    api = APIRouter(prefix=API)
    for room in ROOMS if not settings.demo else (*ROOMS, demo, demo_mails):
        _declare_access(room)
        api.include_router(room)
    for router in (well_known, calendars, running):
        _declare_access(router)
    for router in (api, well_known, calendars, running):
        app.include_router(router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    mount_web_app(app, web)
    return app


def _check_guard(database: Database) -> None:
    """Refuse to start where a room could be booked twice.

    A database that is not migrated yet has no rooms; one that does not answer books nothing, and readiness says so.
    Raises ``Unguarded``.
    """
    with suppress(OperationalError):
        if is_up_to_date(database.engine):
            check_guard(database)


def _surround(app: FastAPI) -> None:
    """Put these outside of everything, the answer to an error that nobody expected included."""
    build = app.build_middleware_stack

    def surrounded() -> ASGIApp:
        settings: Settings = app.state.settings
        inner = RequestLine(build(), app.state.metrics)
        return SecurityHeaders(inner, https=settings.secure_cookies, maps=settings.map_origin)

    app.build_middleware_stack = surrounded  # type: ignore[method-assign]


def _declare_access(router: APIRouter) -> None:
    """Show each route's declaration in the OpenAPI document. Raises ``RuntimeError`` for a route without one.

    Called before a router is included: FastAPI copies its routes then.
    """
    for route in router.routes:
        access = declared_access(route.dependencies) if isinstance(route, APIRoute) else None
        if access is None or not isinstance(route, APIRoute):
            msg = f"{getattr(route, 'operation_id', route)}: say who may call it (dependencies=allow(…))"
            raise RuntimeError(msg)
        unsafe = (route.methods or set()) - READ_METHODS
        always = [INVALID_REQUEST]
        always += [TOO_LARGE] if unsafe - {"DELETE"} else []
        always += [NOT_SIGNED_IN, FORBIDDEN] if access.roles else []
        always += [KEY_NOT_VALID, SCOPE_MISSING] if access.scope else []
        always += [TOO_MANY_TRIES] if has_limit(route.dependencies) else []
        always += [CROSS_ORIGIN, CONFLICT] if unsafe else []
        for status, answer in may_answer(*always).items():
            route.responses.setdefault(status, answer)
        roles = [role.value for role in sorted(access.roles)] or ["anyone"]
        declared = {"x-access": {"roles": roles, "anywhere": access.anywhere, "scope": access.scope}}
        route.openapi_extra = declared | (route.openapi_extra or {})


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            license_info=app.license_info,
            routes=app.routes,
            separate_input_output_schemas=False,
        )
        document["components"]["schemas"] |= problem_schemas()
        app.openapi_schema = document
    return app.openapi_schema
