"""Letters: what a mail says, and how it is put into one.

A room writes them in its ``letters.py`` (``LETTERS``: a writer for each kind of message in the outbox); ``mailing``
gathers them and sends what waits. A route whose mail is urgent says ``dependencies=[SEND_SOON, …]``.
"""

import logging
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from ipaddress import ip_address
from threading import Lock, Thread
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from fastapi import BackgroundTasks, Depends, Request
from sqlalchemy.orm import Session

from passapp.kernel.ids import hash_secret
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.problems import Language
from passapp.kernel.settings import Settings
from passapp.kernel.smtp import ADDRESS


@dataclass(frozen=True)
class CalendarPart:
    """What a mail program puts into a calendar (iTIP, RFC 6047): a file, and the method that it says."""

    method: Literal["REQUEST", "CANCEL"]
    content: bytes


@dataclass(frozen=True)
class Attachment:
    """A file that goes along. ``kind``: its media type."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """What one person is told: plain words, with one thing to do at most.

    ``action``: what the button says, and the path of this site that it leads to (it may end in a fragment). Nothing
    here is escaped or shortened: :func:`compose` sees to both. ``calendar`` makes what goes along for calendars, of
    whoever sends it.
    """

    to: str
    language: Language
    subject: str
    paragraphs: tuple[str, ...]
    action: tuple[str, str] | None = None
    calendar: "Callable[[Sender], CalendarPart] | None" = None
    attachments: tuple[Attachment, ...] = ()


Writer = Callable[[Session, OutboxMessage, datetime], Letter | None]
"""Writes the letter of a message that leaves at that instant, in a short transaction; None: nothing to say any more."""


def language_named(locale: str) -> Language:
    """The language of an account or a member: French unless it is English."""
    return "en" if locale == "en" else "fr"


def first_name(name: str) -> str:
    """How a letter greets somebody: by the first word of their name."""
    return name.split(maxsplit=1)[0] if name.strip() else name


def _send_soon(request: Request, tasks: BackgroundTasks) -> None:
    tasks.add_task(request.app.state.send_soon)


SEND_SOON = Depends(_send_soon)
"""On a route whose mail is urgent: what waits is sent as soon as the answer has left, not with the next tick."""


@dataclass(frozen=True)
class Sender:
    """Who writes: the network's name, the address that mails come from, and the address of this site."""

    name: str
    address: str
    site: str

    @classmethod
    def of(cls, settings: Settings, name: str) -> "Sender":
        """The sender that the settings say."""
        return cls(name, settings.mail_from or f"passapp@{host_of(settings)}", settings.public_url)

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


def host_of(settings: Settings) -> str:
    """The name of this site's machine, as mail servers want to hear it; ``localhost`` where it has but a number."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    with suppress(ValueError):
        ip_address(host)
        return "localhost"
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "localhost"


SECONDS_TO_FINISH: Final = 20.0
_LONGEST_NAME: Final = 80
_LONGEST_SUBJECT: Final = 150
_WORDS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "button": "{label} :",
        "copy": "Le bouton ne s'ouvre pas ? Copiez cette adresse dans votre navigateur :",
        "from": "Message envoyé par {name}, sur",
    },
    "en": {
        "button": "{label}:",
        "copy": "Does the button not open? Copy this address into your browser:",
        "from": "Sent by {name}, at",
    },
}
_HTML: Final = """\
<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{subject}</title></head>
<body style="margin:0;padding:24px 12px;background:#f3eee4;color:#1c2233;font:17px/1.5 sans-serif">
<div style="max-width:32em;margin:0 auto;padding:24px;border-radius:14px;background:#ffffff">
{content}
</div>
<p style="max-width:32em;margin:16px auto 0;color:#5a6072;font-size:14px">{footer}</p>
</body>
</html>
"""
_BUTTON: Final = """\
<p style="margin:28px 0"><a href="{url}" style="display:inline-block;padding:14px 28px;border-radius:10px;\
background:#2f4ba0;color:#ffffff;font-size:19px;font-weight:bold;text-decoration:none">{label}</a></p>
<p style="color:#5a6072;font-size:14px">{copy}<br>\
<a href="{url}" style="color:#2f4ba0;word-break:break-all">{url}</a></p>\
"""


def compose(letter: Letter, sender: Sender, key: str, at: datetime) -> EmailMessage:
    """A letter as a mail: text, and the same as HTML with one button; nothing in it is fetched, so nothing tracks.

    ``key``: of the message. Its Message-ID follows from it, so that mail systems know a repeat for what it is. Raises
    ``ValueError`` for an address to which no mail can go.
    """
    words = _WORDS[letter.language]
    name = _one_line(sender.name, _LONGEST_NAME)
    subject = _one_line(letter.subject, _LONGEST_SUBJECT)
    paragraphs = [_one_line(paragraph) for paragraph in letter.paragraphs]
    label, path = letter.action or ("", "")
    url = sender.site + path
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(sender.address, name)
    mail["To"] = _address(letter.to)
    mail["Subject"] = subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{hash_secret(key)[:40]}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice comes back
    text = "\n\n".join([*paragraphs, *([words["button"].format(label=label) + f"\n{url}"] if path else [])])
    mail.set_content(f"{text}\n\n-- \n{name}\n{sender.site}\n", cte="quoted-printable")
    content = [f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs]
    if path:
        content.append(_BUTTON.format(url=escape(url), label=escape(label), copy=escape(words["copy"])))
    footer = escape(words["from"].format(name=name))
    site = f'<a href="{escape(sender.site)}" style="color:#5a6072">{escape(sender.site)}</a>'
    html = _HTML.format(
        language=letter.language, subject=escape(subject), content="\n".join(content), footer=f"{footer} {site}"
    )
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        # Some programs look for the one, some for the other.
        part = letter.calendar(sender)
        says: dict[str, Any] = {"subtype": "calendar", "params": {"method": part.method}, "cte": "base64"}
        mail.add_alternative(part.content.decode(), **says)
        mail.add_attachment(part.content.decode(), **says, filename="reservation.ics")
    for each in letter.attachments:
        main, _, sub = each.kind.partition("/")
        mail.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    mail["Content-Language"] = letter.language  # after the parts, which would take it along
    return mail


def _address(text: str, name: str = "") -> Address:
    if not ADDRESS.fullmatch(text):
        msg = "an address that is none"
        raise ValueError(msg)
    user, _, domain = text.rpartition("@")
    return Address(name, user, domain)


def _one_line(text: str, longest: int | None = None) -> str:
    """The same words on one line: no control character, no separator of lines, at most so many characters."""
    # Cc holds CR, LF and NUL; Cs cannot be encoded; Zl and Zp are separators of lines.
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text)
    line = " ".join(part for part in kept.split(" ") if part)
    return line if longest is None or len(line) <= longest else line[: longest - 1].rstrip() + "…"


class Postman:
    """Sends in a thread of its own.

    Nobody waits for a mail server, nor learns from how long a connection stays busy whether there was a mail to send.
    """

    def __init__(self, send: Callable[[], object]) -> None:
        """``send`` sends what waits."""
        self._send = send
        self._asked = Lock()
        self._going = Lock()
        self._last: Thread | None = None

    def send_soon(self) -> None:
        """Have what waits now sent; returns at once. One round that has not begun is enough for all who ask."""
        if self._asked.acquire(blocking=False):
            # A daemon: the process may end while a mail server hangs.
            self._last = Thread(target=self._go, name="mail", daemon=True)
            self._last.start()

    def finish(self) -> None:
        """Wait for the last round that was asked for; not for ever: a tick does the rest."""
        if self._last is not None:
            self._last.join(SECONDS_TO_FINISH)

    def _go(self) -> None:
        with self._going:
            self._asked.release()
            try:
                self._send()
            except Exception:
                logging.getLogger("passapp.mail").exception("mails were not sent")
