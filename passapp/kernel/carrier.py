"""Where mails go: over the mail server; where none may leave this machine, as in the demo, into a folder."""

from contextlib import AbstractContextManager, nullcontext
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

from passapp.kernel.ids import new_id
from passapp.kernel.mail import host_of
from passapp.kernel.settings import Settings
from passapp.kernel.smtp import Carrier, MailServer

MAILS_KEPT: Final = 200


def carrier(settings: Settings) -> AbstractContextManager[Carrier] | None:
    """The way out, opened by ``with``; None where no mail server is named.

    Opening it raises ``NotSent``.
    """
    if settings.demo:
        return nullcontext(MailFolder(settings.data_dir / "mails"))
    if settings.smtp_url is None:
        return None
    return MailServer.at(settings.smtp_url.get_secret_value()).connected(host_of(settings))


class MailFolder:
    """Keeps the newest mails as files that only their owner can read."""

    def __init__(self, folder: Path) -> None:
        """Keep them in ``folder``, made with the first."""
        self._folder = folder

    def carry(self, mail: EmailMessage) -> None:
        """Keep one mail, and let the oldest go."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Ids sort by time. Whole or not at all: somebody may be looking.
        file = self._folder / f"{new_id().hex}.eml"
        draft = file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(mail.as_bytes())
        draft.replace(file)
        for old in self.names()[MAILS_KEPT:]:
            (self._folder / f"{old}.eml").unlink(missing_ok=True)

    def names(self) -> list[str]:
        """What the mails are called here, the newest first."""
        return sorted((file.stem for file in self._folder.glob("*.eml")), reverse=True)

    def mail(self, name: str) -> EmailMessage | None:
        """The mail of that name, if it is here."""
        if not (name.isascii() and name.isalnum()):
            return None
        try:
            content = (self._folder / f"{name}.eml").read_bytes()
        except OSError:
            return None
        return message_from_bytes(content, _class=EmailMessage, policy=SMTP)
