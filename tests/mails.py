"""The mails that a world's people would get, as their mail programs read them."""

import re
from email.message import EmailMessage

from passapp.kernel.carrier import MailFolder
from passapp.mailing import send_waiting
from tests.world import World


def mails(world: World) -> list[EmailMessage]:
    """Have what waits sent, into a folder; gives every mail of this world, the first one first."""
    send_waiting(world.database, world.settings.model_copy(update={"demo": True}), world.now)
    folder = MailFolder(world.settings.data_dir / "mails")
    return [mail for name in reversed(folder.names()) if (mail := folder.mail(name)) is not None]


def text_of_mail(mail: EmailMessage) -> str:
    """What a mail says, as plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def link_of_mail(world: World, mail: EmailMessage) -> str:
    """Where its button leads: the path on this site, with its query and fragment."""
    [path] = re.findall(rf"^{re.escape(world.settings.public_url)}(/\S+)$", text_of_mail(mail), re.MULTILINE)
    return path
