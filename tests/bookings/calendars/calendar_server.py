"""A web server that publishes calendars, on the loopback: it can be slow, endless, or send people elsewhere."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = "127.0.0.1"


def everywhere(_address, _port):
    """The tests' own machine too, which nobody may reach otherwise."""
    return True


def event(uid="1", **said):
    """An event's lines: ``DTSTART="20261123T090000"``; a name with a parameter by ``**{"DTSTART;TZID=X": …}``."""
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", *(f"{name}:{value}" for name, value in said.items()), "END:VEVENT"]
    )


def calendar(*events, zones=""):
    """A calendar with these events."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Ailleurs//FR", *([zones] if zones else []), *events]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


@dataclass
class Site:
    """What is published. ``content`` may be changed; ``answers`` says what else happens at a path."""

    url: str = ""
    content: bytes = b""
    asked: list[str] = field(default_factory=list)
    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    is_over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def calendars(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Run it; everything at ``url`` until the block ends. ``tls``: behind TLS, as this server's side of it."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            site.asked.append(self.path)
            if self.path in site.answers:
                site.answers[self.path](self)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar")
            self.send_header("Content-Length", str(len(site.content)))
            self.end_headers()
            self.wfile.write(site.content)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer((HERE, 0), Handler)
    server.daemon_threads = True
    site.url = f"{'https' if tls else 'http'}://{HERE}:{server.server_address[1]}"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


def redirect(to, status=302):
    """Send whoever asks elsewhere."""

    def answer(handler):
        handler.send_response(status)
        handler.send_header("Location", to)
        handler.end_headers()

    return answer


def fail(status):
    """Answer with an error."""

    def answer(handler):
        handler.send_response(status)
        handler.end_headers()

    return answer


def endless(handler):
    """Go on for ever, without saying how long it is."""
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(10_000):
            handler.wfile.write(b"X" * 65536)
    except OSError:
        return


def drip(site, *, in_headers):
    """A byte at a time, each in time."""

    def answer(handler):
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"" if in_headers else b"\r\n"))
            while not site.is_over.wait(0.05):
                handler.wfile.write(b"X")
                handler.wfile.flush()
        except OSError:
            time.sleep(0)

    return answer
