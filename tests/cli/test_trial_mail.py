"""A trial mail from the terminal says what came of it."""

import pytest

from tests.mail_server import Inbox, free_port, mail_server


@pytest.fixture
def inbox(monkeypatch):
    inbox = Inbox()
    with mail_server(inbox) as port:
        monkeypatch.setenv("PASSAPP_SMTP_URL", f"smtp://127.0.0.1:{port}")
        yield inbox


def test_it_arrives_from_the_network(terminal, inbox):
    assert "took a trial mail to lea@example.org" in terminal.ok("trial-mail", "Lea@Example.org")
    [mail] = inbox.taken
    assert mail["From"].addresses[0].display_name == "Le Réseau"


def test_before_there_is_a_network_the_mail_server_can_be_tried_too(bare, inbox):
    bare.ok("migrate")
    bare.ok("trial-mail", "lea@example.org")
    assert inbox.taken[0]["From"].addresses[0].display_name == "Passapp"


def test_without_a_mail_server_it_says_which_setting_is_missing(terminal):
    assert "PASSAPP_SMTP_URL" in terminal.fails("trial-mail", "lea@example.org")


def test_a_refusal_is_told_with_what_to_do(terminal, inbox):
    inbox.on_sender.append("553 5.7.1 not yours")
    assert "PASSAPP_MAIL_FROM" in terminal.fails("trial-mail", "lea@example.org")


def test_the_password_is_not_printed(terminal, monkeypatch):
    monkeypatch.setenv("PASSAPP_SMTP_URL", f"smtp://lea:tres-secret@127.0.0.1:{free_port()}")
    said = terminal.fails("trial-mail", "lea@example.org")
    assert "does not answer" in said
    assert "tres-secret" not in said


def test_a_setting_that_is_no_mail_server_ends_every_command_with_a_sentence(terminal, monkeypatch):
    monkeypatch.setenv("PASSAPP_SMTP_URL", "smtp://lea:tres-secret/0@host")
    said = terminal.fails("trial-mail", "lea@example.org")
    assert "write smtp://user:password@host:587" in said
    assert "tres-secret" not in said


def test_what_is_no_address_is_refused(terminal):
    assert "@" in terminal.fails("trial-mail", "lea")
