"""What stands before every route: a line in the log, cross-origin refusal, the limit on a body's size."""

import logging
import secrets
from time import perf_counter

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passapp.kernel.database import READ_METHODS
from passapp.kernel.ids import KEY_PREFIX
from passapp.kernel.logs import request_id
from passapp.kernel.metrics import Metrics
from passapp.kernel.problems import CROSS_ORIGIN, TOO_LARGE, ProblemType, problem_response

BODY_LIMIT = 1_000_000  # bytes
API = "/api/v1"
UNMATCHED = "unmatched"
"""The route of what no route answers: the web app's pages and files, and addresses that lead nowhere."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_log = logging.getLogger("passapp.request")


async def _refuse(kind: ProblemType, scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(Request(scope, receive), kind)(scope, receive, send)


class CrossOriginProtection:
    """Refuse what another site makes a browser send (the algorithm of Go's ``http.CrossOriginProtection``).

    A browser always says where an unsafe request comes from (``Sec-Fetch-Site``, else ``Origin``); a client that says
    neither is no browser, and carries nobody's cookie by accident.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        """Requests from ``public_url`` itself are always admitted."""
        self.app = app
        self.public_origin = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit or refuse one request."""
        if scope["type"] == "http" and scope["method"] not in READ_METHODS and not self._is_ours(Headers(scope=scope)):
            await _refuse(CROSS_ORIGIN, scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin == self.public_origin:
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        return origin is None or origin.partition("://")[2] == headers.get("host")


class BodyLimit:
    """Refuse a body over 1 MB with 413, whether its length was announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the bytes of one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > BODY_LIMIT:
            await _refuse(TOO_LARGE, scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_LIMIT:
                raise HTTPException(TOO_LARGE.status)
            return message

        await self.app(scope, counted, send)


class SecurityHeaders:
    """Headers that keep a browser strict with our own pages."""

    POLICY = (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:{maps}; "
        "connect-src 'self'; worker-src 'self'; object-src 'none'; frame-src 'none'; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'"
    )
    PERMISSIONS = (
        "camera=(self), screen-wake-lock=(self), publickey-credentials-get=(self), "
        "publickey-credentials-create=(self), geolocation=(self), microphone=(), payment=(), usb=()"
    )
    HEADERS = (
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", PERMISSIONS.encode()),
    )
    ONLY_HTTPS = (b"strict-transport-security", b"max-age=63072000")
    """For two years, browsers come back by HTTPS only: said where the public address is one."""

    def __init__(self, app: ASGIApp, *, https: bool = False, maps: str | None = None) -> None:
        """Wrap ``app``; ``https``: people reach it by HTTPS; ``maps``: where else pictures may come from."""
        self.app = app
        policy = self.POLICY.replace("{maps}", f" {maps}" if maps else "")
        security = ((b"content-security-policy", policy.encode()), *self.HEADERS)
        self.headers = (*security, self.ONLY_HTTPS) if https else security

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to one answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), *self.headers]
                # What the API answers is about somebody; what may be kept longer says so itself.
                if scope["path"].startswith("/api/") and not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class RequestLine:
    """Give each request an id, and when it is answered write one line and count it.

    The line holds no address, no query and nobody's id: the route's template, and what kind of caller showed itself.
    The id is always our own: one that a client may choose is a text that a client may write into our logs.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Count in ``metrics``."""
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = perf_counter()
        scope["request_id"] = identifier = secrets.token_hex(8)
        request_id.set(identifier)
        status = 500

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", identifier.encode())]
            await send(message)

        try:
            await self.app(scope, receive, named)
        finally:
            seconds = perf_counter() - start
            route, method = _template(scope), scope["method"] if scope["method"] in METHODS else "other"
            self.metrics.count(route, method, status, seconds)
            level = _level(route, status)
            if _log.isEnabledFor(level):
                line = {"method": method, "route": route, "status": status, "caller": _kind_of_caller(scope)}
                _log.log(level, "request", extra=line | {"milliseconds": round(seconds * 1000, 1)})


def _template(scope: Scope) -> str:
    template = getattr(scope.get("route"), "path_format", None)
    if template is None:
        return UNMATCHED
    # A route knows its path below the router that it was included from, which has the prefix.
    return f"{API}{template}" if scope["path"].startswith(API) else str(template)


def _level(route: str, status: int) -> int:
    if status >= 500:  # noqa: PLR2004
        return logging.ERROR
    # Monitors ask these every few seconds.
    quiet = status < 400 and (route.startswith("/health/") or route == "/metrics")  # noqa: PLR2004
    return logging.DEBUG if quiet else logging.INFO


def _kind_of_caller(scope: Scope) -> str:
    """What was shown, whether it was good or not: an integration's key, a device's token, a session, or nothing."""
    shown = dict(scope["headers"])
    if b"authorization" in shown:
        secret = shown[b"authorization"].partition(b" ")[2]
        return "key" if secret.startswith(KEY_PREFIX.encode()) else "device"
    return "person" if b"passapp=" in shown.get(b"cookie", b"") else "nobody"
