"""Invitations by mail, as a mail server takes them and as calendar programs read them."""

import pytest

from passapp.bookings import service
from passapp.bookings.calendars.invitations import Invitation
from passapp.bookings.models import Booking
from passapp.bookings.rules import Approval, Policy
from passapp.kernel.mail import Letter, Sender, compose
from passapp.kernel.smtp import MailServer
from tests.bookings.calendars.readers.reading import READERS, faults_by_libical, ical_js
from tests.bookings.calendars.test_feeds import followed, mine
from tests.bookings.rooms import book, do, room, wanted
from tests.mail_server import Inbox, mail_server

SENDER = Sender("Le Réseau", "pass@example.org", "https://pass.example.org")


@pytest.fixture
def lea(world):
    return world.member(family_name="Bertin")


def arrived(world, booking_id):
    """A mail with the invitation, as it comes out of a real mail server; its calendar parts, the attachment last."""
    inbox = Inbox()
    with world.session() as session, mail_server(inbox) as port:
        booking = session.get_one(Booking, booking_id)
        calendar = Invitation(session, booking, "lea@example.org", "fr", is_whole=False)
        letter = Letter("lea@example.org", "fr", "C'est réservé", ("Bonjour,",), ("Voir", "/bookings"), calendar)
        with MailServer.at(f"smtp://127.0.0.1:{port}").connected("pass.example.org") as way:
            way.carry(compose(letter, SENDER, "k", world.now))
    [mail] = inbox.taken
    return mail


def calendars_of(mail):
    return [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


def file_of(mail):
    return calendars_of(mail)[0].get_payload(decode=True)


def test_the_invitation_is_another_form_of_the_text_and_an_attachment(world, lea):
    mail = arrived(world, book(world, room(world), lea))
    assert mail.get_content_type() == "multipart/mixed"
    alternatives, attachment = mail.iter_parts()
    kinds = [part.get_content_type() for part in alternatives.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert attachment.get_filename() == "reservation.ics"
    inline, attached = calendars_of(mail)
    assert inline.get_payload(decode=True) == attached.get_payload(decode=True)
    for part in (inline, attached):
        assert part["Content-Type"].params["method"] == "REQUEST"
        assert part["Content-Type"].params["charset"] == "utf-8"
    assert mail["Content-Language"] == "fr"


@pytest.mark.parametrize("reader", READERS)
def test_a_change_has_the_same_uid_and_a_greater_sequence_and_so_has_its_cancellation(world, lea, reader):
    booked = book(world, room(world), lea, title="Atelier")
    read = []
    for deed, args in (
        (None, ()),
        (service.move, (wanted(60, title="Atelier"),)),
        (service.cancel, ()),
    ):
        if deed:
            do(world, deed, booked, *args, **({"reason": None} if deed is service.cancel else {}))
        read += READERS[reader](file_of(arrived(world, booked)))
    assert len({each.uid for each in read}) == 1
    assert [each.sequence for each in read] == [0, 1, 2]
    assert [each.status for each in read] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def test_a_cancellation_says_so_in_its_method(world, lea):
    booked = book(world, room(world), lea)
    do(world, service.cancel, booked, reason=None)
    mail = arrived(world, booked)
    assert calendars_of(mail)[0]["Content-Type"].params["method"] == "CANCEL"
    assert ical_js(file_of(mail))["method"] == "CANCEL"


def test_a_request_is_tentative(world, lea):
    booked = book(world, room(world, policy=Policy(is_always_open=True, approval=Approval.ALWAYS)), lea)
    assert [event["status"] for event in ical_js(file_of(arrived(world, booked)))["events"]] == ["TENTATIVE"]


def test_the_place_invites_in_the_networks_name_and_the_member_is_invited(world, lea):
    text = file_of(arrived(world, book(world, room(world), lea))).decode().replace("\r\n ", "")
    assert 'ORGANIZER;CN="Le Moulin":mailto:pass@example.org' in text
    assert "mailto:lea@example.org" in text
    assert 'CN="Léa Bertin"' in text


def test_the_invitation_and_the_calendar_that_follows_agree(world, lea):
    booked = book(world, room(world), lea, title="Atelier")
    assert READERS["ical"](file_of(arrived(world, booked))) == followed(world, mine(world, lea))


@pytest.mark.libical
def test_libical_finds_nothing_wrong_in_what_arrives(world, lea):
    assert faults_by_libical(file_of(arrived(world, book(world, room(world), lea)))) == []
