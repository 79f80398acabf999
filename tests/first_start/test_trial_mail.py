"""A trial mail at the first start: to the coordination itself, with what came of it in words."""

import threading

import pytest

from passapp.accounts.rules import Role
from passapp.kernel.outbox import enqueue
from tests.first_start.claiming import claim, draw
from tests.kernel.log_lines import LogLines
from tests.mail_server import Inbox, certificate, free_port, mail_server, use_mail_server
from tests.mails import text_of_mail

MAIL = "/api/v1/set-up/mail"
TRIAL = "/api/v1/set-up/trial-mail"


def trial(client):
    answer = client.post(TRIAL)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()["outcome"]


def test_a_new_network_without_a_mail_server_is_told_so(empty):
    client = empty.client()
    claim(client, draw(empty))
    assert client.get(MAIL).json() == {
        "has_server": False,
        "sender": "passapp@testserver",
        "to": "camille@example.org",
    }
    assert trial(client) == "no_server"


def test_a_trial_mail_goes_to_who_asks_for_it_in_their_language(world):
    inbox = Inbox()
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://127.0.0.1:{port}", mail_from="pass@example.org")
        account = world.account(Role.COORDINATOR)
        client = world.signed_in(account)
        assert client.get(MAIL).json()["has_server"]
        assert trial(client) == "sent"
    [mail] = inbox.taken
    assert inbox.for_whom == [account.email]
    assert str(mail["From"]) == "Le Réseau <pass@example.org>"
    assert mail["Subject"] == "Ça marche : un mail d'essai"
    assert "votre réseau envoie bien ses mails" in text_of_mail(mail)


@pytest.mark.parametrize(
    "step, answer, outcome",
    [
        ("on_sender", "553 5.7.1 not allowed", "sender_refused"),
        ("on_recipient", "550 5.1.1 nobody", "recipient_refused"),
        ("on_data", "554 5.7.1 spam", "message_refused"),
    ],
)
def test_a_refusal_is_told_by_what_was_refused(world, step, answer, outcome):
    inbox = Inbox()
    getattr(inbox, step).append(answer)
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://127.0.0.1:{port}")
        assert trial(world.as_coordinator()) == outcome


def test_a_server_that_is_not_there_is_told(world):
    use_mail_server(world, f"smtp://127.0.0.1:{free_port()}")
    assert trial(world.as_coordinator()) == "no_connection"


def test_a_refused_login_is_told_without_the_password(world, tmp_path, monkeypatch):
    file, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    inbox = Inbox()
    with mail_server(inbox, tls_context=context, authenticator=inbox.authenticator) as port, LogLines() as lines:
        use_mail_server(world, f"smtp://passapp:tres-faux@localhost:{port}")
        client = world.as_coordinator()
        assert trial(client) == "login_refused"
        assert "tres-faux" not in client.get(MAIL).text
    assert inbox.logins
    assert "tres-faux" not in lines.text


def test_a_server_without_encryption_gets_no_password(world):
    inbox = Inbox()
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://passapp:secret@127.0.0.1:{port}")
        assert trial(world.as_coordinator()) == "no_tls"


def test_nobody_waits_for_the_mail_server_but_who_asked(world):
    inbox = Inbox()
    inbox.seconds = 2.0
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://127.0.0.1:{port}")
        client = world.as_coordinator()
        asking = threading.Thread(target=client.post, args=(TRIAL,))
        asking.start()
        while not inbox.connections and asking.is_alive():
            pass
        with world.database.write() as session:  # SQLite has one writer
            enqueue(session, world.now, "essai", "essai", None)
        assert inbox.taken == []
        asking.join(timeout=20)
    assert len(inbox.taken) == 1


def test_trial_mails_are_few(world):
    client = world.as_coordinator()
    answers = [client.post(TRIAL).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_the_demo_sends_nothing_over_a_mail_server(world):
    inbox = Inbox()
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://127.0.0.1:{port}", demo=True)
        assert trial(world.as_coordinator()) == "sent"
    assert inbox.taken == []
