"""What people are told by mail, in their language, and when there is nothing to tell any more."""

from uuid import uuid4

import pytest

from passapp.kernel.audit import SYSTEM
from passapp.kernel.outbox import OutboxMessage, enqueue
from passapp.mailing import LETTERS
from passapp.members.models import Member
from passapp.members.service import change_member
from tests.mails import link_of_mail, mails, text_of_mail
from tests.scenes import check_in, rows, undo


def only(world):
    [mail] = mails(world)
    return mail


def typed(world, member=None, **fields):
    """Somebody is let in by a short code that is typed; gives the answer and the door."""
    card = world.card(member or world.member(**fields))
    mails(world)
    for file in (world.settings.data_dir / "mails").iterdir():
        file.unlink()
    door = world.as_door(world.moulin)
    return check_in(door, world.scan(short_code=card.short_code)), door


@pytest.mark.parametrize(
    "locale, subject, said",
    [
        ("fr", "Léa, votre pass est prêt", "Montrez-le à l'accueil"),
        ("en", "Léa, your pass is ready", "Show it at the door"),
    ],
)
def test_a_new_pass_is_announced_in_the_members_language(world, locale, subject, said):
    member = world.member(locale=locale)
    world.card(member)
    mail = only(world)
    assert (mail["Subject"], mail["To"]) == (subject, member.email)
    assert mail["From"].addresses[0].display_name == "Le Réseau"
    assert said in text_of_mail(mail)
    assert link_of_mail(world, mail) == "/pass"


def test_a_pass_that_was_revoked_meanwhile_is_not_announced(world):
    card = world.card(world.member())
    world.as_coordinator().post(f"/api/v1/passes/{card.id}/revoke", json={"reason": "Erreur"})
    assert mails(world) == []


def test_a_pass_that_expired_meanwhile_is_not_announced(world):
    world.card(world.member(), months=1)
    world.later(days=40)
    assert mails(world) == []


def test_who_came_in_by_a_typed_code_is_told_where_and_when_by_the_clock_there(world):
    typed(world)
    mail = only(world)
    assert "Le Moulin a noté votre passage le 18 novembre 2026 à 11 h 00." in text_of_mail(mail)
    assert link_of_mail(world, mail) == "/pass"


def test_the_same_in_english(world):
    typed(world, locale="en")
    assert "Le Moulin noted your visit on 18 November 2026 at 11:00." in text_of_mail(only(world))


def test_the_first_of_a_month_has_its_french_name(world):
    world.later(days=13)
    typed(world)
    assert "le 1er décembre 2026" in text_of_mail(only(world))


def test_of_a_check_in_that_was_taken_back_nothing_is_said(world):
    answer, door = typed(world)
    undo(door, answer["check_in_id"])
    assert mails(world) == []


def test_both_addresses_are_told_of_a_change_and_neither_learns_the_other(world):
    member = world.member(email="avant@example.org")
    with world.database.write() as session:
        change_member(
            session, session.get_one(Member, member.id), {"email": "apres@example.org"}, at=world.now, actor=SYSTEM
        )
    former, present = sorted(mails(world), key=lambda mail: mail["To"], reverse=True)
    assert (former["To"], former["Subject"]) == ("avant@example.org", "Cette adresse n'ouvre plus votre pass")
    assert (present["To"], present["Subject"]) == ("apres@example.org", "Cette adresse ouvre maintenant votre pass")
    assert link_of_mail(world, present) == "/pass"
    assert "/pass" not in text_of_mail(former).replace(f"{world.settings.public_url}", "")
    assert "apres@" not in former.as_string()
    assert "avant@" not in present.as_string()


@pytest.mark.parametrize("kind", ["pass_ready", "pass_moved", "email_changed", "manual_check_in"])
def test_nobody_is_written_to_who_is_not_there_any_more(world, kind):
    card = world.card(world.member())
    mails(world)
    with world.database.write() as session:
        payload = {"pass_id": str(card.id), "check_in_id": str(uuid4())}
        enqueue(session, world.now, kind, "essai", uuid4(), **payload)
    assert len(mails(world)) == 1
    [message] = rows(world, OutboxMessage, OutboxMessage.key == "essai")
    assert message.error == "nothing_to_say"


def test_every_kind_that_a_room_puts_into_the_outbox_has_a_letter():
    kinds = "sign_in invitation passkey_added pass_ready pass_moved email_changed manual_check_in forgotten_visit"
    assert set(kinds.split()) <= set(LETTERS)
