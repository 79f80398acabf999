"""A place's answer: to a request, or to all dates of a series at once, as they were looked at."""

import pytest

from passapp.accounts.rules import Role
from passapp.bookings.rules import Approval, Policy, Rate
from tests.bookings.dates import make
from tests.bookings.desk import API, answer_by_link, book, deed
from tests.bookings.rooms import room
from tests.mails import link_of_mail, mails

ASKS = Policy(is_always_open=True, approval=Approval.ALWAYS)


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


@pytest.fixture
def client(world):
    return world.as_member(world.member())


def waiting(world, manager):
    return manager.get(f"{API}/places/{world.moulin.id}/booking-requests").json()


def together(client, first, *others, **fields):
    """Answer these as they were seen, at once."""
    return deed(
        client, first, "answer", others=[{name: each[name] for name in ("id", "version")} for each in others], **fields
    )


def states(client):
    return [each["state"] for each in client.get(f"{API}/me/bookings").json()["items"]]


def test_the_requests_of_a_series_come_with_how_it_repeats(world, client, manager):
    made = make(
        client, room(world, policy=ASKS), repeat={"every": "week", "interval": 2, "count": 3, "weekdays": [0, 2]}
    )
    found = waiting(world, manager)
    assert {each["series_id"] for each in found["items"]} == {made["id"]}
    repeat = {"every": "week", "interval": 2, "weekdays": [0, 2], "by_weekday": False}
    assert found["series"] == [{"id": made["id"], "repeat": repeat}]


def test_all_dates_of_a_series_are_accepted_at_once_and_told_once(world, client, manager):
    make(client, room(world, policy=ASKS))
    mails(world)
    answer = together(manager, *waiting(world, manager)["items"], accept=True)
    assert (answer.status_code, states(client)) == (200, ["booked"] * 4)
    assert len([mail for mail in mails(world) if mail["Subject"].startswith("C'est accepté")]) == 1
    assert waiting(world, manager) == {"items": [], "series": []}


def test_one_date_of_a_series_is_refused_and_the_others_still_wait(world, client, manager):
    make(client, room(world, policy=ASKS))
    second = waiting(world, manager)["items"][1]
    assert deed(manager, second, "answer", accept=False, reason="Complet").json()["state"] == "rejected"
    assert states(client) == ["requested"] * 3


def test_what_was_changed_meanwhile_is_not_answered(world, client, manager):
    asked = book(client, room(world, policy=ASKS))
    deed(client, asked, "change", start="2026-11-23T14:00", end="2026-11-23T15:00")
    answer = deed(manager, asked, "answer", accept=True)
    assert (answer.status_code, answer.json()["code"], states(client)) == (412, "stale", ["requested"])


def test_of_a_series_nothing_is_answered_where_one_date_was_changed_meanwhile(world, client, manager):
    make(client, room(world, policy=ASKS))
    seen = waiting(world, manager)["items"]
    deed(client, seen[2], "change", title="Autre chose")
    answer = together(manager, *seen, accept=True)
    assert (answer.status_code, answer.json()["code"], states(client)) == (412, "stale", ["requested"] * 4)


def test_an_answer_says_which_version_was_looked_at(world, client, manager):
    asked = book(client, room(world, policy=ASKS))
    answer = manager.post(f"{API}/bookings/{asked['id']}/answer", json={"accept": True})
    assert (answer.status_code, answer.json()["code"]) == (428, "version_required")


def test_only_dates_of_the_same_series_are_answered_together(world, client, manager):
    blue = room(world, policy=ASKS)
    made, alone = make(client, blue), book(client, blue, start="2026-11-24T09:00", end="2026-11-24T10:00")
    first = client.get(f"{API}/bookings/{made['occurrences'][0]['booking_id']}").json()
    for one, other in ((first, alone), (alone, first)):
        answer = together(manager, one, other, accept=True)
        assert (answer.status_code, answer.json()["code"]) == (404, "booking_unknown")
    assert states(client) == ["requested"] * 5


def test_the_link_in_the_mail_shows_every_date_and_what_they_come_to(world, client):
    world.account(Role.MANAGER, world.moulin)
    make(client, room(world, policy=ASKS, rates=[Rate(hour=1000)]))
    [asked] = [mail for mail in mails(world) if mail["Subject"].startswith("À répondre")]
    token = link_of_mail(world, asked).partition("#")[2]
    seen = world.client().post(f"{API}/booking-answers/look", json={"token": token}).json()
    assert (seen["price"], seen["repeat"]["every"]) == (4000, "week")
    assert [each["local_start"][:10] for each in seen["dates"]] == [
        "2026-11-23",
        "2026-11-30",
        "2026-12-07",
        "2026-12-14",
    ]


def test_the_link_for_a_single_request_shows_one_date(world, client):
    world.account(Role.MANAGER, world.moulin)
    book(client, room(world, policy=ASKS))
    [asked] = [mail for mail in mails(world) if mail["Subject"].startswith("À répondre")]
    token = link_of_mail(world, asked).partition("#")[2]
    seen = world.client().post(f"{API}/booking-answers/look", json={"token": token}).json()
    assert (seen["repeat"], len(seen["dates"])) == (None, 1)


def token_of(world):
    """The secret of the link in the first mail to a manager."""
    asked = next(mail for mail in mails(world) if mail["Subject"].startswith("À répondre"))
    return link_of_mail(world, asked).partition("#")[2]


def look(world, token):
    return world.client().post(f"{API}/booking-answers/look", json={"token": token}).json()["dates"]


def test_the_link_answers_no_date_that_was_changed_since_it_was_looked_at(world, client, manager):
    make(client, room(world, policy=ASKS))
    token = token_of(world)
    seen = look(world, token)
    deed(client, waiting(world, manager)["items"][2], "change", start="2026-12-08T09:00", end="2026-12-08T10:00")
    answer = answer_by_link(world.client(), token, accept=True, seen=seen)
    assert (answer.status_code, answer.json()["code"], states(client)) == (412, "stale", ["requested"] * 4)
    again = look(world, token)
    assert "2026-12-08T09:00" in {each["local_start"] for each in again}
    assert answer_by_link(world.client(), token, accept=True, seen=again).status_code == 200
    assert states(client) == ["booked"] * 4


def test_the_link_answers_no_date_that_asks_only_since_it_was_looked_at(world, client, manager):
    make(client, room(world, policy=ASKS))
    token = token_of(world)
    third = waiting(world, manager)["items"][2]
    third = deed(manager, third, "answer", accept=True).json()
    seen = look(world, token)
    assert len(seen) == 3
    deed(client, third, "change", start="2026-12-08T09:00", end="2026-12-08T10:00")
    answer = answer_by_link(world.client(), token, accept=True, seen=seen)
    assert (answer.status_code, answer.json()["code"], states(client)) == (412, "stale", ["requested"] * 4)


def test_an_answer_by_the_link_says_what_was_looked_at(world, client, manager):
    book(client, room(world, policy=ASKS))
    answer = world.client().post(f"{API}/booking-answers", json={"token": token_of(world), "accept": True})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"], states(client)) == (422, "/seen", ["requested"])


@pytest.mark.parametrize(
    "others, pointer",
    [
        ([{"id": "x", "version": 1}], "/others/0/id"),
        ([{"id": "01890000-0000-7000-8000-000000000000", "version": 0}], "/others/0/version"),
        ([{"id": "01890000-0000-7000-8000-000000000000", "version": 2**40}], "/others/0/version"),
        ([{"id": "01890000-0000-7000-8000-000000000000", "version": 1}] * 367, "/others"),
    ],
)
def test_what_is_no_list_of_dates_is_refused_at_its_field(world, client, manager, others, pointer):
    asked = book(client, room(world, policy=ASKS))
    answer = deed(manager, asked, "answer", accept=True, others=others)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert states(client) == ["requested"]
