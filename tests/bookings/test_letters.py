"""The mails of bookings, as their readers' programs show them."""

from datetime import datetime
from uuid import UUID

import pytest

from passapp.accounts.rules import Role
from passapp.bookings import service
from passapp.bookings.models import Booking
from passapp.bookings.rules import Approval, Policy, Rate, Tier, span_between
from passapp.bookings.service import Wanted
from passapp.kernel.audit import SYSTEM
from passapp.kernel.clock import zone_named
from passapp.kernel.ticking import tick
from passapp.running import chores
from tests.bookings.desk import API, at, book, deed
from tests.bookings.rooms import ALWAYS, home_pays, room
from tests.mails import link_of_mail, mails, text_of_mail

ASKS = Policy(is_always_open=True, approval=Approval.ALWAYS)


@pytest.fixture
def member(world):
    return world.member(given_name="Inès", family_name="Garnier")


@pytest.fixture
def client(world, member):
    return world.as_member(member)


def last_mail(world):
    """Subject and text of the mail that left last."""
    mail = mails(world)[-1]
    return mail["Subject"], text_of_mail(mail)


def mailed(world):
    """The subjects of all mails, without the days that they name."""
    return [mail["Subject"].partition(" : ")[0] for mail in mails(world)]


def chore(world, name):
    """Do one chore now."""
    return tick(world.database, {name: chores(world.settings)[name]}, now=world.now)[name]


def test_what_is_booked_is_told_with_when_what_it_costs_and_how_to_get_in(world, client):
    policy = Policy(is_always_open=True, tiers=(Tier(24, 0),), late_fee_percent=50)
    book(client, room(world, policy=policy, rates=[Rate(hour=1250)], access="Code 1234", contact="Sam, 06 12 34 56 78"))
    subject, text = last_mail(world)
    assert subject == "C'est réservé : Salle Bleue, 23 novembre 2026"
    assert "Bonjour Inès," in text
    assert "C'est réservé : Salle Bleue, Le Moulin, lundi 23 novembre 2026, de 9 h à 10 h." in text
    assert "12,50 € à régler sur place." in text
    assert "Annulation sans frais jusqu'au dimanche 22 novembre 2026 à 9 h." in text
    assert "Pour entrer : Code 1234" in text
    assert "À qui s'adresser : Sam, 06 12 34 56 78" in text
    assert link_of_mail(world, mails(world)[-1]) == "/bookings"


def move_by_place(world, booking, start, end):
    """The place drags it, as its page does."""
    with world.database.write() as session:
        mine = session.get_one(Booking, UUID(booking["id"]))
        times = [datetime.fromisoformat(f"2026-11-23T{time}:00+01:00") for time in (start, end)]
        wanted = Wanted(span_between(*times, zone_named(mine.zone)), mine.title, mine.people)
        service.move(session, mine, wanted, by_place=True, now=world.now, actor=SYSTEM)


def test_what_the_place_puts_back_at_once_is_told_to_nobody(world, client):
    made = book(client, room(world))
    assert mailed(world) == ["C'est réservé"]
    move_by_place(world, made, "14:00", "15:00")
    assert len(mailed(world)) == 1
    move_by_place(world, made, "09:00", "10:00")
    world.later(minutes=2)
    assert mailed(world) == ["C'est réservé"]


def test_what_the_place_moves_twice_is_told_once_as_it_is_then(world, client):
    made = book(client, room(world))
    mailed(world)
    move_by_place(world, made, "14:00", "15:00")
    move_by_place(world, made, "16:00", "17:00")
    world.later(minutes=2)
    assert mailed(world) == ["C'est réservé", "Réservation changée"]
    assert "de 16 h à 17 h" in last_mail(world)[1]


def test_what_was_told_elsewhere_is_told_again_once_it_is_put_back(world, client):
    made = book(client, room(world))
    for start, end in (("14:00", "15:00"), ("09:00", "10:00")):
        move_by_place(world, made, start, end)
        world.later(minutes=2)
        mails(world)
    assert mailed(world)[-1] == "Réservation changée"
    assert "de 9 h à 10 h" in last_mail(world)[1]


def test_what_the_place_puts_back_after_the_member_moved_it_between_is_told(world, client):
    made = book(client, room(world))
    mailed(world)
    move_by_place(world, made, "14:00", "15:00")
    seen = client.get(f"{API}/bookings/{made['id']}").json()
    deed(client, seen, "change", start="2026-11-23T16:00", end="2026-11-23T17:00")
    assert "de 16 h à 17 h" in last_mail(world)[1]
    move_by_place(world, made, "09:00", "10:00")
    world.later(minutes=2)
    assert "de 9 h à 10 h" in last_mail(world)[1]


def test_what_was_moved_and_put_back_before_it_was_told_at_all_is_told(world, client):
    made = book(client, room(world))
    move_by_place(world, made, "14:00", "15:00")
    move_by_place(world, made, "09:00", "10:00")
    world.later(minutes=2)
    assert "de 9 h à 10 h" in last_mail(world)[1]


@pytest.mark.parametrize(
    "policy, said",
    [
        (Policy(is_always_open=True, tiers=(Tier(24, 0), Tier(48, 0)), late_fee_percent=50), "jusqu'à 24 h avant"),
        (Policy(is_always_open=True), "sans frais jusqu'à son début"),
        (Policy(is_always_open=True, tiers=(Tier(24, 10),), late_fee_percent=50), None),
    ],
)
def test_a_series_is_told_with_until_when_its_dates_are_cancelled_for_nothing(world, client, policy, said):
    body = {
        "resource_id": room(world, policy=policy, rates=[Rate(hour=1000)]),
        "start": "2026-11-23T09:00",
        "end": "2026-11-23T10:00",
        "title": "Atelier",
        "people": 2,
        "repeat": {"every": "week", "count": 3},
    }
    assert client.post(f"{API}/series", json=body).is_success
    text = last_mail(world)[1]
    assert ("sans frais" in text, said is None or said in text) == (said is not None, True)


def test_in_english_it_says_the_same(world, client):
    assert client.patch(f"{API}/me", json={"locale": "en"}).status_code == 200
    book(client, room(world, rates=[Rate(hour=1200)]))
    subject, text = last_mail(world)
    assert subject == "It is booked: Salle Bleue, 23 November 2026"
    assert "Salle Bleue, Le Moulin, Monday 23 November 2026, 9:00 to 10:00." in text
    assert "€12 to pay on the spot." in text


def test_a_home_that_advances_is_said_to_pay(world, client):
    home_pays(world, world.hangar)
    book(client, room(world, rates=[Rate(hour=1200)]))
    assert "12 €, que votre lieu règle pour vous." in last_mail(world)[1]


def test_elsewhere_than_at_home_it_is_said_that_the_time_is_the_places(world, client):
    book(client, room(world, world.place("saint-denis", zone="Indian/Reunion", subdivision="974")))
    assert "de 9 h à 10 h (heure du lieu)." in last_mail(world)[1]


def test_what_is_held_is_told_once_it_is_confirmed(world, client):
    held = book(client, room(world), hold=True)
    assert mailed(world) == []
    deed(client, held, "confirm")
    deed(client, held, "confirm")
    assert mailed(world) == ["C'est réservé"]


def test_a_request_is_told_to_whoever_asked_and_to_every_manager_of_the_place(world, client):
    managers = [world.account(Role.MANAGER, world.moulin).email for _ in range(2)]
    world.account(Role.MANAGER, world.hangar)
    book(client, room(world, policy=ASKS), title="Atelier {couture}", people=1)
    asked = [mail for mail in mails(world) if mail["Subject"].startswith("À répondre")]
    assert sorted(mail["To"] for mail in asked) == sorted(managers)
    text = " ".join(text_of_mail(asked[0]).split())
    assert "Inès G. (Le Hangar) demande à réserver : Salle Bleue, Le Moulin, lundi 23 novembre 2026" in text
    assert "pour 1 personne (Atelier {couture})" in text
    assert "Sans réponse avant vendredi 20 novembre 2026 à 11 h" in text
    assert "Demande envoyée" in mailed(world)


@pytest.mark.parametrize("accept,subject", [(True, "C'est accepté"), (False, "Demande refusée")])
def test_an_answer_is_told_with_its_reason(world, client, accept, subject):
    asked = book(client, room(world, policy=ASKS))
    manager = world.as_manager(world.moulin)
    deed(manager, asked, "answer", accept=accept, reason="Complet")
    assert mailed(world)[-1] == subject
    assert ("« Complet »" in last_mail(world)[1]) == (not accept)


def test_a_change_and_a_cancellation_are_told_with_the_fee(world, client):
    policy = Policy(is_always_open=True, late_fee_percent=50)
    made = book(client, room(world, policy=policy, rates=[Rate(hour=1000)]))
    moved = deed(client, made, "change", start="2026-11-24T09:00", end="2026-11-24T10:00").json()
    assert "C'est maintenant : Salle Bleue, Le Moulin, mardi 24 novembre 2026" in last_mail(world)[1]
    deed(client, moved, "cancel")
    subject, text = last_mail(world)
    assert subject.startswith("Réservation annulée")
    assert "Frais d'annulation : 5 €." in text


def test_a_place_that_cancels_says_why_and_that_nothing_is_owed(world, client):
    made = book(client, room(world, rates=[Rate(hour=1000)]))
    deed(world.as_manager(world.moulin), made, "cancel", reason="Fuite d'eau")
    subject, text = last_mail(world)
    assert subject.startswith("Le lieu annule votre réservation")
    assert "Vous ne devez rien." in text
    assert "« Fuite d'eau »" in text


def test_what_has_changed_since_is_told_once_as_it_is(world, client):
    deed(client, book(client, room(world)), "cancel")
    assert mailed(world) == ["Réservation annulée"]


def test_to_whom_nobody_came_is_told_that_it_is_free_again(world, client):
    book(client, room(world, policy=ALWAYS))
    world.now = at("2026-11-23T09:14+01:00")
    assert chore(world, "no_shows") == 0
    world.later(minutes=1)
    assert chore(world, "no_shows") == 1
    assert mailed(world)[-1] == "Réservation libérée"
    assert client.get(f"{API}/me/bookings", params={"past": True}).json()["items"][0]["state"] == "no_show"


def test_a_request_that_nobody_answers_lapses_and_is_told(world, client):
    asked = book(client, room(world, policy=ASKS))
    world.later(days=2)
    assert chore(world, "lapsed_bookings") == 1
    assert chore(world, "lapsed_bookings") == 0
    assert client.get(f"{API}/bookings/{asked['id']}").json()["state"] == "cancelled"
    assert mailed(world)[-1] == "Demande sans réponse"


def test_a_hold_that_nobody_confirms_lapses_without_a_word(world, client):
    book(client, room(world), hold=True)
    world.later(minutes=10)
    assert chore(world, "lapsed_bookings") == 1
    assert mailed(world) == []


def test_a_booking_goes_into_the_readers_calendar(world, client):
    made = book(client, room(world))
    deed(client, made, "cancel")
    [mail] = mails(world)
    [part] = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "CANCEL"
    assert f"UID:{made['id']}@" in part.get_content()


def test_who_was_erased_since_is_told_nothing(world, client, member):
    book(client, room(world))
    assert client.post(f"{API}/my-data/erasure", json={"confirm": member.email}).status_code == 204
    assert [mail["Subject"] for mail in mails(world) if "Salle Bleue" in mail["Subject"]] == []
