"""Downloads: a month and a statement in every format, from the routes, and the invoices of a closed month."""

from datetime import UTC, datetime, time, timedelta

import pytest

from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.places.service import change_place, get_place
from tests.at_once import at_once
from tests.scenes import close_month, rows
from tests.settlement.conventions import visit
from tests.settlement.details.places import IBAN, OTHER_IBAN, SIRETS, say
from tests.settlement.files.judges import flaws_of_invoice, flaws_of_payment, words_of
from tests.settlement.living import close as close_by_two
from tests.settlement.living import november
from tests.settlement.months import MONTH, agree, make_visit
from tests.settlement.payments.closed import close, put
from tests.settlement.reporting import answer, reported

FORMATS = {
    "statement.xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        b"PK",
        "hangar-2026-11.xlsx",
    ),
    "statement.pdf": ("application/pdf", b"%PDF-", "hangar-2026-11.pdf"),
    "import-ecritures.txt": ("text/plain; charset=utf-8", b"JournalCode", "import_ecritures_hangar_2026-11.txt"),
    "statement.journal": ("text/plain; charset=utf-8", b"; Le Hangar", "hangar-2026-11.journal"),
}


@pytest.fixture
def settled(world):
    """A visit each way of two places that charge no VAT, two of the hangar's."""
    agree(world)
    for home, host in ((world.hangar, world.moulin), (world.hangar, world.moulin), (world.moulin, world.hangar)):
        make_visit(world, home, host)
    return world


def path(world, name, place=None):
    return f"/api/v1/places/{(place or world.hangar).id}/statements/{MONTH}/{name}"


def with_sirets(world):
    say(world.as_manager(world.hangar), world.hangar, siret=SIRETS[0])
    say(world.as_manager(world.moulin), world.moulin, siret=SIRETS[1], account_name="Le Moulin")


def issue(world, place=None):
    return world.as_manager(place or world.hangar).post(path(world, "invoices", place))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_downloaded_under_its_name_and_twice_the_same(world, name):
    kind, begins, file = FORMATS[name]
    agree(world)
    november(world)
    close_by_two(world)
    manager = world.as_manager(world.hangar)
    answer = manager.get(path(world, name))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}"'
    assert answer.content.startswith(begins)
    assert manager.get(path(world, name)).content == answer.content


@pytest.mark.parametrize("name", ["import-ecritures.txt", "statement.journal"])
def test_nobody_books_a_month_that_may_still_change(settled, name):
    answer = settled.as_manager(settled.hangar).get(path(settled, name))
    assert (answer.status_code, answer.json()["code"]) == (409, "month_not_closed")


def test_the_networks_month_is_downloaded_as_a_workbook_by_every_place(settled):
    answer = settled.as_manager(settled.place("phare")).get(f"/api/v1/months/{MONTH}/month.xlsx")
    assert (answer.status_code, answer.content[:2]) == (200, b"PK")


def test_the_files_of_a_closed_month_stay_whatever_its_places_change(world):
    agree(world)
    manager = world.as_manager(world.moulin)
    said = say(manager, world.moulin, iban=OTHER_IBAN)
    november(world)
    close_by_two(world)
    manager, debtor = world.as_manager(world.moulin), world.as_manager(world.hangar)
    names = (*FORMATS, "statement.csv", "sealed.json")

    def files():
        mine = {name: manager.get(path(world, name, world.moulin)) for name in names}
        mine["where the other pays"] = debtor.get(path(world, "statement.pdf"))
        return {name: (each.content, each.headers.get("Content-Disposition")) for name, each in mine.items()}

    before = files()
    say(manager, world.moulin, version=said["version"], iban=IBAN, journal="VT", accounts={"income": "708000"})
    with world.database.write() as session:
        change_place(session, get_place(session, world.moulin.id), {"name": "Autre"}, at=world.now, actor=SYSTEM)
    assert files() == before


def test_a_bank_is_told_the_account_of_today(world):
    said = say(world.as_manager(world.moulin), world.moulin, iban=OTHER_IBAN)
    agree(world)
    november(world)
    close_by_two(world)
    say(world.as_manager(world.moulin), world.moulin, version=said["version"], iban=IBAN)
    say(world.as_manager(world.hangar), world.hangar, iban=OTHER_IBAN)
    assert IBAN.encode() in world.as_manager(world.hangar).get(path(world, "payments.xml")).content


def test_another_place_downloads_nothing_of_it(settled):
    stranger = settled.as_manager(settled.place("phare"))
    for name in (*FORMATS, "payments.xml", "invoices"):
        assert stranger.get(path(settled, name)).status_code == 403


@pytest.mark.poppler
def test_a_page_of_an_open_month_says_that_it_may_change(settled, tmp_path):
    words = words_of(settled.as_manager(settled.hangar).get(path(settled, "statement.pdf")).content, tmp_path)
    assert "Provisoire" in words
    assert "1 passage reçu, 2 faits ailleurs." in words


@pytest.mark.poppler
def test_the_page_shows_where_to_pay_once_it_is_closed_and_not_to_the_networks_accountant(settled, tmp_path):
    say(settled.as_manager(settled.moulin), settled.moulin, iban=OTHER_IBAN)
    close_month(settled, MONTH)
    grouped = "DE89 3704 0044 0532 0130 00"
    own = settled.as_manager(settled.hangar).get(path(settled, "statement.pdf")).content
    assert grouped in words_of(own, tmp_path)
    accountant = settled.signed_in(settled.account(Role.NETWORK_ACCOUNTANT))
    assert grouped not in words_of(accountant.get(path(settled, "statement.pdf")).content, tmp_path)


def test_the_bank_file_of_a_closed_month_is_what_the_place_is_to_pay(world):
    say(world.as_manager(world.moulin), world.moulin, iban=OTHER_IBAN)
    [payment] = close(world)
    manager = world.as_manager(world.hangar)
    address = f"/api/v1/places/{world.hangar.id}/statements/2026-10/payments.xml"
    assert manager.get(address).json()["code"] == "no_account"
    say(manager, world.hangar, iban=IBAN)
    answer = manager.get(address)
    assert flaws_of_payment(answer.content) == []
    assert payment.end_to_end_id.encode() in answer.content
    assert manager.get(address).content == answer.content
    paid = {"json": {"state": "paid"}, "headers": {"If-Match": '"1"'}}
    manager.put(f"/api/v1/payments/{payment.id}/state", **paid)
    assert manager.get(address).json()["code"] == "nothing_to_pay"


def test_nothing_is_transferred_from_an_account_into_itself_and_both_places_are_told_so(world):
    phare = world.place("phare")
    say(world.as_manager(phare), phare, iban=OTHER_IBAN)
    for place in (world.hangar, world.moulin):
        say(world.as_manager(place), place, iban=IBAN)
    visits = [visit("hangar", "moulin"), visit("hangar", "phare", visitor=2)]
    made = {each.creditor_id: each for each in close(world, visits=visits, places=("hangar", "moulin", "phare"))}
    address = f"/api/v1/places/{world.hangar.id}/statements/2026-10/payments.xml"
    file = world.as_manager(world.hangar).get(address).text
    assert flaws_of_payment(file.encode()) == []
    assert [made[key].end_to_end_id in file for key in (world.moulin.id, phare.id)] == [False, True]
    assert [same_account(world, place) for place in (world.hangar, world.moulin)] == [
        {"moulin": True, "phare": False},
        {"moulin": True},
    ]
    one = made[world.moulin.id]
    assert put(world.as_manager(world.moulin), one, state="paid").json()["state"] == "paid"


@pytest.mark.poppler
def test_the_page_shows_no_account_to_pay_into_where_that_is_the_places_own(world, tmp_path):
    agree(world)
    november(world)
    for place in (world.hangar, world.moulin):
        say(world.as_manager(place), place, iban=IBAN)
    close_by_two(world)
    for place in (world.hangar, world.moulin):
        address = f"/api/v1/places/{place.id}/statements/2026-11/statement.pdf"
        words = words_of(world.as_manager(place).get(address).content, tmp_path)
        assert "même compte : rien à virer, notez-le comme payé" in words
        assert IBAN[-4:] not in words
    stranger = world.signed_in(world.account(Role.NETWORK_ACCOUNTANT)).get(address)
    assert "même compte" not in words_of(stranger.content, tmp_path)


@pytest.mark.poppler
def test_the_page_of_who_holds_the_fund_asks_it_to_pay_itself_nothing(world, tmp_path):
    agree(world, fund_basis_points=5000)
    november(world)
    say(world.as_manager(world.moulin), world.moulin, iban=IBAN)
    world.as_coordinator().put("/api/v1/fund/holder", json={"place_id": str(world.moulin.id)})
    close_by_two(world)
    address = f"/api/v1/places/{world.moulin.id}/statements/2026-11/statement.pdf"
    words = words_of(world.as_manager(world.moulin).get(address).content, tmp_path)
    assert [said for said in ("même compte", IBAN[-4:]) if said in words] == []


def same_account(world, place):
    shown = world.as_manager(place).get(f"/api/v1/places/{place.id}/payments").json()["items"]
    return {each["creditor"]["code"]: each["same_account"] for each in shown}


def test_only_transfers_from_an_account_into_itself_are_no_bank_file(world):
    for place in (world.hangar, world.moulin):
        say(world.as_manager(place), place, iban=IBAN)
    close(world)
    address = f"/api/v1/places/{world.hangar.id}/statements/2026-10/payments.xml"
    assert world.as_manager(world.hangar).get(address).json()["code"] == "nothing_to_pay"
    [seen] = world.as_manager(world.place("phare")).get("/api/v1/payments").json()["items"]
    assert seen["same_account"] is False, "a stranger learns nothing of accounts"


def test_a_bank_file_that_is_late_asks_for_the_day_on_which_it_is_fetched_where_the_place_lies(world):
    say(world.as_manager(world.moulin), world.moulin, iban=OTHER_IBAN)
    [payment] = close(world)
    manager = world.as_manager(world.hangar)
    say(manager, world.hangar, iban=IBAN)
    address = f"/api/v1/places/{world.hangar.id}/statements/2026-10/payments.xml"
    assert f"<Dt>{payment.due_on}</Dt>" in manager.get(address).text
    world.now = datetime.combine(payment.due_on, time(23, 30), UTC)  # after midnight at the place
    late = manager.get(address)
    assert f"<Dt>{payment.due_on + timedelta(days=1)}</Dt>" in late.text
    assert payment.end_to_end_id in late.text
    assert flaws_of_payment(late.content) == []
    world.now += timedelta(minutes=20)
    assert manager.get(address).content == late.content


def test_invoices_wait_until_the_month_is_closed(settled):
    with_sirets(settled)
    answer = issue(settled)
    assert (answer.status_code, answer.json()["code"]) == (409, "month_not_closed")


def test_an_invoice_is_dated_and_numbered_as_of_the_day_at_the_place_that_writes_it(settled):
    with_sirets(settled)
    close_month(settled, MONTH)
    settled.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    [invoice] = [each for each in issue(settled).json()["items"] if each["host_id"] == str(settled.hangar.id)]
    assert (invoice["issued_on"], "2027" in invoice["number"]) == ("2027-01-01", True)


@pytest.mark.parametrize("name", ["payments.xml", "invoices"])
def test_of_what_is_no_month_there_is_no_bank_file_and_no_invoice(world, name):
    answer = world.as_manager(world.hangar).get(f"/api/v1/places/{world.hangar.id}/statements/2026-13/{name}")
    assert (answer.status_code, answer.json()["code"]) == (422, "month_not_valid")


def test_a_place_without_a_siret_writes_none(settled):
    close_month(settled, MONTH)
    assert issue(settled).json()["code"] == "no_siret"


def test_a_partner_without_a_siret_is_named_and_billed_later(settled):
    say(settled.as_manager(settled.moulin), settled.moulin, siret=SIRETS[1])
    close_month(settled, MONTH)
    answer = issue(settled, settled.moulin).json()
    assert (answer["items"], answer["without_siret"]) == ([], ["hangar"])
    say(settled.as_manager(settled.hangar), settled.hangar, siret=SIRETS[0])
    assert issue(settled, settled.moulin).json()["issued"] == 1


def test_each_host_writes_its_own_once_and_numbers_have_no_gap(settled):
    with_sirets(settled)
    close_month(settled, MONTH)
    first = issue(settled).json()
    [invoice] = first["items"]
    assert (first["issued"], invoice["number"], invoice["total_cents"]) == (1, "PASS-2026-0001", 500)
    assert issue(settled).json()["issued"] == 0
    assert issue(settled, settled.moulin).json()["issued"] == 1
    both = settled.as_manager(settled.hangar).get(path(settled, "invoices")).json()["items"]
    assert sorted(each["total_cents"] for each in both) == [500, 1000]
    [deed, _] = rows(settled, AuditEntry, AuditEntry.action == "invoice.issue")
    assert deed.detail == {"count": 1}


def listed(world, place=None):
    return world.as_manager(place or world.hangar).get(path(world, "invoices", place)).json()


def test_a_place_is_told_how_many_invoices_it_has_not_written_yet(settled):
    with_sirets(settled)
    assert listed(settled)["to_write"] == 0  # the month is open
    close_month(settled, MONTH)
    assert [listed(settled, place)["to_write"] for place in (settled.hangar, settled.moulin)] == [1, 1]
    assert issue(settled).json()["to_write"] == 0
    assert [listed(settled, place)["to_write"] for place in (settled.hangar, settled.moulin)] == [0, 1]


def test_what_nobody_gave_a_siret_for_is_not_waited_for_and_named(settled):
    say(settled.as_manager(settled.moulin), settled.moulin, siret=SIRETS[1])
    close_month(settled, MONTH)
    found = listed(settled, settled.moulin)
    assert (found["to_write"], found["without_siret"]) == (0, ["hangar"])
    assert listed(settled)["to_write"] == 0  # that place cannot ask for any


def test_with_a_mandate_the_invoice_waits_for_the_home(settled):
    say(settled.as_manager(settled.hangar), settled.hangar, siret=SIRETS[0], self_billing_since="2026-01-01")
    say(settled.as_manager(settled.moulin), settled.moulin, siret=SIRETS[1])
    close_month(settled, MONTH)
    assert [listed(settled, place)["to_write"] for place in (settled.hangar, settled.moulin)] == [0, 2]
    assert issue(settled, settled.moulin).json()["issued"] == 2


def test_two_who_ask_at_once_write_each_invoice_once(settled):
    with_sirets(settled)
    close_month(settled, MONTH)
    clients = [settled.as_manager(settled.moulin) for _ in range(3)]
    answers = at_once(settled, [(client, "POST", path(settled, "invoices", settled.moulin), {}) for client in clients])
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum(answer.json()["issued"] for answer in answers if answer.status_code == 201) == 1
    assert [each["number"] for each in listed(settled, settled.moulin)["items"]] == ["PASS-2026-0001"]


@pytest.mark.poppler
def test_the_page_and_the_xml_are_for_both_places_and_every_judge_accepts(settled, tmp_path):
    with_sirets(settled)
    close_month(settled, MONTH)
    [invoice] = issue(settled).json()["items"]
    for place in (settled.hangar, settled.moulin):
        manager = settled.as_manager(place)
        xml = manager.get(f"/api/v1/invoices/{invoice['id']}/factur-x.xml")
        assert flaws_of_invoice(xml.content) == []
        page = manager.get(f"/api/v1/invoices/{invoice['id']}/invoice.pdf")
        assert "Facture PASS-2026-0001" in words_of(page.content, tmp_path)
    stranger = settled.as_manager(settled.place("phare"))
    assert stranger.get(f"/api/v1/invoices/{invoice['id']}/invoice.pdf").status_code == 403


def test_an_invoice_stays_as_it_was_written(settled):
    with_sirets(settled)
    close_month(settled, MONTH)
    [invoice] = issue(settled).json()["items"]
    manager = settled.as_manager(settled.hangar)
    before = manager.get(f"/api/v1/invoices/{invoice['id']}/factur-x.xml").content
    say(manager, settled.hangar, version=1, siret=SIRETS[0], town="Rouen")
    assert manager.get(f"/api/v1/invoices/{invoice['id']}/factur-x.xml").content == before


def test_with_the_hosts_mandate_the_home_writes_the_invoice(settled):
    say(settled.as_manager(settled.hangar), settled.hangar, siret=SIRETS[0], self_billing_since="2026-01-01")
    say(settled.as_manager(settled.moulin), settled.moulin, siret=SIRETS[1])
    close_month(settled, MONTH)
    assert issue(settled).json()["issued"] == 0
    written = issue(settled, settled.moulin).json()
    assert written["issued"] == 2
    [mandated] = [each for each in written["items"] if each["kind"] == "self_billed"]
    assert mandated["number"] == f"A26-{SIRETS[1][:9]}-0001"
    xml = settled.as_manager(settled.hangar).get(f"/api/v1/invoices/{mandated['id']}/factur-x.xml").content
    assert b"<ram:TypeCode>389</ram:TypeCode>" in xml
    assert flaws_of_invoice(xml) == []


def test_with_the_hosts_mandate_the_home_writes_the_credit_note_too(world):
    agree(world)
    november(world)
    say(world.as_manager(world.moulin), world.moulin, siret=SIRETS[1], self_billing_since="2026-01-01")
    say(world.as_manager(world.hangar), world.hangar, siret=SIRETS[0])
    close_by_two(world)
    assert issue(world).json()["issued"] == 1
    answer(world.as_manager(world.moulin), reported(world), agrees=True)
    close_by_two(world, "2026-12", datetime(2027, 1, 25, 12, tzinfo=UTC))
    address = "/api/v1/places/{}/statements/2026-12/invoices"
    assert world.as_manager(world.moulin).post(address.format(world.moulin.id)).json()["issued"] == 0
    [credit] = world.as_manager(world.hangar).post(address.format(world.hangar.id)).json()["items"]
    assert (credit["kind"], credit["number"]) == ("self_billed_credit", f"A27-{SIRETS[0][:9]}-0001")
    xml = world.as_manager(world.moulin).get(f"/api/v1/invoices/{credit['id']}/factur-x.xml").content
    assert b"<ram:TypeCode>261</ram:TypeCode>" in xml
    assert flaws_of_invoice(xml) == []


def test_two_homes_that_write_in_one_hosts_name_give_no_number_twice(settled):
    phare = settled.place("phare")
    make_visit(settled, phare, settled.moulin)
    say(settled.as_manager(settled.moulin), settled.moulin, siret=SIRETS[1], self_billing_since="2026-01-01")
    say(settled.as_manager(settled.hangar), settled.hangar, siret=SIRETS[0])
    say(settled.as_manager(phare), phare, siret="35600000000048")
    close_month(settled, MONTH)
    every = [each for home in (settled.hangar, phare) for each in issue(settled, home).json()["items"]]
    written = [each["number"] for each in every if each["kind"] == "self_billed"]
    assert sorted(written) == ["A26-356000000-0001", f"A26-{SIRETS[0][:9]}-0001"]


def test_two_places_of_one_body_share_its_series(settled):
    phare = settled.place("phare")
    make_visit(settled, settled.hangar, phare)
    with_sirets(settled)
    say(settled.as_manager(phare), phare, siret=SIRETS[1])
    close_month(settled, MONTH)
    for host in (settled.moulin, phare):
        assert issue(settled, host).json()["issued"] == 1
    assert [each["number"] for each in listed(settled)["items"]] == ["PASS-2026-0001", "PASS-2026-0002"]


def test_an_invoice_that_does_not_exist_is_told(settled):
    answer = settled.as_coordinator().get(f"/api/v1/invoices/{settled.hangar.id}/invoice.pdf")
    assert (answer.status_code, answer.json()["code"]) == (404, "invoice_unknown")
