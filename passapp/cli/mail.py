"""A trial mail from the terminal."""

from typing import Annotated

import typer

from passapp.accounts.rules import canonical_email
from passapp.cli.common import failure, open_database, say
from passapp.first_start.trial_mail import Outcome, send_trial_mail
from passapp.kernel.clock import system_clock
from passapp.kernel.mail import language_named
from passapp.kernel.settings import Settings
from passapp.network.models import Network

_WHAT_TO_DO: dict[Outcome, str] = {
    "no_server": "No mail server is named: set PASSAPP_SMTP_URL.",
    "no_connection": "The mail server does not answer: look at the host and the port in PASSAPP_SMTP_URL.",
    "no_tls": "The mail server offers no encryption that we can trust, so nothing was sent: another port, or smtps://?",
    "login_refused": "The mail server refuses the user or the password in PASSAPP_SMTP_URL.",
    "sender_refused": "The mail server does not let us send as {sender}: set PASSAPP_MAIL_FROM to an address that may.",
    "recipient_refused": "The mail server refuses the address {to}.",
    "message_refused": "The mail server refuses the mail itself: its own log says why.",
    "no_answer": "The mail server hung up half-way: try again, and look at its log.",
}


def trial_mail(email: Annotated[str, typer.Argument(help="Who gets it.")]) -> None:
    """Send a trial mail now, and say what came of it."""
    settings = Settings()
    try:
        to = canonical_email(email)
    except ValueError as error:
        raise failure(str(error)) from None
    with open_database(settings) as database, database.read() as session:
        network = session.get(Network, 1)
    name, language = (network.name, language_named(network.locale)) if network else ("Passapp", language_named("fr"))
    outcome = send_trial_mail(settings, to, language, name, at=system_clock())
    if outcome != "sent":
        sender = settings.mail_from or "passapp@ and the host of PASSAPP_PUBLIC_URL"
        raise failure(_WHAT_TO_DO[outcome].format(sender=sender, to=to))
    say(f"The mail server took a trial mail to {to}. Has it arrived?")
