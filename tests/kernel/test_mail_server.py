"""Speaking with a mail server: what is encrypted, what is refused, and how each trouble is told."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from passapp.kernel import smtp
from passapp.kernel.mail import Letter, Sender, compose
from passapp.kernel.settings import Settings
from passapp.kernel.smtp import MailServer, NotSent
from tests.kernel.log_lines import LogLines
from tests.mail_server import DROP, PASSWORD, SAID_PASSWORD, USER, Inbox, certificate, free_port, mail_server

SENDER = Sender("Le Réseau", "pass@example.org", "https://pass.example.org")


def send(url, to="lea@example.org", times=1):
    """Send so many mails over one connection."""
    with MailServer.at(url).connected("pass.example.org") as carrier:
        for number in range(times):
            mail = compose(Letter(to, "fr", "Essai", ("Bonjour",)), SENDER, f"k{number}", datetime.now(UTC))
            carrier.carry(mail)


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """The server's side of a certificate that this machine trusts."""
    file, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return context


@pytest.fixture
def inbox():
    return Inbox()


def test_a_mail_to_this_machine_itself_needs_no_encryption(inbox):
    with mail_server(inbox) as port:
        send(f"smtp://127.0.0.1:{port}")
    assert inbox.for_whom == ["lea@example.org"]


def test_several_mails_leave_over_one_connection(inbox):
    with mail_server(inbox) as port:
        send(f"smtp://localhost:{port}", times=3)
    assert len(inbox.taken) == 3
    assert len(inbox.connections) == 1


def test_the_password_is_said_once_the_connection_is_encrypted(inbox, trusted):
    options = {"tls_context": trusted, "require_starttls": True, "auth_required": True}
    with mail_server(inbox, authenticator=inbox.authenticator, **options) as port:
        send(f"smtp://{USER}:{SAID_PASSWORD}@localhost:{port}")
    assert len(inbox.taken) == 1
    assert inbox.logins == [PASSWORD.encode()]


def test_a_server_may_speak_tls_from_the_start(inbox, trusted):
    with mail_server(inbox, ssl_context=trusted, authenticator=inbox.authenticator, auth_require_tls=False) as port:
        send(f"smtps://{USER}:{SAID_PASSWORD}@localhost:{port}")
    assert inbox.logins == [PASSWORD.encode()]


# 0.0.0.0 leads to this machine, but is not a name of it: what a server elsewhere would be.
def test_a_server_elsewhere_is_spoken_to_encrypted_without_a_password_too(inbox, trusted):
    with mail_server(inbox, tls_context=trusted, require_starttls=True) as port:
        send(f"smtp://0.0.0.0:{port}")
    assert len(inbox.taken) == 1


@pytest.mark.parametrize("at", ["0.0.0.0", f"{USER}:secret@127.0.0.1"])
def test_nothing_is_said_to_a_server_that_does_not_encrypt(inbox, at):
    with (
        mail_server(inbox, authenticator=inbox.authenticator, auth_require_tls=False) as port,
        pytest.raises(NotSent, match="no_tls"),
    ):
        send(f"smtp://{at}:{port}")
    assert (inbox.taken, inbox.logins) == ([], [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(inbox, tmp_path, scheme):
    _, context = certificate(tmp_path)
    options = {"tls_context": context} if scheme == "smtp" else {"ssl_context": context}
    with mail_server(inbox, **options) as port, pytest.raises(NotSent, match="no_tls"):
        send(f"{scheme}://0.0.0.0:{port}")
    assert inbox.taken == []


def test_a_wrong_password_is_a_login_refused(inbox, trusted):
    with (
        mail_server(inbox, tls_context=trusted, authenticator=inbox.authenticator, auth_required=True) as port,
        pytest.raises(NotSent, match="login_refused"),
    ):
        send(f"smtp://{USER}:faux@localhost:{port}")


def test_nobody_at_that_port_is_no_connection():
    with pytest.raises(NotSent, match="no_connection"):
        send(f"smtp://127.0.0.1:{free_port()}")


def test_a_host_that_does_not_exist_is_no_connection():
    with pytest.raises(NotSent, match="no_connection"):
        send("smtp://nulle-part.invalid:587")


@pytest.mark.parametrize(
    "step, answer, trouble, is_final",
    [
        ("on_sender", "550 5.7.1 not yours", "sender_refused", False),
        ("on_sender", "451 4.3.0 later", "sender_refused", False),
        ("on_recipient", "550 5.1.1 nobody lea@example.org", "recipient_refused", True),
        ("on_recipient", "450 4.2.0 greylisted", "recipient_refused", False),
        ("on_data", "554 5.7.1 spam", "message_refused", True),
        ("on_data", "451 4.3.0 later", "message_refused", False),
        ("on_data", "421 4.3.2 closing", "message_refused", False),
        ("on_data", DROP, "no_answer", False),
    ],
)
def test_each_refusal_has_its_name_and_says_whether_it_is_for_good(inbox, step, answer, trouble, is_final):
    getattr(inbox, step).append(answer)
    with mail_server(inbox) as port, pytest.raises(NotSent, match=trouble) as refused:
        send(f"smtp://127.0.0.1:{port}")
    assert refused.value.is_final is is_final
    assert "example.org" not in str(refused.value)


@pytest.mark.parametrize("step, answer", [("on_recipient", "550 no"), ("on_data", "451 later"), ("on_data", DROP)])
def test_the_mail_after_a_refused_one_leaves_by_the_same_carrier(inbox, step, answer):
    getattr(inbox, step).append(answer)
    with mail_server(inbox) as port, MailServer.at(f"smtp://127.0.0.1:{port}").connected("localhost") as carrier:
        mail = compose(Letter("lea@example.org", "fr", "Essai", ("Bonjour",)), SENDER, "k", datetime.now(UTC))
        with pytest.raises(NotSent):
            carrier.carry(mail)
        before = len(inbox.taken)
        carrier.carry(mail)
        assert len(inbox.taken) == before + 1


def test_a_server_that_takes_too_long_is_no_answer(inbox, monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS_TO_ACCEPT", 0.2)
    inbox.seconds = 1.0
    with mail_server(inbox) as port, pytest.raises(NotSent, match="no_answer"):
        send(f"smtp://127.0.0.1:{port}")


def test_an_address_beyond_ascii_reaches_a_server_that_takes_it(inbox):
    with mail_server(inbox, enable_SMTPUTF8=True) as port:
        send(f"smtp://127.0.0.1:{port}", to="zoé@example.org")
    assert inbox.for_whom == ["zoé@example.org"]


def test_an_address_beyond_ascii_is_refused_for_good_where_the_server_takes_none(inbox):
    with (
        mail_server(inbox, enable_SMTPUTF8=False) as port,
        pytest.raises(NotSent, match="recipient_refused") as refused,
    ):
        send(f"smtp://127.0.0.1:{port}", to="zoé@example.org")
    assert refused.value.is_final


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://:secret@",
        "smtp://u:secret@host:pas-un-port",
        "smtp://u:secret/0@host",
        "smtp://u:sec#ret@host:587",
        "smtp://host/dossier",
        "smtp://[::1:587",
    ],
)
def test_a_setting_that_is_no_mail_server_is_refused_without_being_quoted(url):
    with pytest.raises(ValidationError) as refused:
        Settings(smtp_url=url)
    said = [error["msg"] for error in refused.value.errors(include_input=False)]
    assert said == ["Value error, write smtp://user:password@host:587 or smtps://…, with %40 for an @ in the password"]
    assert "ret" not in str(said)


@pytest.mark.parametrize(
    "address", ["Réseau <a@example.org>", "a@example.org\r\nBcc: b@example.org", "a", "a@b@c", "a b@c"]
)
def test_a_sender_that_is_no_address_alone_is_refused(address):
    with pytest.raises(ValidationError):
        Settings(mail_from=address)


def test_the_password_stands_in_no_representation_and_in_no_log(inbox):
    server = MailServer.at(f"smtp://{USER}:tres-secret@127.0.0.1:{free_port()}")
    assert "tres-secret" not in f"{server!r} {server}"
    assert "tres-secret" not in repr(Settings(smtp_url=f"smtp://{USER}:tres-secret@localhost"))
    with LogLines() as lines, pytest.raises(NotSent), server.connected("localhost"):
        pass
    assert "tres-secret" not in lines.text


@pytest.mark.parametrize("url, port", [("smtp://h", 587), ("smtps://h", 465), ("smtp://h:2525", 2525)])
def test_a_server_has_the_usual_port_unless_another_is_named(url, port):
    assert MailServer.at(url).port == port
