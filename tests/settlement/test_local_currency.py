"""A network that settles in a local currency: the same statements, no euro obligation and no bank file (R16, R18)."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from passapp.accounts.models import Account
from passapp.accounts.rules import Role
from passapp.bookings.models import Booking, BookingAdvance
from passapp.bookings.rules import Rate
from passapp.cli import app
from passapp.network.models import Period
from passapp.settlement.files.models import Invoice
from passapp.settlement.payments.models import Payment
from passapp.settlement.rules.checking import arithmetic_flaws
from passapp.settlement.rules.documents import Documents, PublishedVersion, sha256_of
from passapp.settlement.rules.month import Former, Opening, Terms, settle
from passapp.settlement.rules.reading import differences, read_document
from passapp.settlement.service import recompute, settle_month
from passapp.settlement.tables import month_table
from tests.bookings.rooms import book, room
from tests.mails import mails, text_of_mail
from tests.scenes import close_month, rows
from tests.settlement.conventions import convention, document, partners, visit
from tests.settlement.details.places import IBAN, OTHER_IBAN, SIRETS, say
from tests.settlement.living import CLOSES, ask, close, life, november, pass_time
from tests.settlement.months import MONTH, agree, month_of, statement_of
from tests.settlement.payments.closed import camt
from tests.settlement.test_advances import booking

GONETTES = "gonettes"
JANUARY = date(2027, 1, 1)


def settled(bookings=(), visits=(), openings=(), **fields):
    said = document(**{"currency": GONETTES, "fund_basis_points": 500} | fields)
    among = partners(vat=((date(2020, 1, 1), 2000),))
    terms = Terms(convention(**said).netting)
    month = settle("2026-10", visits, {1: convention(**said)}, among, terms, bookings, Former(tuple(openings)))
    return Documents("RESEAU", month, [PublishedVersion(1, date(2020, 1, 1), sha256_of(said), said)])


def test_amounts_are_hundredths_of_it_and_taxed_like_euros():
    local, euros = settled(visits=[visit()]).month, settled(visits=[visit()], currency=None).month
    assert [local[name] for name in ("pairs", "fund", "positions")] == [
        euros[name] for name in ("pairs", "fund", "positions")
    ]
    assert local["pairs"][0]["vat_cents"] == 100
    assert (local["currency"], "currency" in euros) == (GONETTES, False)


def test_both_documents_name_it_and_the_statement_is_checked_from_the_file_alone():
    statement = settled(visits=[visit()]).statement("a")
    assert statement["currency"] == GONETTES
    assert arithmetic_flaws(statement) == []
    for wrong in ({"currency": "stücks"}, {"currency": None}):
        [flaw] = arithmetic_flaws(statement | wrong)
        assert f"its rules settle {GONETTES}" in flaw
    euros = settled(visits=[visit()], currency=None).statement("a")
    assert arithmetic_flaws(euros | {"currency": GONETTES}) == ["it is in gonettes, and its rules settle euros"]


def test_a_debt_of_before_is_in_it_although_the_rules_of_the_month_only_count():
    rules = {
        1: convention(currency=GONETTES),
        2: convention(money=False, tariff=[{"when": {}, "rate_cents": 0}], fund_basis_points=0),
    }
    month = settle(
        "2026-10", [], rules, partners(), Terms(rules[2].netting), (), Former((Opening("a", "b", 5, "2026-09"),))
    )
    counts = rules[2].model_dump(mode="json", by_alias=True, exclude_unset=True)
    documents = Documents("RESEAU", month, [PublishedVersion(2, date(2020, 1, 1), sha256_of(counts), counts)])
    assert documents.month["currency"] == documents.statement("a")["currency"] == GONETTES
    assert "currency" not in documents.statement("c")
    assert [arithmetic_flaws(documents.statement(place)) for place in "abc"] == [[], [], []]


def test_a_booking_that_a_home_advanced_is_told_and_left_to_the_two_places_in_euros():
    statement = settled([booking()], [visit()]).statement("a")
    [row] = statement["bookings_made"]
    assert (row["not_settled"], row["bookings"], row["total_cents"]) == ("in_euros", 1, 0)
    assert row["bookings_detail"][0]["amount_cents"] == 1200
    assert statement["position_cents"] == -600
    assert arithmetic_flaws(statement) == []


def test_that_a_place_took_no_part_goes_before():
    left = partners(left_on=date(2026, 10, 15))
    month = settle("2026-10", [], {1: convention(currency=GONETTES)}, left, Terms("gross"), [booking(day=20)])
    assert [line.not_settled for line in month.bookings] == ["took_no_part"]


@pytest.fixture
def local(world):
    """Two visits of the hangar's members at the moulin in November, which is over: 10 gonettes."""
    agree(world, currency=GONETTES)
    november(world, visits=2)
    return world


def path(place, name):
    return f"/api/v1/places/{place.id}/statements/{MONTH}/{name}"


def test_the_statement_is_like_one_in_euros(local):
    shown = statement_of(local.as_manager(), local.hangar)
    assert (shown["money"], shown["position_cents"]) == (True, -1000)
    assert month_of(local.as_coordinator())["after"]["total_cents"] == 1000


def test_the_signed_statement_names_it_and_verifies_with_the_public_keys_alone(local, tmp_path):
    close(local)
    (tmp_path / "sealed.json").write_bytes(local.as_manager().get(path(local.hangar, "sealed.json")).content)
    (tmp_path / "keys.json").write_bytes(local.as_manager().get("/api/v1/statement-keys").content)
    words = ["verify", str(tmp_path / "sealed.json"), "--keys", str(tmp_path / "keys.json")]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert json.loads((tmp_path / "sealed.json").read_text("utf-8"))["statement"]["currency"] == GONETTES


def test_documents_are_recomputed(local):
    manager = local.as_manager()
    for address in (path(local.hangar, "document.json"), f"/api/v1/months/{MONTH}/document.json"):
        given = read_document(manager.get(address).content)
        assert given["currency"] == GONETTES
        with local.session() as session:
            assert differences(given, recompute(session, given, at=local.now)) == []


def test_a_bank_an_invoice_and_an_import_in_euros_are_refused_with_a_sentence(local):
    say(local.as_manager(), local.hangar, iban=IBAN, siret=SIRETS[0])
    say(local.as_manager(local.moulin), local.moulin, iban=OTHER_IBAN, siret=SIRETS[1], invoices_monthly=True)
    close(local)
    french = {"Accept-Language": "fr"}
    manager = local.as_manager()
    refused = [
        manager.get(path(local.hangar, "payments.xml"), headers=french),
        manager.get(path(local.hangar, "import-ecritures.txt"), headers=french),
        manager.post(path(local.hangar, "invoices"), headers=french),
        manager.post(
            f"/api/v1/places/{local.hangar.id}/bank-statements",
            content=camt(),
            headers=french | {"Content-Type": "application/xml"},
        ),
    ]
    assert [(each.status_code, each.json()["code"]) for each in refused] == [(409, "local_currency")] * 4
    assert {each.json()["detail"] for each in refused} == {
        "Ce réseau règle en gonettes : pas de fichier bancaire, ni de facture ou d'import en euros."
    }
    assert rows(local, Invoice) == []


@pytest.mark.parametrize("name", ["statement.csv", "statement.xlsx", "statement.pdf", "statement.journal"])
def test_every_other_file_is_there(local, name):
    close(local)
    assert local.as_manager().get(path(local.hangar, name)).status_code == 200


def test_payments_are_listed_without_an_iban_and_marked_paid_by_hand(local):
    say(local.as_manager(local.moulin), local.moulin, iban=OTHER_IBAN)
    close(local)
    manager = local.as_manager()
    [payment] = manager.get(f"/api/v1/places/{local.hangar.id}/payments").json()["items"]
    assert (payment["amount_cents"], payment["iban"], payment["account_name"]) == (1000, None, None)
    marked = manager.put(
        f"/api/v1/payments/{payment['id']}/state",
        json={"state": "paid"},
        headers={"If-Match": f'"{payment["version"]}"'},
    )
    assert marked.json()["state"] == "paid"
    assert rows(local, Period, Period.month == MONTH)[0].state == "paid"


def test_a_closing_takes_two_people_as_money_moves(local):
    pass_time(local, CLOSES)
    assert ask(local.as_coordinator()).json()["state"] == "review"
    assert rows(local, Payment) == []


def test_mails_say_it_in_both_languages(world):
    agree(world, currency=GONETTES)
    world.account(Role.MANAGER, world.hangar)
    english = world.account(Role.PLACE_ACCOUNTANT, world.hangar)
    with world.database.write() as session:
        session.get_one(Account, english.id).locale = "en"
    november(world, visits=3)
    close(world)
    said = [mail["Subject"] + text_of_mail(mail) for mail in mails(world)]
    assert any("Le Hangar doit 15 gonettes." in each for each in said)
    assert any("November 2026 is closed: 15 gonettes to pay" in each for each in said)
    assert not [each for each in said if "€" in each]


def test_an_accountant_gets_the_files_that_there_are(local):
    mail = {"accountant_email": "comptable@example.org", "mails_accountant": True}
    say(local.as_manager(), local.hangar, iban=IBAN, siret=SIRETS[0], **mail)
    close(local)
    [sent] = [each for each in mails(local) if each["To"] == "comptable@example.org"]
    assert [part.get_filename() for part in sent.iter_attachments()] == [
        f"hangar-{MONTH}.pdf",
        f"hangar-{MONTH}.xlsx",
        f"hangar-{MONTH}.journal",
        f"hangar-{MONTH}.json",
    ]


def test_the_common_fund_says_what_it_holds_in_it(local):
    body = {"amount_cents": 100, "weights": "equal"}
    refused = local.as_coordinator().post("/api/v1/fund/distributions", json=body, headers={"Accept-Language": "fr"})
    assert refused.json()["detail"] == "La caisse commune contient 0,00 gonettes : ne répartissez pas davantage."


def test_the_terminals_table_names_it(local):
    with local.session() as session:
        table = month_table(settle_month(session, MONTH, at=local.now))
    assert table.splitlines()[0] == "2026-11  provisional  (in gonettes)"


def test_a_draft_is_tried_out_in_it(world):
    november(world)
    body = {"starts_on": "2027-02-01", "document": document(currency=GONETTES)}
    draft = world.as_coordinator().post("/api/v1/convention-drafts", json=body).json()["id"]
    shown = world.as_coordinator().get(f"/api/v1/convention-drafts/{draft}/example", params={"month": MONTH}).json()
    assert (shown["currency"], shown["would"]["total_cents"]) == (GONETTES, 500)


# Rooms are priced in euros: what a home advances is settled like the visits, and a statement has one unit.


def set_advance(world, advances, version=0):
    body, header = {"advances": advances, "ceiling": None}, {"If-Match": f'"{version}"', "Accept-Language": "fr"}
    return world.as_manager().put(f"/api/v1/places/{world.hangar.id}/booking-advance", json=body, headers=header)


def test_no_home_advances_bookings(world):
    agree(world, JANUARY, currency=GONETTES)
    refused = set_advance(world, advances=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "network_not_in_euros")
    assert refused.json()["detail"].startswith("Ce réseau règle en gonettes, et les salles se paient en euros")


def test_one_that_did_before_may_stop_and_whoever_books_pays_the_host(world):
    with world.database.write() as session:
        session.add(BookingAdvance(place_id=world.hangar.id, ceiling=None))
    agree(world, currency=GONETTES)
    book(world, room(world, rates=[Rate(hour=1000)]), world.member(world.hangar))
    assert [row.payer for row in rows(world, Booking)] == ["member"]
    assert set_advance(world, advances=False, version=1).json()["advances"] is False


def test_what_is_told_and_not_settled_keeps_no_month_from_closing_by_itself(world):
    agree(world, currency=GONETTES)
    booked = book(world, room(world, rates=[Rate(hour=1000)]), world.member(world.hangar))
    with world.database.write() as session:
        session.get_one(Booking, booked).payer = "home"
    november(world, host=world.hangar)
    assert life(world)["moves_money"] is False
    pass_time(world, CLOSES)
    assert life(world)["closed_by_itself"] is True


def test_what_was_advanced_before_is_told_on_the_statement_and_still_charged_back(world):
    agree(world, currency=GONETTES)
    booked = book(world, room(world, rates=[Rate(hour=1000)]), world.member(world.hangar))
    with world.database.write() as session:
        session.get_one(Booking, booked).payer = "home"
    manager = world.as_manager()
    [row] = statement_of(manager, world.hangar)["bookings_made"]
    assert (row["bookings"], row["not_settled"], row["total_cents"]) == (1, "in_euros", 0)
    assert statement_of(manager, world.hangar)["position_cents"] == 0
    charged = manager.get(f"/api/v1/places/{world.hangar.id}/advanced-bookings", params={"month": MONTH}).json()
    assert charged["total"] == 1000


def test_months_closed_before_stay_as_they_are_once_a_local_currency_is_agreed(world):
    november(world)
    close_month(world, MONTH)
    before = world.as_coordinator().get(f"/api/v1/months/{MONTH}/document.json").content
    agree(world, JANUARY, currency=GONETTES)
    assert world.as_coordinator().get(f"/api/v1/months/{MONTH}/document.json").content == before
