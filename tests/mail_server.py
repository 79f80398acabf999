"""A real mail server for tests, on the loopback: it keeps what it takes, and can be told to be difficult."""
# ruff: noqa: ARG002, N802  (a handler's names and arguments are aiosmtpd's)

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from tests.world import World

USER, PASSWORD = "passapp", "mot de passe/@echappe"
SAID_PASSWORD = "mot%20de%20passe%2F%40echappe"
DROP = "drop"
"""As an answer: hang up instead."""


class Inbox:
    """What the server took, and what it answers next, for each step; then it says yes."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.for_whom: list[str] = []
        self.logins: list[bytes] = []
        self.connections: set[object] = set()
        self.on_recipient: deque[str] = deque()
        self.on_sender: deque[str] = deque()
        self.on_data: deque[str] = deque()
        self.seconds = 0.0
        self.port = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.connections.add(session.peer)
        if self.on_sender:
            return self.on_sender.popleft()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        await asyncio.sleep(self.seconds)
        if self.on_recipient:
            return self.on_recipient.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.on_data.popleft() if self.on_data else "250 OK"
        if answer[0] in "2d":
            self.taken.append(message_from_bytes(envelope.content, policy=default))
            self.for_whom += envelope.rcpt_tos
        if answer == DROP:
            server.transport.abort()
        return answer

    def authenticator(self, _server, _session, _envelope, _mechanism, auth_data):
        self.logins.append(auth_data.password)
        is_right = (auth_data.login.decode(), auth_data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_server(inbox: Inbox, **options: Any) -> Iterator[int]:
    """Run it; gives its port."""
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, server_hostname="localhost", **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def use_mail_server(world: World, url: str, **others: Any) -> None:
    """Have the world send its mails there."""
    world.settings = world.settings.model_copy(update={"smtp_url": SecretStr(url)} | others)
    world.app.state.settings = world.settings


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A throw-away certificate of this machine that nobody signed, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    addresses = [x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", "0.0.0.0")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, secret = folder / "server.pem", folder / "server.key"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return file, context
