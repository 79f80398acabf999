"""The mails around a closing: what each place pays and receives, and the coordination's reminder."""

from datetime import UTC, datetime, timedelta

import pytest

from passapp.accounts.models import Account
from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.ticking import tick
from passapp.places.service import change_place, get_place
from passapp.running import chores
from passapp.settlement.files.models import Invoice
from tests.mails import link_of_mail, mails, text_of_mail
from tests.scenes import rows, visits
from tests.settlement.details.places import IBAN, OTHER_IBAN, SIRETS, say
from tests.settlement.living import CLOSES, ask, close, life, november, pass_time
from tests.settlement.months import MONTH, agree, make_visit
from tests.settlement.reporting import answer, decide, reported

DECIDE_BY = datetime(2026, 12, 22, tzinfo=UTC)


@pytest.fixture
def people(world):
    """An accountant at each of the two places, the hangar's in French and the moulin's in English."""
    french, english = (world.account(Role.PLACE_ACCOUNTANT, place) for place in (world.hangar, world.moulin))
    with world.database.write() as session:
        session.get_one(Account, english.id).locale = "en"
    return french, english


def mails_to(world, account, subject):
    """The mails to somebody whose subject has these words."""
    return [mail for mail in mails(world) if mail["To"] == account.email and subject in mail["Subject"]]


def test_at_the_closing_each_place_reads_whom_it_pays_and_who_pays_it(world, people):
    agree(world)
    november(world, visits=2)
    close(world)
    [pays] = mails_to(world, people[0], "clos")
    assert pays["Subject"] == "Novembre 2026 est clos : 10 € à payer"
    assert "À payer au plus tard le 2 janvier 2027 : Le Moulin (10 €)." in text_of_mail(pays)
    assert link_of_mail(world, pays) == f"/places/{world.hangar.id}/statements/{MONTH}"
    [gets] = mails_to(world, people[1], "closed")
    assert gets["Subject"] == "November 2026 is closed: €10 to receive"
    assert "To receive by 2 January 2027: Le Hangar (€10)." in text_of_mail(gets)
    assert [part.get_content_type() for part in gets.walk()].count("text/html") == 1


def test_between_places_of_one_account_nothing_is_to_be_transferred_and_the_mail_says_who_marks_it(world, people):
    agree(world)
    november(world)
    phare = world.place("phare")
    make_visit(world, world.hangar, phare)
    pass_time(world, CLOSES)
    for place, iban in ((world.hangar, IBAN), (world.moulin, IBAN), (phare, OTHER_IBAN)):
        say(world.as_manager(place), place, iban=iban)
    close(world)
    [pays] = mails_to(world, people[0], "clos")
    assert pays["Subject"] == "Novembre 2026 est clos : 5 € à payer"
    said = " ".join(text_of_mail(pays).split())
    assert "À payer au plus tard le 2 janvier 2027 : Phare (5 €)." in said
    assert "Entre lieux qui ont le même compte, il n’y a rien à virer : Le Moulin (5 €)." in said
    [gets] = mails_to(world, people[1], "closed")
    assert gets["Subject"] == "November 2026 is closed: nothing to pay, nothing to receive"
    assert "there is nothing to transfer: Le Hangar (€5). A person marks it as paid" in " ".join(
        text_of_mail(gets).split()
    )


def test_one_visit_is_one_and_the_months_name_takes_its_article(world, people):
    agree(world)
    november(world)
    contest = reported(world)
    [counted] = mails_to(world, people[0], "Novembre")
    assert counted["Subject"] == "Novembre 2026 : 0 passage reçu, 1 fait ailleurs"
    [asked] = mails_to(world, people[1], "error")
    assert "in the visits of November 2026" in text_of_mail(asked)
    answer(world.as_manager(world.moulin), contest, agrees=True)
    [ended] = mails_to(world, people[0], "corrigée")
    assert "ces passages de novembre 2026 ne comptent plus" in text_of_mail(ended)


def test_a_manager_gets_one_mail_a_month_and_at_the_closing_only_to_pay_where_nobody_else_would(world):
    agree(world)
    pays, gets = (world.account(Role.MANAGER, place) for place in (world.hangar, world.moulin))
    november(world)
    close(world)
    of_month = {who.email: [m["Subject"] for m in mails_to(world, who, "ovembre 2026")] for who in (pays, gets)}
    statement = "Novembre 2026 : 1 passage reçu, 0 fait ailleurs"
    assert of_month[gets.email] == [statement]
    assert sorted(of_month[pays.email])[1] == "Novembre 2026 est clos : 5 € à payer"
    assert len(of_month[pays.email]) == 2


def test_whose_place_has_an_accountant_is_not_told_to_pay(world, people):
    agree(world)
    manager = world.account(Role.MANAGER, world.hangar)
    november(world)
    close(world)
    assert mails_to(world, manager, "clos") == []
    assert mails_to(world, people[0], "passage") == []


def test_the_name_of_a_place_stays_as_it_is_in_a_mail(world, people):
    agree(world)
    with world.database.write() as session:
        place = get_place(session, world.moulin.id)
        change_place(session, place, {"name": "Le {pays} Moulin"}, at=world.now, actor=SYSTEM)
    november(world)
    close(world)
    assert "Le {pays} Moulin (5 €)" in text_of_mail(mails_to(world, people[0], "clos")[0])


def test_who_has_nothing_to_pay_is_told_so(world, people):
    agree(world)
    world.place("loin", name="Au loin")
    far = world.account(Role.PLACE_ACCOUNTANT, world.place("ailleurs", name="Ailleurs"))
    november(world)
    close(world)
    [told] = mails_to(world, far, "clos")
    assert told["Subject"] == "Novembre 2026 est clos : rien à payer ni à recevoir"


def test_what_is_too_small_for_a_payment_is_said_to_be_carried(world, people):
    agree(world, threshold_cents=1000)
    november(world)
    close(world)
    [told] = mails_to(world, people[0], "clos")
    assert "reporté au mois suivant : Le Moulin (5 €)." in text_of_mail(told)


def test_a_month_that_only_counts_closes_without_a_mail(world, people):
    november(world)
    pass_time(world, CLOSES)
    mails(world)
    assert rows(world, OutboxMessage, OutboxMessage.kind == "month_closed") == []


def remind(world, at):
    """What the reminders do at an instant; gives how many there were."""
    world.now = at
    return tick(world.database, {"decision_reminders": chores(world.settings)["decision_reminders"]}, now=at)


@pytest.fixture
def disagreed(world):
    """Two places that do not agree about November; gives the report and a coordinator."""
    agree(world)
    november(world, visits=2)
    coordinator = world.account(Role.COORDINATOR)
    contest = reported(world)
    answer(world.as_manager(world.moulin), contest, agrees=False)
    return contest, coordinator


def test_on_its_last_day_the_coordination_is_reminded_once_of_what_it_has_to_decide(world, disagreed):
    _, coordinator = disagreed
    assert remind(world, DECIDE_BY - timedelta(hours=3)) == {"decision_reminders": 0}
    for hours in (1, 2):
        remind(world, DECIDE_BY + timedelta(hours=hours))
    [mail] = mails_to(world, coordinator, "décision")
    assert mail["Subject"] == "Novembre 2026 : votre décision est attendue"
    assert "Deux lieux ne sont pas d'accord" in text_of_mail(mail)
    assert link_of_mail(world, mail) == f"/months/{MONTH}/closing"


def test_of_what_two_places_do_not_agree_about_later_the_coordination_is_reminded_again(world):
    agree(world)
    coordinator = world.account(Role.COORDINATOR)
    november(world, visits=2)
    first, second = (str(visit.id) for visit in visits(world))
    contest = reported(world, visits=[first])
    answer(world.as_manager(world.moulin), contest, agrees=False)
    remind(world, DECIDE_BY)
    decide(world.signed_in(coordinator), contest, accept=False)
    close(world)
    later = reported(world, visits=[second])
    answer(world.as_manager(world.moulin), later, agrees=False)
    due = datetime.fromisoformat(f"{later['decide_by']}T12:00:00+00:00")
    for at in (due, due + timedelta(days=1)):
        remind(world, at)
    told = rows(
        world, OutboxMessage, OutboxMessage.kind == "decisions_due", OutboxMessage.recipient_id == coordinator.id
    )
    assert len(told) == 2


def test_of_what_was_decided_before_the_mail_leaves_nobody_is_reminded(world, disagreed):
    contest, coordinator = disagreed
    remind(world, DECIDE_BY + timedelta(hours=1))
    assert decide(world.as_coordinator(), contest, accept=False).status_code == 200
    assert mails_to(world, coordinator, "décision") == []


def test_the_invoices_of_a_place_that_has_them_written_monthly_go_along_to_its_accountant(world):
    agree(world)
    say(world.as_manager(world.hangar), world.hangar, siret=SIRETS[0])
    own = {"siret": SIRETS[1], "accountant_email": "comptable@example.org", "mails_accountant": True}
    say(world.as_manager(world.moulin), world.moulin, **own, invoices_monthly=True)
    november(world)
    close(world)
    [mail] = [each for each in mails(world) if each["To"] == "comptable@example.org"]
    assert "moulin-PASS-2026-0001.pdf" in [part.get_filename() for part in mail.iter_attachments()]
    assert [each.total_cents for each in rows(world, Invoice)] == [500]


def test_invoices_that_cannot_be_written_keep_no_month_open(world, monkeypatch):
    def fail(*_args):
        msg = "no number left"
        raise OSError(msg)

    agree(world)
    for place, siret in zip((world.hangar, world.moulin), SIRETS, strict=True):
        say(world.as_manager(place), place, siret=siret, invoices_monthly=True)
    november(world)
    monkeypatch.setattr("passapp.settlement.files.service._next_number", fail)
    close(world)
    assert rows(world, Invoice) == []
    assert life(world)["state"] == "netted"


def test_who_may_validate_a_closing_is_told_that_it_waits(world):
    agree(world)
    november(world)
    asks, validates = world.account(Role.COORDINATOR), world.account(Role.NETWORK_ACCOUNTANT)
    pass_time(world, CLOSES)
    assert ask(world.signed_in(asks)).status_code == 200
    [mail] = mails_to(world, validates, "clôture")
    assert mail["Subject"] == "Novembre 2026 : la clôture attend votre validation"
    assert link_of_mail(world, mail) == f"/months/{MONTH}/closing"
    assert mails_to(world, asks, "clôture") == []


def test_a_closing_taken_back_before_the_mail_leaves_waits_for_nobody(world):
    agree(world)
    november(world)
    asks, validates = world.account(Role.COORDINATOR), world.account(Role.NETWORK_ACCOUNTANT)
    pass_time(world, CLOSES)
    client = world.signed_in(asks)
    assert ask(client).status_code == 200
    assert client.delete(f"/api/v1/months/{MONTH}/closing").status_code < 300
    assert mails_to(world, validates, "clôture") == []


def test_a_closing_that_is_asked_again_after_it_was_taken_back_is_told_again(world):
    agree(world)
    november(world)
    asks, validates = world.account(Role.COORDINATOR), world.account(Role.NETWORK_ACCOUNTANT)
    pass_time(world, CLOSES)
    client = world.signed_in(asks)
    for minutes in (0, 1):
        world.now = CLOSES + timedelta(minutes=minutes)
        assert ask(client).status_code == 200
        assert client.delete(f"/api/v1/months/{MONTH}/closing").status_code == 204
    assert mails_to(world, validates, "clôture") == []
    world.now = CLOSES + timedelta(minutes=2)
    assert ask(client).status_code == 200
    assert len(mails_to(world, validates, "clôture")) == 1


def test_a_place_that_does_not_ask_has_no_invoice_written_by_a_closing(world):
    agree(world)
    for place, siret in zip((world.hangar, world.moulin), SIRETS, strict=True):
        say(world.as_manager(place), place, siret=siret)
    november(world)
    close(world)
    assert rows(world, Invoice) == []
