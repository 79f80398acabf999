"""Asking for a sign-in link: the same answer for everybody, a letter for those who are known, not too many of them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from passapp.accounts.models import Account, SignInLink
from passapp.accounts.rules import Role
from passapp.kernel.audit import AuditEntry
from passapp.kernel.limits import RateCount
from passapp.kernel.outbox import OutboxMessage
from tests.accounts.signing_in import ask, is_signed_in, letters, secret_in, sign_in
from tests.scenes import everything_stored, rows


@pytest.fixture
def account(world):
    return world.account(Role.COORDINATOR)


def test_a_link_asked_for_comes_by_mail_and_signs_in(world, account):
    ask(world.client(), account.email)
    [letter] = letters(world)
    assert (letter.to, letter.language) == (account.email, "fr")
    client = world.client()
    answer = sign_in(client, secret_in(letter))
    assert answer.json()["account"]["email"] == account.email
    assert is_signed_in(client)


def test_the_answer_and_what_is_written_down_are_the_same_whether_the_address_is_known_or_not(world, account):
    known, unknown = ask(world.client(), account.email), ask(world.client(), "nobody@example.org")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, known.content)
    headers = [{k: v for k, v in answer.headers.items() if k != "x-request-id"} for answer in (known, unknown)]
    assert headers[0] == headers[1]
    assert [m.payload["email"] for m in rows(world, OutboxMessage)] == [account.email, "nobody@example.org"]
    assert [m.recipient_id for m in rows(world, OutboxMessage)] == [None, None]
    assert rows(world, SignInLink) == []
    assert "sign_in_link" not in " ".join(entry.action for entry in rows(world, AuditEntry))


def test_an_address_that_nobody_has_gets_no_letter_and_no_link(world):
    ask(world.client(), "nobody@example.org")
    assert letters(world) == []
    assert rows(world, SignInLink) == []


def test_capitals_lead_to_the_same_account(world, account):
    ask(world.client(), account.email.upper())
    assert [letter.to for letter in letters(world)] == [account.email]


@pytest.mark.parametrize(
    "email", ["l\u0435a@example.org", "léa@example.org", "lea", "a@b@c.org", "x\r\nBcc: y@z.org", ""]
)
def test_an_address_that_looks_like_another_or_is_none_is_refused_at_its_field(world, email):
    answer = ask(world.client(), email)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/email"]
    assert rows(world, OutboxMessage) == []


@pytest.mark.parametrize("email", ["a" * 300 + "@example.org", "lea@" + "a" * 10_000 + ".org"])
def test_an_oversized_address_is_refused(world, email):
    assert ask(world.client(), email).status_code == 422


def test_the_letter_is_in_the_language_of_the_account(world, account):
    with world.database.write() as session:
        session.get_one(Account, account.id).locale = "en"
    ask(world.client(), account.email)
    [letter] = letters(world)
    assert (letter.language, letter.subject, letter.action[0]) == ("en", "Your sign-in link", "Sign me in")


def test_the_link_leads_on_to_where_one_was_going(world, account):
    ask(world.client(), account.email, next="/places/1/doors?month=2026-11")
    [letter] = letters(world)
    path = urlsplit(letter.action[1])
    assert (path.scheme, path.netloc, path.path) == ("", "", "/sign-in")
    assert parse_qs(path.query) == {"next": ["/places/1/doors?month=2026-11"]}
    assert sign_in(world.client(), path.fragment).status_code == 200


@pytest.mark.parametrize("next_path", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"])
def test_a_link_that_would_lead_to_another_site_leads_to_the_home_page(world, account, next_path):
    assert ask(world.client(), account.email, next=next_path).status_code == 202
    [letter] = letters(world)
    assert letter.action[1].startswith("/sign-in#")


def test_an_oversized_next_page_is_refused(world, account):
    assert ask(world.client(), account.email, next="/" + "a" * 500).status_code == 422


def test_the_fifteen_minutes_begin_when_the_letter_leaves(world, account):
    ask(world.client(), account.email)
    leaves = world.later(minutes=10)
    [letter] = letters(world, leaves)
    world.later(minutes=14, seconds=59)
    assert sign_in(world.client(), secret_in(letter)).status_code == 200


def test_a_letter_that_waited_longer_than_its_link_would_last_does_not_leave(world, account):
    ask(world.client(), account.email)
    assert len(letters(world, world.now + timedelta(minutes=15))) == 1
    assert letters(world, world.now + timedelta(minutes=15, seconds=1)) == []


def test_five_letters_go_to_one_address_in_fifteen_minutes_and_nobody_is_told_of_the_sixth(world, account):
    answers = [ask(world.client(), account.email) for _ in range(7)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert len(rows(world, OutboxMessage)) == 5
    ask(world.client(), "nobody@example.org")
    assert len(rows(world, OutboxMessage)) == 6
    world.later(minutes=15)
    ask(world.client(), account.email)
    assert len(rows(world, OutboxMessage)) == 7


def test_one_network_address_asks_sixty_times_in_ten_minutes(world):
    client = world.client()
    assert {ask(client, f"p{n}@example.org").status_code for n in range(60)} == {202}
    answer = ask(client, "p20@example.org")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    assert answer.json()["detail"] == "Too many tries. Wait 10 min, then try again."
    assert ask(world.client(), "p21@example.org").status_code == 202


def test_tries_are_counted_without_keeping_the_address(world, account):
    ask(world.client(), account.email)
    keys = [counted.key for counted in rows(world, RateCount)]
    assert len(keys) == 2
    assert account.email not in " ".join(keys)


def test_the_link_of_a_letter_is_nowhere_in_the_database(world, account):
    ask(world.client(), account.email)
    [letter] = letters(world)
    assert secret_in(letter) not in everything_stored(world)


def test_an_account_that_went_while_the_letter_waited_gets_none(world):
    account = world.account(Role.MEMBER)
    ask(world.client(), account.email)
    with world.database.write() as session:
        session.delete(session.scalars(select(Account).where(Account.id == account.id)).one())
    assert letters(world) == []


def test_a_link_that_was_mailed_is_logged_as_mailed(world, account):
    ask(world.client(), account.email)
    letters(world)
    [made] = rows(world, AuditEntry, AuditEntry.action == "sign_in_link.make")
    assert (made.actor_kind, made.detail) == ("system", {"how": "mail"})


def test_once_it_leaves_the_mail_is_among_those_that_its_reader_was_sent(world, account):
    for email in (account.email, "nobody@example.org"):
        ask(world.client(), email)
    letters(world)
    recipients = {message.payload["email"]: message.recipient_id for message in rows(world, OutboxMessage)}
    assert recipients == {account.email: account.id, "nobody@example.org": None}
