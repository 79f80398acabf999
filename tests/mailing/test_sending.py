"""What waits in the outbox leaves over a real mail server: retried, never lost, never twice."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from passapp.kernel.database import Database
from passapp.kernel.ids import hash_secret
from passapp.kernel.mail import Letter
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.kernel.smtp import NotSent
from passapp.kernel.ticking import tick
from passapp.mailing import _carry, _claim, send_waiting
from passapp.running import chores
from tests.kernel.log_lines import LogLines
from tests.mail_server import DROP, Inbox, free_port, mail_server, use_mail_server
from tests.scenes import everything_stored, rows


def write(session, message, at):
    """A letter of the tests' own kind."""
    return Letter(message.payload["to"], "fr", f"Essai {message.payload['number']}", ("Bonjour",), ("Ouvrir", "/pass"))


def refuse(session, message, at):
    """A writer with a fault."""
    raise RuntimeError("lea0@example.org")


def say_nothing(session, message, at):
    """A writer who finds that there is nothing to say any more."""


LETTERS = {"essai": write, "sign_in": write, "muet": say_nothing, "faux": refuse}


def post(world, count=1, kind="essai", **fields):
    """Put messages into the outbox."""
    with world.database.write() as session:
        for number in range(count):
            key = f"{kind}:{uuid4()}"
            enqueue(session, world.now, kind, key, None, number=number, to=f"lea{number}@example.org", **fields)


def send(world, **options):
    """A round of sending; gives how many are done with."""
    return send_waiting(world.database, world.settings, world.now, letters=LETTERS, **options)


def message(world):
    [only] = rows(world, OutboxMessage)
    return only


@pytest.fixture
def inbox(world):
    """A mail server that the world uses."""
    inbox = Inbox()
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://127.0.0.1:{port}")
        yield inbox


def test_what_waits_leaves_in_order_over_one_connection_and_is_forgotten(world, inbox):
    post(world, 5)
    assert send(world) == 5
    assert [mail["Subject"] for mail in inbox.taken] == [f"Essai {number}" for number in range(5)]
    assert len(inbox.connections) == 1
    assert {(row.sent_at is None, row.failed_at, row.error) for row in rows(world, OutboxMessage)} == {
        (False, None, None)
    }
    assert [row.payload for row in rows(world, OutboxMessage)] == [{}] * 5
    assert "lea0@example.org" not in everything_stored(world)


def test_what_was_sent_is_not_sent_again(world, inbox):
    post(world)
    send(world)
    world.later(hours=5)
    assert send(world) == 0
    assert len(inbox.taken) == 1


def test_a_link_that_somebody_waits_for_leaves_before_the_rest(world, inbox):
    post(world, 3)
    post(world, kind="sign_in")
    send(world, at_most=1)
    assert (
        inbox.taken[0]["Message-ID"][1:41]
        == hash_secret(next(row.key for row in rows(world, OutboxMessage) if row.kind == "sign_in"))[:40]
    )


def test_the_rest_waits_for_the_next_round(world, inbox):
    post(world, 5)
    assert send(world, at_most=2) == 2
    assert len(inbox.taken) == 2
    assert send(world) == 3


@pytest.mark.parametrize("step", ["on_sender", "on_recipient", "on_data"])
def test_a_passing_refusal_is_tried_again_after_a_pause(world, inbox, step):
    post(world)
    getattr(inbox, step).append("451 4.3.0 later")
    assert send(world) == 0
    assert (message(world).attempts, message(world).sent_at) == (1, None)
    assert message(world).try_at - world.now < timedelta(minutes=2)
    world.later(seconds=50)
    assert send(world) == 0
    assert inbox.taken == []
    world.later(seconds=20)
    assert send(world) == 1
    assert len(inbox.taken) == 1
    assert message(world).error is None


def test_pauses_grow_from_a_minute_to_six_hours_and_end_after_three_days(world, inbox):
    post(world)
    inbox.on_recipient.extend(["450 4.2.0 greylisted"] * 100)
    pauses, started = [], world.now
    while message(world).failed_at is None:
        send(world)
        if message(world).failed_at is None:
            pauses.append(round((message(world).try_at - world.now) / timedelta(minutes=1)))
            world.now = message(world).try_at
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256] + [360] * 10
    assert timedelta(days=2.5) < world.now - started < timedelta(days=3)
    assert (message(world).error, message(world).payload) == ("recipient_refused", {})


@pytest.mark.parametrize("step, error", [("on_recipient", "recipient_refused"), ("on_data", "message_refused")])
def test_a_refusal_for_good_is_given_up_at_once_and_the_others_leave(world, inbox, step, error):
    post(world, 3)
    getattr(inbox, step).append("550 5.1.1 nobody here")
    assert send(world) == 3
    assert len(inbox.taken) == 2
    [failed] = rows(world, OutboxMessage, OutboxMessage.failed_at.is_not(None))
    assert (failed.error, failed.payload, failed.sent_at) == (error, {}, None)
    world.later(days=2)
    assert send(world) == 0


def test_a_server_that_is_down_loses_nothing_and_costs_no_attempt(world):
    use_mail_server(world, f"smtp://127.0.0.1:{free_port()}")
    post(world, 3)
    assert send(world) == 0
    assert {row.attempts for row in rows(world, OutboxMessage)} == {0}
    inbox = Inbox()
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://127.0.0.1:{port}")
        assert send(world) == 3
    assert len(inbox.taken) == 3


def test_a_connection_that_drops_on_the_last_word_is_tried_again_under_the_same_id(world, inbox):
    post(world)
    inbox.on_data.append(DROP)
    assert send(world) == 0
    assert message(world).error == "no_answer"
    world.later(minutes=2)
    assert send(world) == 1
    ids = {mail["Message-ID"] for mail in inbox.taken}
    assert (len(inbox.taken), len(ids)) == (2, 1)


def test_what_a_process_died_with_is_taken_up_by_another_later(world, inbox):
    post(world)
    assert _claim(world.database, world.settings, world.now, LETTERS) is not None
    world.later(minutes=9)
    assert send(world) == 0
    world.later(minutes=2)
    assert send(world) == 1
    assert message(world).attempts == 2


def test_one_who_comes_too_late_does_not_put_off_what_another_took_up(world, inbox):
    post(world)
    late = _claim(world.database, world.settings, world.now, LETTERS)
    world.later(minutes=11)
    mine = _claim(world.database, world.settings, world.now, LETTERS)
    inbox.on_data.append("451 later")
    with world.database.read() as session:
        before = session.get(OutboxMessage, mine.id).try_at
    server = Deaf()
    assert not _carry(world.database, late, server, world.now)
    assert message(world).try_at == before


class Deaf:
    """Carries nothing."""

    def carry(self, _mail):
        raise NotSent("no_answer")


def test_no_transaction_is_open_while_the_server_thinks(world, inbox):
    inbox.seconds = 1.5
    post(world)
    sender = threading.Thread(target=send, args=(world,))
    sender.start()
    while not inbox.connections and sender.is_alive():
        pass
    with world.database.write() as session:  # SQLite has one writer
        enqueue(session, world.now, "muet", "another", None)
    assert inbox.taken == []
    sender.join(timeout=20)
    assert len(inbox.taken) == 1


def test_two_who_send_at_once_send_each_message_once(world, inbox, database_url):
    post(world, 30)
    inbox.seconds = 0.01
    databases = [Database(database_url) for _ in range(3)]  # as of three processes
    start = threading.Barrier(len(databases))
    done = []

    def go(database):
        start.wait()
        done.append(send_waiting(database, world.settings, world.now, letters=LETTERS))

    threads = [threading.Thread(target=go, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for database in databases:
        database.dispose()
    assert sum(done) == 30
    assert sorted(inbox.for_whom) == sorted(f"lea{number}@example.org" for number in range(30))


def test_a_letter_that_has_nothing_to_say_any_more_is_not_sent(world, inbox):
    post(world, kind="muet")
    assert send(world) == 1
    assert inbox.taken == []
    assert (message(world).error, message(world).payload) == ("nothing_to_say", {})


def test_a_letter_that_cannot_be_written_keeps_none_of_the_others(world, inbox):
    post(world, kind="faux")
    post(world, 2)
    with LogLines() as lines:
        send(world)
    assert len(inbox.taken) == 2
    [faulty] = rows(world, OutboxMessage, OutboxMessage.kind == "faux")
    assert (faulty.error, faulty.sent_at, faulty.failed_at) == ("not_written", None, None)
    assert "RuntimeError" in lines.text
    assert "example.org" not in lines.text


def test_a_kind_that_nobody_writes_is_given_up(world, inbox):
    post(world, kind="inconnu")
    send(world)
    assert message(world).error == "unknown_kind"


def test_without_a_mail_server_messages_wait_a_week(world):
    post(world)
    assert send(world) == 0
    world.later(days=6, hours=23)
    assert send(world) == 0
    assert message(world).failed_at is None
    world.later(hours=2)
    assert send(world) == 1
    assert (message(world).error, message(world).payload) == ("too_old", {})


def test_a_mail_server_that_is_named_within_the_week_gets_what_waited(world):
    post(world)
    world.later(days=6)
    inbox = Inbox()
    with mail_server(inbox) as port:
        use_mail_server(world, f"smtp://127.0.0.1:{port}")
        assert send(world) == 1
    assert len(inbox.taken) == 1


def test_the_tick_sends_what_waits_and_says_so_beforehand(world, inbox):
    member = world.member()
    world.card(member)
    jobs = chores(world.settings)
    rehearsal = tick(world.database, jobs, now=world.now, dry_run=True)
    assert (rehearsal["mail"], inbox.taken) == (1, [])
    assert tick(world.database, jobs, now=world.now)["mail"] == 1
    assert inbox.for_whom == [member.email]
    assert tick(world.database, jobs, now=world.now)["mail"] == 0


def test_what_was_settled_a_month_ago_is_removed(world, inbox):
    post(world)
    send(world)
    jobs = chores(world.settings)
    world.later(days=29)
    assert tick(world.database, jobs, now=world.now)["sent_mail"] == 0
    world.later(days=2)
    assert tick(world.database, jobs, now=world.now)["sent_mail"] == 1
    assert rows(world, OutboxMessage) == []


def test_logs_hold_no_address_whatever_the_server_says(world, inbox):
    post(world, 4)
    inbox.on_recipient.extend(["550 5.1.1 <lea0@example.org> unknown", "450 4.2.0 <lea1@example.org> greylisted"])
    inbox.on_data.append("554 5.7.1 lea2@example.org looks like spam")
    with LogLines() as lines:
        send(world)
        use_mail_server(world, f"smtp://lea:secret@127.0.0.1:{free_port()}")
        world.later(minutes=2)
        send(world)
    assert len(inbox.taken) == 1
    assert "recipient_refused" in lines.text
    assert "no_connection" in lines.text
    assert "example.org" not in lines.text
    assert "secret" not in lines.text
