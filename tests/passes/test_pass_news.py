"""Who was given no card hears that their pass is ready, once, when it opens doors."""

from datetime import timedelta

from sqlalchemy import event

from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.ticking import tick
from passapp.members.models import Member
from passapp.passes.news import PASS_NEWS
from passapp.running import chores
from tests.mails import link_of_mail, mails, text_of_mail
from tests.phones import Phone
from tests.scenes import membership, move_home, resume, rows, suspend
from tests.world import NOW


def told(world):
    """Do the chore at this world's instant; gives all subjects of mails so far."""
    tick(world.database, {"pass_news": PASS_NEWS}, now=world.now)
    return [mail["Subject"] for mail in mails(world)]


def test_a_new_member_without_a_card_is_told_where_their_pass_is(world):
    member = world.member(locale="fr")
    world.later(minutes=10)
    assert told(world) == ["Léa, votre pass est prêt"]
    [mail] = mails(world)
    assert mail["To"] == member.email
    assert link_of_mail(world, mail) == "/pass"
    assert "indiquez cette adresse mail" in text_of_mail(mail)
    assert "imprimé" not in text_of_mail(mail)


def test_they_are_told_once(world):
    world.member()
    for _ in range(9):
        world.later(days=1)
        subjects = told(world)
    assert len(subjects) == 1


def test_the_server_does_it_among_its_chores(world):
    world.member()
    done = tick(world.database, chores(world.settings), now=world.later(minutes=10))
    assert (done["pass_news"], done["mail"]) == (1, 0)
    [message] = rows(world, OutboxMessage)
    assert (message.kind, message.payload) == ("pass_ready", {})


def test_who_is_given_a_card_at_once_gets_the_mail_of_the_card_alone(world):
    member = world.member()
    world.later(minutes=9)
    assert told(world) == []
    world.card(member)
    world.later(minutes=1)
    assert len(told(world)) == 1
    [message] = rows(world, OutboxMessage)
    assert message.key.startswith("pass_ready:")
    assert message.key != f"pass_ready:{member.id}"


def test_who_has_opened_their_pass_knows_where_it_is(world):
    world.as_member(world.member()).post("/api/v1/me/live-pass", json={"public_key": Phone().public_key})
    world.later(minutes=10)
    assert told(world) == []


def test_without_an_address_there_is_nobody_to_tell(world):
    world.member(email=None)
    world.later(minutes=10)
    assert told(world) == []


def test_who_begins_later_is_told_on_that_day(world):
    world.member(memberships=[membership(world.hangar, first_day=NOW.date() + timedelta(days=20))])
    world.later(days=19)
    assert told(world) == []
    world.later(days=1)
    assert len(told(world)) == 1


def test_who_may_not_come_in_is_told_once_they_may(world):
    member = world.member()
    suspend(world, member)
    world.later(minutes=10)
    assert told(world) == []
    world.as_coordinator().post(f"/api/v1/members/{member.id}/resume")
    assert len(told(world)) == 1


def test_who_was_paused_before_the_mail_left_is_not_told(world):
    member = world.member()
    world.later(minutes=10)
    tick(world.database, {"pass_news": PASS_NEWS}, now=world.now)
    suspend(world, member)
    assert mails(world) == []
    [message] = rows(world, OutboxMessage)
    assert message.error == "nothing_to_say"


def paused_before_the_mail_left(world):
    """A member whose mail found nothing to say."""
    member = world.member()
    world.later(minutes=10)
    tick(world.database, {"pass_news": PASS_NEWS}, now=world.now)
    suspend(world, member)
    assert told(world) == []
    return member


def test_who_was_paused_before_the_mail_left_is_told_once_they_may_come_in_within_a_week(world):
    member = paused_before_the_mail_left(world)
    world.later(days=5)
    assert told(world) == []
    resume(world, member)
    assert told(world) == told(world) == ["Léa, votre pass est prêt"]
    [message] = rows(world, OutboxMessage)
    assert message.error is None


def test_who_may_come_in_again_after_a_week_hears_nothing_of_it(world):
    member = paused_before_the_mail_left(world)
    world.later(days=8)
    resume(world, member)
    assert told(world) == []


def test_who_was_told_and_is_paused_and_back_hears_nothing_of_it_again(world):
    member = world.member()
    world.later(minutes=10)
    assert len(told(world)) == 1
    suspend(world, member)
    resume(world, member)
    assert len(told(world)) == 1


def test_a_card_made_on_the_day_of_the_mail_sends_no_second_one(world):
    first, second = world.member(), world.member()
    world.later(minutes=10)
    assert len(told(world)) == 2
    world.later(hours=23)
    world.card(first)
    assert len(told(world)) == 2
    world.later(hours=1)
    world.card(second)
    assert len(told(world)) == 3


def test_a_card_whose_member_was_not_told_after_all_sends_its_mail(world):
    member = paused_before_the_mail_left(world)
    resume(world, member)
    world.card(member)
    assert len(told(world)) == 1


def test_a_card_made_again_on_the_same_day_sends_its_mail(world):
    member = world.member()
    world.card(member)
    world.card(member)
    assert len(told(world)) == 2


def test_who_begins_in_some_days_is_not_looked_at_every_minute_until_then(world):
    seen = []
    looks = lambda member, _: seen.append(member.id)  # noqa: E731
    world.member(memberships=[membership(world.hangar, first_day=NOW.date() + timedelta(days=20))])
    event.listen(Member, "load", looks)
    try:
        world.later(days=2)
        told(world)
        assert seen == []
        world.later(days=17)
        told(world)
        assert seen != []
    finally:
        event.remove(Member, "load", looks)


def test_members_of_long_ago_hear_nothing_of_it(world):
    world.member()
    world.later(days=8)
    assert told(world) == []


def test_who_never_opened_their_pass_hears_of_it_again_at_a_new_home(world):
    member = world.member(world.hangar)
    world.later(days=60)
    assert told(world) == []
    move_home(world, member, world.moulin, world.now.date())
    assert len(told(world)) == 1
