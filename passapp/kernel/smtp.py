"""The mail server: one connection, over which letters leave.

What goes wrong is told by a code, never by what the server said: that may quote an address, or the password.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Final, Literal, Protocol
from urllib.parse import unquote, urlsplit

SECONDS: Final = 15.0
"""How long we wait for the server, at each step of the greeting."""
SECONDS_TO_ACCEPT: Final = 60.0
"""At each step of a mail. It may want to look at it first, and who hangs up meanwhile never knows whether it left."""
ADDRESS: Final = re.compile(r"[^\s\x00-\x1f\x7f-\x9f<>@\",;:\\()\[\]]+@[A-Za-z0-9.-]+")
"""An address alone, without anybody's name."""
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = 500

Trouble = Literal[
    "no_connection",
    "no_tls",
    "login_refused",
    "sender_refused",
    "recipient_refused",
    "message_refused",
    "no_answer",
]
"""What may go wrong, in the order of a mail's way."""


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine itself: what is said to it crosses no network."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class NotSent(Exception):
    """A mail did not leave. ``is_final``: nor will it another time."""

    def __init__(self, trouble: Trouble, *, is_final: bool = False) -> None:
        """Say what went wrong."""
        super().__init__(trouble)
        self.trouble = trouble
        self.is_final = is_final


class Carrier(Protocol):
    """Whatever carries mails away."""

    def carry(self, mail: EmailMessage) -> None:
        """Hand one mail over to where it goes. Raises ``NotSent``."""


@dataclass(frozen=True)
class MailServer:
    """A mail server, as PASSAPP_SMTP_URL names it. Its secrets stand in no representation of it."""

    host: str
    port: int
    user: str | None
    is_tls_from_the_start: bool
    _password: str

    @classmethod
    def at(cls, url: str) -> "MailServer":
        """Read ``smtp://user:password@host:port``. Raises ``ValueError``, which does not quote it."""
        msg = "write smtp://user:password@host:587 or smtps://…, with %40 for an @ in the password"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError(msg) from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError(msg)
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password or "")
        return cls(parts.hostname, port or _PORTS[parts.scheme], user, parts.scheme == "smtps", password)

    def __repr__(self) -> str:
        """Host and port only."""
        return f"MailServer({self.host!r}, {self.port})"

    @property
    def is_here(self) -> bool:
        """Whether it is this machine."""
        return is_this_machine(self.host)

    @contextmanager
    def connected(self, name: str) -> Iterator[Carrier]:
        """A connection for as many mails as one likes, renewed where it breaks. ``name``: who we say we are (HELO).

        Raises ``NotSent`` where there is none to be had, or none that is safe.
        """
        connection = _Connection(self, name)
        connection.open()
        try:
            yield connection
        finally:
            connection.close()

    def log_in(self, smtp: smtplib.SMTP) -> None:
        """Encrypt, then say who we are. A password is never said in clear, a mail only to this machine itself."""
        smtp.ehlo_or_helo_if_needed()
        if not self.is_tls_from_the_start and (self.user is not None or not self.is_here):
            if not smtp.has_extn("starttls"):
                raise NotSent("no_tls")
            try:
                smtp.starttls(context=ssl.create_default_context())
            except (smtplib.SMTPResponseException, ssl.SSLError) as error:
                raise NotSent("no_tls") from error
            smtp.ehlo()
        if self.user is not None:
            try:
                smtp.login(self.user, self._password)
            except (smtplib.SMTPException, UnicodeError) as error:  # some hang up at once
                raise NotSent("login_refused") from error


class _Connection:
    def __init__(self, server: MailServer, name: str) -> None:
        self._server = server
        self._name = name
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        server = self._server
        try:
            smtp: smtplib.SMTP
            if server.is_tls_from_the_start:
                context = ssl.create_default_context()
                smtp = smtplib.SMTP_SSL(server.host, server.port, self._name, timeout=SECONDS, context=context)
            else:
                smtp = smtplib.SMTP(server.host, server.port, self._name, timeout=SECONDS)
        except ssl.SSLError as error:
            raise NotSent("no_tls") from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise NotSent("no_connection") from error
        try:
            server.log_in(smtp)
        except (OSError, smtplib.SMTPException) as error:
            smtp.close()
            raise NotSent("no_connection") from error
        except NotSent:
            smtp.close()
            raise
        assert smtp.sock is not None  # noqa: S101  (it answered)
        smtp.sock.settimeout(SECONDS_TO_ACCEPT)
        self._smtp = smtp

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._smtp.close()
            self._smtp = None

    def carry(self, mail: EmailMessage) -> None:
        if self._smtp is None or self._smtp.sock is None:  # the mail before broke it
            self.open()
        assert self._smtp is not None  # noqa: S101  (open() says so)
        try:
            self._smtp.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise NotSent("recipient_refused", is_final=_all_final(error)) from error
        except smtplib.SMTPSenderRefused as error:
            # Of our own address: a setting that somebody will mend.
            raise NotSent("sender_refused") from error
        except smtplib.SMTPNotSupportedError as error:
            # An address beyond ASCII, and a server that takes none.
            raise NotSent("recipient_refused", is_final=True) from error
        except smtplib.SMTPDataError as error:
            self._smtp.close()  # it may still wait for us to say something
            raise NotSent("message_refused", is_final=error.smtp_code >= _PERMANENT) from error
        except (OSError, smtplib.SMTPException) as error:
            self._smtp.close()
            raise NotSent("no_answer") from error


def _all_final(error: smtplib.SMTPRecipientsRefused) -> bool:
    return all(code >= _PERMANENT for code, _ in error.recipients.values())
