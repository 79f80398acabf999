"""A mail that somebody waits for leaves as soon as the answer has, and nobody waits for the mail server."""

import subprocess
import sys
import threading
import time

from fastapi.testclient import TestClient

from passapp.app import create_app
from passapp.kernel.mail import Postman
from tests.kernel.log_lines import LogLines
from tests.mail_server import Inbox, mail_server, use_mail_server

PATIENCE = 20


def until(is_so):
    """Wait for something that another thread does."""
    ends = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < ends:
        time.sleep(0.02)
    return is_so()


def test_the_answer_leaves_first_then_the_mail_without_a_tick(world):
    member = world.member()
    inbox = Inbox()
    inbox.seconds = 0.5
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://127.0.0.1:{port}")
        app = create_app(world.settings, database=world.database, clock=lambda: world.now)
        with TestClient(app) as client:
            answer = client.post("/api/v1/sign-in-links", json={"email": member.email})
            assert answer.status_code in {200, 202, 204}, answer.text
            assert inbox.taken == []
            assert until(lambda: len(inbox.taken) == 1)
    assert inbox.for_whom == [member.email]


def test_who_asks_while_a_round_goes_on_gets_another_round_and_many_ask_for_one():
    rounds, go_on = [], threading.Event()

    def send():
        rounds.append(len(rounds))
        go_on.wait(PATIENCE)

    postman = Postman(send)
    postman.send_soon()
    assert until(lambda: len(rounds) == 1)
    for _ in range(5):
        postman.send_soon()
    go_on.set()
    assert until(lambda: len(rounds) == 2)
    postman.send_soon()
    assert until(lambda: len(rounds) == 3)


def test_a_mail_server_that_hangs_does_not_keep_the_process_from_ending():
    hanging = """
import time
from passapp.kernel import mail
mail.SECONDS_TO_FINISH = 0.2
postman = mail.Postman(lambda: time.sleep(600))
postman.send_soon()
postman.send_soon()
postman.finish()
"""
    assert subprocess.run([sys.executable, "-c", hanging], timeout=PATIENCE, check=True).returncode == 0


def test_a_round_that_fails_is_logged_and_the_next_one_is_done():
    rounds = []

    def send():
        rounds.append(1)
        raise RuntimeError("lea@example.org")

    postman = Postman(send)
    with LogLines() as lines:
        postman.send_soon()
        assert until(lambda: "mails were not sent" in lines.text)
        postman.send_soon()
        assert until(lambda: len(rounds) == 2)
    assert "example.org" not in lines.text
