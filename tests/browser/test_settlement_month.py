"""A month that is over, in a browser: a statement found right, an error reported and settled, a month closed by two."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from passapp.accounts.rules import Role
from passapp.bookings.models import Booking
from passapp.kernel.ticking import tick
from passapp.network.models import Period
from passapp.network.rules import month_of
from passapp.running import chores
from passapp.settlement.contests.models import Contest
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.months.models import StatementConfirmation
from passapp.settlement.payments.models import FundDistribution, Payment
from tests.bookings.rooms import room
from tests.browser.conftest import DESKTOP, no_violation
from tests.browser.test_settlement_flow import five_euros_a_visit
from tests.scenes import rows
from tests.settlement.details.places import IBAN, SIRETS, say
from tests.settlement.living import ask, validate
from tests.settlement.months import make_visit
from tests.settlement.payments.closed import camt, close, entry, with_accounts
from tests.settlement.reporting import answer, report

pytestmark = pytest.mark.browser
MANAGER, ACCOUNTANT, COORDINATOR = Role.MANAGER, Role.NETWORK_ACCOUNTANT, Role.COORDINATOR


@pytest.fixture
def month(world):
    """Last month, in review: two members of Le Hangar went to Le Moulin. Browsers keep the real time."""
    return published(world, days=10, review_days=45)


@pytest.fixture
def to_close(world):
    """The month before it, that may be closed."""
    return published(world, days=40, review_days=0, answer_days=0)


def published(world, *, days, **rules):
    now = datetime.now(UTC)
    world.now = now
    before = (now.replace(day=1) - timedelta(days=days)).replace(hour=10)
    five_euros_a_visit(world, **rules)
    for hour in range(2):
        make_visit(world, world.hangar, world.moulin, before + timedelta(hours=hour))
    pass_time(world, now)
    return month_of(before.date())


def pass_time(world, at):
    world.now = at
    kept = chores(world.settings)
    tick(world.database, {name: kept[name] for name in ("unanswered_errors", "months")}, now=at)


def statement(place, month):
    return f"/places/{place.id}/statements/{month}"


def test_a_place_says_that_all_is_right(world, open_page, month):
    page = open_page(MANAGER, statement(world.hangar, month), place=world.hangar)
    expect(page.get_by_text("Une erreur ? Signalez-la jusqu’au")).to_be_visible()
    page.get_by_role("button", name="Tout est juste").click()
    expect(page.get_by_text("Vous avez dit que tout est juste")).to_be_visible()
    no_violation(page)
    [confirmation] = rows(world, StatementConfirmation)
    assert (confirmation.place_id, confirmation.number) == (world.hangar.id, 1)


def test_a_statement_past_its_day_says_since_when_its_month_could_be_closed(world, open_page, to_close):
    page = open_page(MANAGER, statement(world.hangar, to_close), place=world.hangar)
    expect(page.get_by_text("Le mois peut être clos depuis le")).to_be_visible()
    expect(page.get_by_text("Le mois se clôt à partir du")).to_have_count(0)


def test_an_error_in_one_visit_is_reported_answered_and_decided(world, open_page, month):
    page = open_page(MANAGER, statement(world.hangar, month), place=world.hangar)
    page.locator("summary").filter(has_text="Le Moulin").first.click()
    page.locator(".days details summary").click()
    page.get_by_role("button", name=re.compile(r"Signaler une erreur\s*, \d")).first.click()
    page.get_by_label("Cette personne n’est pas allée là-bas").check()
    page.get_by_label("En quelques mots").fill("Elle était en congé ce jour-là.")
    no_violation(page)
    page.get_by_role("button", name="Demander au Moulin").click()
    expect(page.get_by_text("Attend une réponse")).to_be_visible()
    [contest] = rows(world, Contest)
    path = f"/months/{month}/errors/{contest.id}"
    asked = open_page(MANAGER, path, place=world.moulin)
    expect(asked.get_by_text("« Elle était en congé ce jour-là. »")).to_be_visible()
    asked.get_by_label("Vos mots").fill("Je l'ai vue.")
    no_violation(asked)
    asked.get_by_role("button", name="Non, le relevé est juste").click()
    expect(asked.get_by_text("1 passage à compter")).to_be_visible()
    network = open_page(COORDINATOR, path, size=DESKTOP)
    network.get_by_text("Les passages (1)").click()
    expect(network.locator("main details li")).to_have_text(re.compile(r", \d\d:\d\d$"))
    network.get_by_role("button", name="Retirer").click()
    expect(network.get_by_text("Elle ne se reprend pas.")).to_be_visible()
    no_violation(network)
    assert [each.state for each in rows(world, Contest)] == ["answered"]
    network.get_by_role("button", name="Oui, retirer").click()
    expect(network.get_by_text("Erreur corrigée")).to_be_visible()
    no_violation(network)
    page.reload()
    expect(page.get_by_text("0 passage reçu, 1 fait ailleurs.")).to_be_visible()


def test_the_reporting_place_takes_its_report_of_a_whole_line_back(world, open_page, month):
    page = open_page(MANAGER, statement(world.moulin, month), place=world.moulin)
    page.locator("summary").filter(has_text="Le Hangar").first.click()
    expect(page.get_by_text("Ouvrez son jour.")).to_be_visible()
    page.get_by_role("button", name="Signaler une erreur sur tous ces passages (2)").click()
    expect(page.get_by_text("Les 2 passages avec Le Hangar, tous ensemble")).to_be_visible()
    expect(page.get_by_label("Compté deux fois")).to_have_count(0)  # which ones is not said of all
    page.get_by_label("pas venue ici").check()
    page.get_by_role("button", name="Demander au Hangar").click()
    page.get_by_role("link", name="2 passages").click()
    page.get_by_role("button", name="Ce n’était pas une erreur").click()
    expect(page.get_by_text("Signalement retiré").first).to_be_visible()
    assert [each.state for each in rows(world, Contest)] == ["withdrawn"]


def advanced(world, month):
    """Le Hangar advances a booking of 12 euros at Le Moulin, in that month; its next version is published."""
    starts = datetime.fromisoformat(f"{month}-15T09:00")
    at = {"local_start": starts, "local_end": starts + timedelta(hours=1)}
    at |= {"starts_at": starts.replace(tzinfo=UTC), "ends_at": (starts + timedelta(hours=1)).replace(tzinfo=UTC)}
    usual = {"state": "booked", "title": "Chorale", "people": 2, "zone": "Europe/Paris", "policy": 1, "price": 1200}
    usual |= {"payer": "home", "uid": "chorale@passapp", "made_at": world.now, "changed_at": world.now}
    room_id = room(world, world.moulin)
    with world.database.write() as session:
        session.add(Booking(place_id=world.moulin.id, resource_id=room_id, home_id=world.hangar.id, **usual, **at))
    pass_time(world, world.now + timedelta(minutes=1))


def test_a_booking_of_a_wrong_amount_is_reported_and_both_versions_are_said(world, open_page, month):
    advanced(world, month)
    page = open_page(MANAGER, statement(world.hangar, month), place=world.hangar)
    page.locator("summary").filter(has_text="1 réservation").click()
    page.get_by_role("button", name=re.compile("Signaler une erreur ?, .*Salle Bleue")).click()
    page.get_by_label("Le montant n’est pas juste").check()
    page.get_by_label("Le bon montant, en euros").fill("9")
    no_violation(page)
    page.get_by_role("button", name="Demander au Moulin").click()
    page.get_by_role("link", name="1 réservation").click()
    expect(page.get_by_text("Cette réservation coûte 9")).to_be_visible()
    no_violation(page)
    [contest] = rows(world, Contest)
    assert (contest.about, contest.reason, contest.owed_cents) == ("bookings", "wrong_amount", 900)


def test_former_versions_of_a_statement_are_listed_and_downloaded(world, open_page, month):
    advanced(world, month)
    page = open_page(MANAGER, statement(world.hangar, month), place=world.hangar)
    page.locator("summary").filter(has_text="Toutes les versions").click()
    with page.expect_download() as waited:
        page.get_by_role("link", name=re.compile("JSON signé ?, Version 1")).click()
    assert waited.value.suggested_filename == f"hangar-{month}-1-signed.json"
    no_violation(page)


def test_a_month_is_closed_by_two_people_then_paid(world, open_page, to_close):
    say(world.as_manager(world.moulin), world.moulin, iban=IBAN)
    path = f"/months/{to_close}/closing"
    page = open_page(COORDINATOR, path, size=DESKTOP)
    expect(page.get_by_text("2 lieux sans remarque, 0 question.")).to_be_visible()
    expect(page.get_by_text("2 relevés, 1 virement")).to_be_visible()
    expect(page.get_by_text("Total dû 10 € = total reçu 10 €")).to_be_visible()
    expect(page.get_by_text("Un lieu qui ne dit rien accepte son relevé")).to_be_visible()
    page.get_by_role("button", name="Demander une validation").click()
    expect(page.get_by_text("Une autre personne valide maintenant")).to_be_visible()
    # The button is gone: a keyboard goes on from where it stood.
    expect(page.locator("section:focus")).to_contain_text("Validation demandée")
    expect(page.get_by_role("button", name="Valider et clore")).to_have_count(0)
    no_violation(page)
    second = open_page(ACCOUNTANT, f"/months/{to_close}")
    expect(second.get_by_text("elle attend votre validation")).to_be_visible()
    no_violation(second)
    second.get_by_role("link", name="Voir la clôture").click()
    second.get_by_role("link", name="Qui paie qui").click()
    expect(second.get_by_role("heading", name="Paiements regroupés")).to_be_in_viewport()
    second.go_back()
    expect(second.get_by_text(re.compile("Validation demandée le .* par "))).to_be_visible()
    second.get_by_role("button", name="Valider et clore").click()
    expect(second.get_by_role("dialog").get_by_text("Total dû 10 € = total reçu 10 €")).to_be_visible()
    no_violation(second)
    second.get_by_role("button", name="Oui, clore").click()
    expect(second.get_by_role("status").get_by_text("est clos. Relevés envoyés.")).to_be_visible()
    expect(second.get_by_text("est clos. Les relevés ne changent plus.")).to_be_visible()
    expect(second.locator("section:focus")).to_contain_text("Le résultat")
    no_violation(second)
    debtor = open_page(MANAGER, statement(world.hangar, to_close), place=world.hangar)
    expect(debtor.get_by_text("10 € au Moulin au plus tard le")).to_be_visible()
    expect(debtor.get_by_role("button", name="Copier l’IBAN")).to_be_visible()
    for name in ("Écritures à importer", "Journal hledger"):
        expect(debtor.get_by_role("link", name=name)).to_be_visible()
    expect(debtor.get_by_role("link", name="Envoyer à ma comptable")).to_have_count(0)
    no_violation(debtor)
    debtor.get_by_role("button", name="C’est payé").click()
    expect(debtor.get_by_text(re.compile(r"Payé le \d"))).to_be_visible()
    assert [each.state for each in rows(world, Payment)] == ["paid"]


def test_a_month_with_a_question_waits_for_the_coordination_to_keep_or_take_out(world, open_page, month):
    reported = report(world.as_manager(world.hangar), world.hangar, month=month)
    answer(world.as_manager(world.moulin), reported.json(), agrees=False, words="Le carnet le dit.")
    page = open_page(COORDINATOR, f"/months/{month}/closing", size=DESKTOP)
    expect(page.get_by_text("1 lieu sans remarque, 1 question.")).to_be_visible()
    expect(page.get_by_text("« Le carnet le dit. »")).to_be_visible()
    no_violation(page)
    expect(page.get_by_text("dans un mois suivant")).to_have_count(0)
    page.get_by_label("Pourquoi").fill("Le carnet est signé.")
    page.get_by_role("button", name="Garder").click()
    page.get_by_role("button", name="Oui, garder").click()
    expect(page.get_by_text("2 lieux sans remarque, 0 question.")).to_be_visible()
    expect(page.get_by_text("Rien ne change")).to_be_visible()
    assert [each.state for each in rows(world, Contest)] == ["refused"]


def test_an_error_reported_once_the_month_is_closed_is_asked_on_its_page_too(world, open_page):
    month = published(world, days=10, review_days=0, answer_days=0)
    assert ask(world.as_coordinator(), month).status_code == 200
    assert validate(world.as_coordinator(), month).status_code == 200
    contest = report(world.as_manager(world.hangar), world.hangar, month=month).json()
    page = open_page(COORDINATOR, f"/months/{month}/closing", size=DESKTOP)
    expect(page.get_by_text("Attend une réponse")).to_be_visible()
    expect(page.get_by_role("button", name="Garder")).to_have_count(0)
    answer(world.as_manager(world.moulin), contest, agrees=False)
    page.reload()
    page.get_by_role("button", name="Garder").click()
    page.get_by_role("button", name="Oui, garder").click()
    expect(page.get_by_text("Rien ne change")).to_be_visible()
    no_violation(page)


def test_a_place_says_its_iban_and_a_wrong_one_is_said_beside_the_field(world, open_page):
    page = open_page(MANAGER, f"/places/{world.hangar.id}/settlement", place=world.hangar, size=DESKTOP)
    page.get_by_label("IBAN").fill("FR76 0000")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Cet IBAN n’est pas juste")).to_be_visible()
    page.get_by_label("IBAN").fill(IBAN)
    page.get_by_label("Mail de votre comptable").fill("comptable@example.org")
    page.get_by_label("Lui envoyer chaque mois clos").check()
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("C’est enregistré.").first).to_be_visible()
    [details] = rows(world, SettlementDetails)
    assert (details.iban, details.mails_accountant) == (IBAN, True)


def test_the_file_of_a_bank_marks_what_is_paid(world, open_page):
    with_accounts(world)
    [payment] = close(world)
    page = open_page(MANAGER, f"/places/{world.hangar.id}/payments", place=world.hangar, size=DESKTOP)
    expect(page.get_by_text("Le Hangar → Le Moulin")).to_be_visible()
    said = camt(entry(payment.end_to_end_id)).encode()
    file = {"name": "releve.xml", "mimeType": "application/xml", "buffer": said}
    page.get_by_label("Fichier camt.053").set_input_files(file)
    page.get_by_role("button", name="Lire le fichier").click()
    expect(page.get_by_text("1 mouvement lu : 1 payé, 0 échoué.")).to_be_visible()
    page.get_by_role("button", name="Payés (1)").click()
    expect(page.get_by_text("Le Hangar → Le Moulin")).to_be_visible()
    no_violation(page)
    assert [each.state for each in rows(world, Payment)] == ["paid"]


def test_a_transfer_is_said_to_have_failed_once_asked_and_is_put_back_on_the_spot(world, open_page):
    close(world)
    page = open_page(MANAGER, f"/places/{world.hangar.id}/payments", place=world.hangar)
    page.get_by_role("button", name="Le virement a échoué").click()
    expect(page.get_by_text("Le virement de 10 €, du Hangar au Moulin, reste dû")).to_be_visible()
    expect(page.get_by_text("Les deux lieux reçoivent un mail.")).to_be_visible()
    no_violation(page)
    assert [each.state for each in rows(world, Payment)] == ["due"]
    page.get_by_role("button", name="Oui, il a échoué").click()
    expect(page.get_by_text("Échoué : repris dans le mois suivant.")).to_be_visible()
    no_violation(page)
    assert [each.state for each in rows(world, Payment)] == ["failed"]
    page.get_by_role("button", name="Remettre à payer").click()
    expect(page.get_by_role("button", name="Le virement a échoué")).to_be_visible()
    assert [each.state for each in rows(world, Payment)] == ["due"]


def several(world, count):
    """A closed month of that many payments, 1 euro each."""
    names = ("Atelier", "Bocal", "Cantine", "Dôme", "Écluse", "Fabrique")
    places = [world.place(name.lower()[:3] + "-x", name) for name in names]
    pairs = [(one, other) for one in places for other in places if one is not other][:count]
    with world.database.write() as session:
        for number, (debtor, creditor) in enumerate(pairs):
            payment = Payment(month="2026-10", debtor_id=debtor.id, creditor_id=creditor.id, amount_cents=100)
            payment.end_to_end_id, payment.state, payment.due_on = f"RESEAU-{number}", "due", world.now.date()
            session.add(payment)
        session.flush()
        session.add(Period(month="2026-10", state="netted"))


def test_the_transfers_of_a_large_network_are_shown_a_page_at_a_time_and_found_by_name(world, open_page):
    several(world, 30)
    page = open_page(COORDINATOR, "/payments")
    expect(page.get_by_role("status").filter(has_text="30 virements, 30,00 € en tout")).to_be_visible()
    lines = page.locator("main li")
    expect(lines).to_have_count(20)
    no_violation(page)
    page.get_by_role("button", name="Afficher la suite").press("Enter")
    expect(lines).to_have_count(30)
    expect(lines.nth(20)).to_be_focused()
    expect(page.get_by_role("button", name="Afficher la suite")).to_have_count(0)
    page.get_by_role("searchbox", name="Chercher le nom d’un lieu").fill("ecluse dome")
    expect(page.get_by_role("status").filter(has_text="2 virements, 2,00 € en tout")).to_be_visible()
    expect(lines).to_have_text([re.compile("^Dôme → Écluse"), re.compile("^Écluse → Dôme")])
    expect(page.get_by_role("button", name="À payer (2)")).to_be_visible()
    page.reload()
    expect(lines).to_have_count(2)
    page.get_by_role("searchbox").fill("nulle part")
    expect(page.get_by_text("Aucun virement de ce lieu ici.")).to_be_visible()
    no_violation(page)


def test_once_its_invoices_are_written_a_place_is_not_asked_to_write_them(world, open_page, to_close):
    accountant = "comptable@example.org"
    say(world.as_manager(world.moulin), world.moulin, siret=SIRETS[0], accountant_email=accountant)
    say(world.as_manager(world.hangar), world.hangar, siret=SIRETS[1])
    assert ask(world.as_coordinator(), to_close).status_code == 200
    assert validate(world.as_coordinator(), to_close).status_code == 200
    page = open_page(MANAGER, statement(world.moulin, to_close))
    payments = page.locator("section").filter(has=page.get_by_role("heading", name="Paiements", exact=True))
    expect(payments.get_by_role("link", name="Envoyer à ma comptable")).to_be_visible()
    page.get_by_role("button", name="Écrire la facture").click()
    expect(page.get_by_text("Ce lieu a écrit toutes ses factures du mois.")).to_be_visible()
    expect(page.get_by_role("button", name="Écrire")).to_have_count(0)
    no_violation(page)
    home = open_page(MANAGER, statement(world.hangar, to_close), place=world.hangar)
    expect(home.get_by_text("Ce lieu n’a pas de facture à écrire pour ce mois.")).to_be_visible()


def test_an_address_of_no_month_asks_for_one_and_shows_nothing_of_itself(world, open_page):
    page = open_page(COORDINATOR, "/months/2031-13")
    expect(page.get_by_text("Ce mois n’existe pas : choisissez-en un autre.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Mois").locator("option:checked")).to_have_text("Choisir un mois")
    expect(page.locator("body")).not_to_contain_text("2031")
    no_violation(page)


def test_the_statement_of_another_place_says_so_and_a_month_that_is_none_leads_home(world, open_page, month):
    page = open_page(MANAGER, statement(world.moulin, month), place=world.hangar)
    expect(page.get_by_text("elle est d’un autre lieu")).to_be_visible()
    expect(page.get_by_role("heading", name="Relevé", exact=True)).to_be_visible()
    page.goto(page.url.replace(str(world.moulin.id), str(world.hangar.id)).replace(month, "2019-01"))
    expect(page.get_by_role("link", name="Revenir à l’accueil")).to_be_visible()
    expect(page.get_by_role("button", name="Réessayer")).to_have_count(0)
    no_violation(page)


def test_without_a_common_fund_its_page_says_so_and_gives_nothing_away(world, open_page, to_close):
    del world, to_close
    page = open_page(COORDINATOR, "/fund")
    expect(page.get_by_text("Les règles du réseau ne prévoient pas de caisse commune.")).to_be_visible()
    expect(page.get_by_role("button", name="Distribuer")).to_have_count(0)
    no_violation(page)


def test_the_common_fund_is_given_away(world, open_page):
    close(world, fund_basis_points=1000)
    with world.database.write() as session:
        for each in session.scalars(select(Payment)):
            each.state, each.paid_on = "paid", each.due_on
    page = open_page(COORDINATOR, "/fund", size=DESKTOP)
    page.get_by_label("Montant à donner").fill("1")
    page.get_by_label("La même part pour chaque lieu").check()
    no_violation(page)
    page.get_by_role("button", name="Distribuer").click()
    expect(page.get_by_text("1,00 €, le")).to_be_visible()
    assert [each.amount_cents for each in rows(world, FundDistribution)] == [100]


def test_a_list_of_the_networks_transfers_is_asked_for_once_it_is_opened(world, open_page):
    close(world, "2026-09")
    close(world)
    page = open_page(COORDINATOR, "/payments", size=DESKTOP)
    expect(page.get_by_role("button", name="À payer (2)")).to_be_visible()
    page.get_by_role("button", name="C’est payé").first.click()
    expect(page.get_by_text(re.compile("^Payé le"))).to_be_visible()
    page.get_by_role("button", name="Payés", exact=True).click()
    expect(page.get_by_role("button", name="Payés (1)")).to_be_visible()
    expect(page.get_by_text("Le Hangar → Le Moulin")).to_have_count(1)
    no_violation(page)


def test_who_changes_the_holder_of_the_fund_reads_what_is_to_be_transferred(world, open_page):
    world.as_coordinator().put("/api/v1/fund/holder", json={"place_id": str(world.moulin.id)})
    close(world, fund_basis_points=1000)
    page = open_page(COORDINATOR, "/fund", size=DESKTOP)
    page.get_by_label("Le lieu qui garde son argent").select_option("Le Hangar")
    expect(page.get_by_text("Le Moulin vire alors 1,00 € au Hangar.")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Son argent est sur le compte du Hangar.")).to_be_visible()
