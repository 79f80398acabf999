"""Fetching what somebody names by its address: bounded in size and time, and never from inside our own network.

The name is looked up once and the address that it led to is the one we connect to: a name that means another machine a
moment later leads nowhere else. Each redirect is looked at as the first address was.
"""

import socket
import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread, Timer
from time import monotonic
from typing import Final, Literal
from urllib.parse import quote, urljoin, urlsplit

Trouble = Literal["bad_address", "private_address", "no_answer", "not_there", "too_large", "too_slow", "too_far"]
"""``too_far``: too many redirects; ``not_there``: the answer is no file."""
Address = IPv4Address | IPv6Address
Reach = Callable[[Address, int], bool]
"""Whether we may connect to that machine, at that port."""

_PORTS: Final = {"http": 80, "https": 443}
_REDIRECTS: Final = 5
_REDIRECTED: Final = {301, 302, 303, 307, 308}
_WEBCAL: Final = {"webcal": "https", "webcals": "https"}
_NAT64: Final = IPv6Network("64:ff9b::/96")
_UNICAST: Final = IPv6Network("2000::/3")
"""Of IPv6, what the internet uses: nothing site-local (fec0::/10), compatible (::/96), translated (::ffff:0:0:0/96)."""
_NOBODYS: Final = (
    IPv4Network("192.0.0.0/24"),  # RFC 6890
    IPv4Network("192.88.99.0/24"),  # RFC 7526
    IPv6Network("3fff::/20"),  # RFC 9637
)
"""What Python's lists may not know yet."""


class NotFetched(Exception):
    """It could not be had; ``trouble`` says why."""

    def __init__(self, trouble: Trouble) -> None:
        """Say why."""
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True)
class _Way:
    """An address of the web, taken apart."""

    is_tls: bool
    host: str
    port: int
    target: str


def is_public(address: Address, port: int) -> bool:
    """A machine of the internet, at a port of the web: nothing of this network, of this machine, or of many at once."""
    if isinstance(address, IPv6Address):
        # Another way to write an address of IPv4, or a way to it.
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner, port)
        if address not in _UNICAST:
            return False
    is_nobodys = address.is_multicast or any(address in network for network in _NOBODYS)
    return address.is_global and not is_nobodys and port in {80, 443, 8080, 8443}


def check_address(url: str) -> None:
    """Raise ``NotFetched`` for what is no address of the web, whatever is there."""
    _way(url)


def fetch(url: str, *, most: int, seconds: float, reach: Reach = is_public) -> bytes:
    """What is at ``url``: at most so many bytes, within so many seconds in all. Raises ``NotFetched``."""
    ends = monotonic() + seconds
    for _ in range(_REDIRECTS + 1):
        found = _ask(_way(url), most, ends, reach)
        if isinstance(found, bytes):
            return found
        scheme, colon, rest = url.partition(":")  # nothing is relative to webcal, to Python
        url = urljoin(_WEBCAL.get(scheme.lower(), scheme) + colon + rest, found)
    raise NotFetched("too_far")


def _way(url: str) -> _Way:
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii") if "%" not in url.partition("/")[0] else ""
    except ValueError:
        raise NotFetched("bad_address") from None
    scheme = _WEBCAL.get(parts.scheme, parts.scheme)
    if scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        raise NotFetched("bad_address")
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return _Way(scheme == "https", host, port or _PORTS[scheme], target)


class _Connection(HTTPConnection):
    """To one machine, whatever its name comes to mean."""

    def __init__(self, way: _Way, address: Address, seconds: float) -> None:
        super().__init__(way.host, way.port, timeout=seconds)
        self._way = way
        self._address = address
        self._open: socket.socket | None = None
        """Kept: where an answer is the last one, ``sock`` is forgotten before it was read."""

    def connect(self) -> None:
        """Connect to the address that was looked at; the certificate must be the name's all the same."""
        self._open = self.sock = socket.create_connection((str(self._address), self._way.port), self.timeout)
        if self._way.is_tls:
            context = ssl.create_default_context()
            tls = context.wrap_socket(self.sock, server_hostname=self._way.host, do_handshake_on_connect=False)
            self._open = self.sock = tls  # before the handshake: it too may be cut short
            tls.do_handshake()

    def cut(self) -> None:
        """End it, from another thread."""
        if self._open is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._open, socket.SHUT_RDWR)


def _ask(way: _Way, most: int, ends: float, reach: Reach) -> bytes | str:
    """What is there, or where we are sent instead."""
    address = _address_of(way, ends, reach)
    left = ends - monotonic()
    if left <= 0:
        raise NotFetched("too_slow")
    connection = _Connection(way, address, left)
    # A timeout of the socket begins anew with each byte: only this bounds the whole.
    guard = Timer(left, connection.cut)
    guard.daemon = True
    guard.start()
    try:
        headers = {"Accept": "text/calendar", "User-Agent": "Passapp", "Connection": "close"}
        connection.request("GET", way.target, headers=headers)
        with closing(connection.getresponse()) as answer:
            if answer.status in _REDIRECTED:
                return answer.headers.get("Location", "")
            if answer.status != HTTPStatus.OK:
                raise NotFetched("not_there")
            content = answer.read(most + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise NotFetched("too_slow" if monotonic() >= ends else "no_answer") from error
    finally:
        guard.cancel()
        connection.close()
    if monotonic() >= ends:
        raise NotFetched("too_slow")
    if len(content) > most:
        raise NotFetched("too_large")
    return content


def _address_of(way: _Way, ends: float, reach: Reach) -> Address:
    for address in _addresses_of(way, ends):
        if reach(address, way.port):
            return address
    raise NotFetched("private_address")


def _addresses_of(way: _Way, ends: float) -> list[Address]:
    """Where the name leads to. Nothing bounds how long the machine's own look-up takes: it is waited for so long."""
    found: list[Address] = []
    answered: list[bool] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            said = socket.getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
            found.extend(ip_address(str(each[4][0]).partition("%")[0]) for each in said)
        answered.append(True)

    asking = Thread(target=look_up, daemon=True, name="look-up")
    asking.start()
    asking.join(max(0.0, ends - monotonic()))
    if not answered:
        raise NotFetched("too_slow")
    if not found:
        raise NotFetched("no_answer")
    return found
