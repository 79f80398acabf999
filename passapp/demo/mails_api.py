"""The demo's mails, for anybody to read: they went to invented people. These routes exist on no other deployment."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from fastapi import APIRouter
from pydantic import Field

from passapp.accounts.access import allow_anyone
from passapp.kernel.api import SettingsDep, Shown
from passapp.kernel.carrier import MailFolder
from passapp.kernel.problems import ProblemType, may_answer
from passapp.kernel.settings import Settings

router = APIRouter(prefix="/demo/mails", tags=["demo"])

MAIL_UNKNOWN = ProblemType(
    "mail_unknown",
    404,
    en="This mail is not here any more: the demo keeps the newest ones.",
    fr="Ce mail n'est plus là : la démonstration garde les plus récents.",
)


class DemoMail(Shown):
    """A mail that the demo would have sent."""

    id: str
    to: str
    subject: str
    at: datetime


class DemoMails(Shown):
    """The newest mails, the last one first."""

    items: list[DemoMail]


class DemoMailRead(DemoMail):
    """What a mail says. Its button leads to `path`, on this site."""

    sender: str
    paragraphs: list[str]
    label: str | None
    path: str | None = Field(description="Null where there is nothing to do.")


@router.get("", operation_id="demo_list_mails", dependencies=allow_anyone())
def list_mails(settings: SettingsDep) -> DemoMails:
    """The demo's mails."""
    folder = _folder(settings)
    found = ((name, folder.mail(name)) for name in folder.names())
    return DemoMails(items=[_envelope(name, mail) for name, mail in found if mail is not None])


@router.get(
    "/{mail_id}", operation_id="demo_read_mail", dependencies=allow_anyone(), responses=may_answer(MAIL_UNKNOWN)
)
def read_mail(mail_id: str, settings: SettingsDep) -> DemoMailRead:
    """One of them."""
    mail = _folder(settings).mail(mail_id)
    part = mail.get_body(("plain",)) if mail is not None else None
    if mail is None or not isinstance(part, EmailMessage):
        raise MAIL_UNKNOWN.error()
    text = str(part.get_content()).replace("\r\n", "\n").partition("\n-- \n")[0]
    paragraphs = [paragraph for paragraph in text.strip().split("\n\n") if paragraph]
    label = path = None
    first, _, url = paragraphs[-1].partition("\n")
    if url.startswith(f"{settings.public_url}/"):
        paragraphs.pop()
        label, path = first.rstrip(" :"), url.removeprefix(settings.public_url)
    envelope = _envelope(mail_id, mail).model_dump()
    return DemoMailRead(**envelope, sender=str(mail["From"]), paragraphs=paragraphs, label=label, path=path)


def _folder(settings: Settings) -> MailFolder:
    return MailFolder(settings.data_dir / "mails")


def _envelope(name: str, mail: EmailMessage) -> DemoMail:
    at = parsedate_to_datetime(str(mail["Date"]))
    return DemoMail(id=name, to=str(mail["To"]), subject=str(mail["Subject"]), at=at)
