"""What stands before every route: cross-origin refusal and the limit on a body's size."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from passapp.kernel.database import READ_METHODS
from passapp.kernel.problems import CROSS_ORIGIN, TOO_LARGE, ProblemType, problem_response

BODY_LIMIT = 1_000_000  # bytes


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
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    HEADERS = (
        (b"content-security-policy", POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(self), screen-wake-lock=(self), geolocation=(), microphone=()"),
    )

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to one answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), *self.HEADERS]
                # What the API answers is about somebody; what may be kept longer says so itself.
                if scope["path"].startswith("/api/") and not any(name == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
