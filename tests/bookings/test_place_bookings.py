"""A place's bookings and requests, as those see them who receive there."""

from datetime import timedelta

import pytest

from passapp.accounts.rules import Role
from passapp.bookings.models import AnswerLink, Claim, ClaimKind
from passapp.bookings.rules import Approval, Policy, Rate, Tier
from tests.bookings.desk import API, answer_by_link, at, book, deed
from tests.bookings.rooms import room
from tests.mails import link_of_mail, mails
from tests.scenes import rows

ASKS = Policy(is_always_open=True, approval=Approval.ALWAYS)


@pytest.fixture
def manager(world):
    """A manager of the moulin, and her browser."""
    account = world.account(Role.MANAGER, world.moulin)
    return account, world.signed_in(account)


@pytest.fixture
def client(world):
    return world.as_member(world.member(given_name="Inès", family_name="Garnier"))


def test_who_receives_sees_whom_a_booking_is_for_by_first_name_and_initial(world, client, manager):
    made = book(client, room(world))
    for browser in (manager[1], world.signed_in(world.account(Role.HOST, world.moulin))):
        [seen] = browser.get(f"{API}/places/{world.moulin.id}/bookings", params={"from": "2026-11-23"}).json()["items"]
        assert (seen["id"], seen["title"]) == (made["id"], "Réunion")
        assert seen["for"] == {"given_name": "Inès", "initial": "G", "home": "Le Hangar"}
        assert "Garnier" not in str(seen)


def test_a_week_is_that_of_the_places_own_clocks(world, client):
    reunion = world.place("saint-denis", zone="Indian/Reunion", subdivision="974")
    blue = room(world, reunion)
    book(client, blue, start="2026-11-22T23:00", end="2026-11-23T00:00")
    first = book(client, blue, start="2026-11-23T00:00", end="2026-11-23T01:00")["id"]
    last = book(client, blue, start="2026-11-29T23:00", end="2026-11-30T02:00")["id"]
    book(client, blue, start="2026-11-30T02:00", end="2026-11-30T03:00")
    browser = world.as_manager(reunion)
    seen = browser.get(f"{API}/places/{reunion.id}/bookings", params={"from": "2026-11-23", "days": 7}).json()
    assert [each["id"] for each in seen["items"]] == [first, last]


def test_what_is_off_or_held_for_nobody_any_more_is_not_in_the_week(world, client, manager):
    blue = room(world)
    deed(client, book(client, blue), "cancel")
    book(client, blue, hold=True)
    world.later(minutes=11)
    seen = manager[1].get(f"{API}/places/{world.moulin.id}/bookings", params={"from": "2026-11-23"}).json()
    assert seen == {"items": [], "unavailable": []}


def unavailable(client, place):
    """What cannot be booked in the week of the 23rd."""
    seen = client.get(f"{API}/places/{place.id}/bookings", params={"from": "2026-11-23"}).json()["unavailable"]
    return [(each["why"], each["resource"], each["reason"], each["local_start"], each["local_end"]) for each in seen]


def test_the_week_says_what_is_closed_and_why(world, manager):
    blue = room(world)
    closures = f"{API}/places/{world.moulin.id}/closures"
    works = {"start": "2026-11-21T08:00", "end": "2026-11-23T12:00", "reason": "Travaux"}
    event = {"resource_id": blue, "start": "2026-11-29T22:00", "end": "2026-11-30T02:00", "reason": "Fête"}
    for wanted in (works, event, event | {"start": "2026-11-30T00:00"}, works | {"end": "2026-11-23T00:00"}):
        assert manager[1].post(closures, json=wanted).status_code == 201
    assert unavailable(manager[1], world.moulin) == [
        ("closed", None, "Travaux", "2026-11-21T08:00", "2026-11-23T12:00"),
        ("closed", {"id": blue, "name": "Salle Bleue"}, "Fête", "2026-11-29T22:00", "2026-11-30T02:00"),
    ]
    assert unavailable(world.as_manager(world.hangar), world.hangar) == []


def test_what_is_open_again_is_not_closed_in_the_week(world, manager):
    closures = f"{API}/places/{world.moulin.id}/closures"
    wanted = {"start": "2026-11-23T08:00", "end": "2026-11-23T12:00", "reason": "Travaux"}
    made = manager[1].post(closures, json=wanted).json()["id"]
    assert manager[1].delete(f"{closures}/{made}").status_code == 204
    assert unavailable(manager[1], world.moulin) == []


def test_the_week_says_what_is_taken_in_another_tools_calendar(world, manager):
    blue, starts_at = room(world), at("2026-11-24T14:00+01:00")
    with world.database.write() as session:
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
        session.add(Claim(resource_id=blue, kind=ClaimKind.EXTERNAL, **times))
    named = {"id": blue, "name": "Salle Bleue"}
    assert unavailable(manager[1], world.moulin) == [("elsewhere", named, None, "2026-11-24T14:00", "2026-11-24T16:00")]


@pytest.mark.parametrize("days", [0, 32])
def test_more_than_a_month_is_too_much(world, manager, days):
    answer = manager[1].get(f"{API}/places/{world.moulin.id}/bookings", params={"from": "2026-11-23", "days": days})
    assert answer.status_code == 422


def test_a_place_cancels_without_a_fee_even_while_it_runs(world, client, manager):
    policy = Policy(is_always_open=True, tiers=(Tier(24, 0),), late_fee_percent=100)
    made = book(client, room(world, policy=policy, rates=[Rate(hour=1000)]))
    world.now = at("2026-11-23T09:10+01:00")
    cancelled = deed(manager[1], made, "cancel", reason="Fuite d'eau").json()
    assert (cancelled["state"], cancelled["fee"]) == ("cancelled", 0)


def test_a_place_moves_what_it_accepted_without_being_asked_again(world, client, manager):
    asked = book(client, room(world, policy=ASKS))
    accepted = deed(manager[1], asked, "answer", accept=True).json()
    moved = deed(manager[1], accepted, "change", start="2026-11-23T11:00", end="2026-11-23T12:00").json()
    assert (moved["state"], moved["local_start"]) == ("booked", "2026-11-23T11:00")
    again = deed(client, client.get(f"{API}/bookings/{asked['id']}").json(), "change", end="2026-11-23T13:00").json()
    assert again["state"] == "requested"


def test_a_host_says_that_somebody_has_come(world, client):
    made = book(client, room(world))
    world.now = at("2026-11-23T09:05+01:00")
    host = world.signed_in(world.account(Role.HOST, world.moulin))
    assert at(deed(host, made, "check-in").json()["came_at"]) == world.now


def test_requests_wait_until_they_are_answered(world, client, manager):
    asked = book(client, room(world, policy=ASKS))
    waiting = f"{API}/places/{world.moulin.id}/booking-requests"
    assert [each["id"] for each in manager[1].get(waiting).json()["items"]] == [asked["id"]]
    answer = deed(manager[1], asked, "answer", accept=False, reason="Complet")
    assert (answer.json()["state"], answer.json()["reason"]) == ("rejected", "Complet")
    assert manager[1].get(waiting).json()["items"] == []
    other = deed(manager[1], answer.json(), "answer", accept=True)
    assert (other.status_code, other.json()["code"]) == (409, "booking_over")


def test_a_request_is_answered_by_its_own_place_only(world, client):
    asked = book(client, room(world, policy=ASKS))
    for browser in (world.as_manager(world.hangar), client):
        answer = deed(browser, asked, "answer", accept=True)
        assert answer.status_code in {403, 404}


def link_of_request(world):
    """The secret of the link in the mail to the manager."""
    [mail] = [mail for mail in mails(world) if "répondre" in mail["Subject"]]
    path = link_of_mail(world, mail)
    assert path.startswith("/answer#")
    return path.partition("#")[2]


def test_a_manager_answers_from_the_mail_in_two_steps_without_signing_in(world, client, manager):
    asked = book(client, room(world, policy=ASKS, rates=[Rate(hour=1000)]), title="Atelier")
    anybody, token = world.client(), link_of_request(world)
    seen = anybody.post(f"{API}/booking-answers/look", json={"token": token}).json()
    assert (seen["place"], seen["resource"], seen["title"], seen["price"]) == (
        "Le Moulin",
        "Salle Bleue",
        "Atelier",
        1000,
    )
    assert seen["for"] == {"given_name": "Inès", "initial": "G", "home": "Le Hangar"}
    assert client.get(f"{API}/bookings/{asked['id']}").json()["state"] == "requested"
    answer = answer_by_link(anybody, token, accept=True, seen=seen["dates"])
    assert answer.json() == {"state": "booked"}
    assert client.get(f"{API}/bookings/{asked['id']}").json()["state"] == "booked"
    look = anybody.post(f"{API}/booking-answers/look", json={"token": token})
    for again in (look, answer_by_link(anybody, token, accept=True, seen=seen["dates"])):
        assert (again.status_code, again.json()["code"]) == (410, "answer_link_not_valid")
    assert rows(world, AnswerLink) == []


def test_a_link_answers_only_what_it_asked(world, client, manager):
    asked = book(client, room(world, policy=ASKS))
    token = link_of_request(world)
    deed(client, asked, "change", start="2026-11-25T09:00", end="2026-11-25T10:00")
    answer = answer_by_link(world.client(), token, accept=True)
    assert answer.status_code == 410


def test_a_link_is_of_no_use_to_who_manages_no_more(world, client, manager):
    book(client, room(world, policy=ASKS))
    token = link_of_request(world)
    second = world.as_manager(world.moulin)
    grants = second.get(f"{API}/places/{world.moulin.id}/role-grants").json()["items"]
    [grant] = [each for each in grants if each["account"]["id"] == str(manager[0].id)]
    assert second.delete(f"{API}/role-grants/{grant['id']}").status_code == 204
    answer = answer_by_link(world.client(), token, accept=True)
    assert answer.status_code == 410


def test_a_link_is_of_no_use_once_the_request_has_lapsed(world, client, manager):
    book(client, room(world, policy=ASKS))
    token = link_of_request(world)
    world.later(days=2)
    answer = world.client().post(f"{API}/booking-answers/look", json={"token": token})
    assert answer.status_code == 410


def test_guessing_links_ends_after_a_while(world):
    anybody = world.client()
    answers = [anybody.post(f"{API}/booking-answers/look", json={"token": f"x{n}"}) for n in range(21)]
    assert [answer.status_code for answer in answers] == [410] * 20 + [429]


def test_a_request_that_its_place_moves_waits_for_the_answer_all_the_same(world, client):
    asked = book(client, room(world, policy=ASKS))
    host = world.signed_in(world.account(Role.HOST, world.moulin))
    seen = host.get(f"{API}/bookings/{asked['id']}").json()
    moved = deed(host, seen, "change", start="2026-11-23T11:00", end="2026-11-23T12:00").json()
    assert (moved["state"], moved["local_start"]) == ("requested", "2026-11-23T11:00")


def test_another_title_asks_the_place_nothing(world, client, manager):
    asked = book(client, room(world, policy=ASKS))
    deed(manager[1], asked, "answer", accept=True)
    accepted = client.get(f"{API}/bookings/{asked['id']}").json()
    assert deed(client, accepted, "change", title="Chorale").json()["state"] == "booked"


def test_what_runs_is_shortened_without_an_answer_and_not_extended_without_one(world, client, manager):
    asked = book(client, room(world, policy=ASKS))
    deed(manager[1], asked, "answer", accept=True)
    world.now = at(asked["starts_at"]) + timedelta(minutes=20)
    accepted = client.get(f"{API}/bookings/{asked['id']}").json()
    longer = deed(client, accepted, "change", end="2026-11-23T12:00")
    assert [each["code"] for each in longer.json()["problems"]] == ["place_answers"]
    shorter = deed(client, accepted, "change", end="2026-11-23T09:45").json()
    assert (shorter["state"], shorter["answer_by"], shorter["expires_at"]) == ("booked", None, None)


def test_nobody_confirms_for_somebody_else_what_it_would_cost_them(world, client, manager):
    held = book(client, room(world), hold=True)
    assert manager[1].get(f"{API}/bookings/{held['id']}").json()["may"]["confirm"] is False
    assert manager[1].post(f"{API}/bookings/{held['id']}/confirm").status_code == 403
    assert client.post(f"{API}/bookings/{held['id']}/confirm").json()["state"] == "booked"
