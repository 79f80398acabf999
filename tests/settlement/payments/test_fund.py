"""The common fund: what it holds, and how it is shared out to the last cent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.places.models import Place
from passapp.settlement.details.models import SettlementDetails
from passapp.settlement.payments.fund import distribute, name_holder
from passapp.settlement.payments.models import Payment
from tests.mails import link_of_mail, mails, text_of_mail
from tests.scenes import rows
from tests.settlement.conventions import visit
from tests.settlement.details.places import IBAN, OTHER_IBAN, say
from tests.settlement.files.judges import flaws_of_payment
from tests.settlement.months import make_visit
from tests.settlement.payments.closed import camt, close, entry, openings, put
from tests.statements import statements


@pytest.fixture
def filled(world):
    """A fund into which the moulin paid 10 euros of what it earned in October."""
    visits = [visit("hangar", "moulin", visitor=n) for n in range(4)]
    close(world, visits=visits, fund_basis_points=5000)
    coordinator = world.as_coordinator()
    [to_fund] = [p for p in coordinator.get("/api/v1/payments").json()["items"] if p["creditor"]["code"] == "@fund"]
    path = f"/api/v1/payments/{to_fund['id']}/state"
    assert coordinator.put(path, json={"state": "paid"}, headers={"If-Match": '"1"'}).status_code == 200
    return world


def fund(world):
    return world.as_coordinator().get("/api/v1/fund").json()


def give(world, cents, weights="equal"):
    body = {"amount_cents": cents, "weights": weights}
    return world.as_coordinator().post("/api/v1/fund/distributions", json=body)


def test_a_network_without_a_fund_holds_nothing(world):
    shown = fund(world)
    assert (shown["paid_cents"], shown["due_cents"], shown["free_cents"], shown["distributions"]) == (0, 0, 0, [])


def test_it_holds_what_was_paid_to_it(filled):
    shown = fund(filled)
    assert (shown["paid_cents"], shown["due_cents"], shown["free_cents"]) == (1000, 0, 1000)


def test_equal_shares_differ_by_a_cent_at_most_and_the_first_code_gets_it(filled):
    filled.place("phare")
    answer = give(filled, 1000)
    assert answer.status_code == 201, answer.text
    shares = [(each["place"]["code"], each["amount_cents"]) for each in answer.json()["shares"]]
    assert shares == [("hangar", 334), ("moulin", 333), ("phare", 333)]


def test_shares_by_visits_follow_those_of_the_twelve_months_before(filled):
    for day in (5, 6):
        make_visit(filled, filled.hangar, filled.moulin, datetime(2026, 9, day, 9, tzinfo=UTC))
    make_visit(filled, filled.moulin, filled.hangar, datetime(2026, 9, 7, 9, tzinfo=UTC))
    shares = give(filled, 900, "visits_received").json()["shares"]
    weighed = {each["place"]["code"]: (each["weight"], each["amount_cents"]) for each in shares}
    assert weighed == {"hangar": (1, 300), "moulin": (2, 600)}


def test_what_is_given_is_a_debt_of_the_fund_in_the_month_that_runs(filled):
    give(filled, 1000)
    assert openings(filled, "2026-11") == [
        ("@fund", "hangar", 500, "2026-11"),
        ("@fund", "moulin", 500, "2026-11"),
    ]
    assert openings(filled, "2026-12") == []
    shown = fund(filled)
    assert (shown["promised_cents"], shown["free_cents"]) == (1000, 0)


def test_once_the_month_is_closed_it_is_due_and_promised_no_more(filled):
    give(filled, 1000)
    close(filled, "2026-11", [])
    assert owes(filled) == (1000, 0, 0)


def owes(world):
    shown = fund(world)
    return shown["owed_cents"], shown["promised_cents"], shown["free_cents"]


def test_what_it_owes_and_was_too_small_to_pay_is_not_given_away_again(filled):
    give(filled, 1000)
    close(filled, "2026-11", [], threshold_cents=10_000)
    assert owes(filled) == (1000, 0, 0)
    assert give(filled, 1).json()["code"] == "fund_too_small"


def test_what_did_not_arrive_is_not_given_away_again(filled):
    give(filled, 1000)
    for payment in close(filled, "2026-11", []):
        path = f"/api/v1/payments/{payment.id}/state"
        answer = filled.as_coordinator().put(path, json={"state": "failed"}, headers={"If-Match": '"1"'})
        assert answer.status_code == 200, answer.text
    assert owes(filled) == (1000, 0, 0)
    close(filled, "2026-12", [])
    assert owes(filled) == (1000, 0, 0)


def test_what_others_have_not_paid_yet_does_not_cover_what_it_owes(filled):
    give(filled, 1000)
    close(filled, "2026-11", [visit("hangar", "moulin", visitor=n) for n in range(4)], fund_basis_points=5000)
    shown = fund(filled)
    assert [shown[f"{name}_cents"] for name in ("paid", "due", "owed", "promised", "free")] == [1000, 500, 500, 0, 500]


def test_two_who_give_at_once_do_not_give_the_same_money_twice(filled):
    coordinator = filled.as_coordinator()
    body = {"amount_cents": 1000, "weights": "equal"}
    with ThreadPoolExecutor(1) as thread:
        with filled.database.write() as session:
            distribute(session, 1000, "equal", at=filled.now, actor=SYSTEM)
            second = thread.submit(coordinator.post, "/api/v1/fund/distributions", json=body)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        assert second.result(timeout=30).json()["code"] == "fund_too_small"


def test_more_than_it_holds_is_refused(filled):
    answer = give(filled, 1001)
    assert (answer.status_code, answer.json()["code"]) == (409, "fund_too_small")
    assert "10,00" in answer.json()["detail"]
    assert fund(filled)["distributions"] == []


@pytest.mark.parametrize("cents", [0, -1, 1.5, "dix"])
def test_an_amount_that_is_none_is_refused(filled, cents):
    assert give(filled, cents).status_code == 422


def test_what_it_gave_to_more_places_more_often_asks_the_database_no_more(filled):
    sent = []
    coordinator = filled.as_coordinator()
    for code in ("phare", "grange", "lune"):
        filled.place(code)
        give(filled, 100)
        with statements(filled.database) as each:
            given = coordinator.get("/api/v1/fund").json()["distributions"]
        assert sorted(len(one["shares"]) for one in given) == list(range(3, 4 + len(sent)))
        sent.append(len(each))
    assert sent[0] == sent[1] == sent[2]


def test_where_nobody_received_a_visit_nothing_is_given_by_visits(filled):
    answer = give(filled, 100, "visits_received")
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_to_give_to")


def test_the_log_says_how_much_was_given(filled):
    give(filled, 1000)
    [entry] = rows(filled, AuditEntry, AuditEntry.action == "fund.distribute")
    assert entry.detail == {"cents": 1000, "weights": "equal"}


def test_payments_to_the_fund_go_to_the_account_of_the_place_that_holds_its_money(world):
    phare = world.place("phare")
    say(world.as_manager(phare), phare, iban=IBAN, account_name="Le Phare")
    say(world.as_manager(world.moulin), world.moulin, iban=OTHER_IBAN)
    held = world.as_coordinator().put("/api/v1/fund/holder", json={"place_id": str(phare.id)})
    assert (held.status_code, held.json()["holder"]["code"]) == (200, "phare")
    close(world, visits=[visit("hangar", "moulin", visitor=n) for n in range(4)], fund_basis_points=5000)
    manager = world.as_manager(world.moulin)
    path = f"/api/v1/places/{world.moulin.id}"
    [to_fund] = [p for p in manager.get(f"{path}/payments").json()["items"] if p["creditor"]["code"] == "@fund"]
    assert (to_fund["iban"], to_fund["account_name"]) == (IBAN, "Le Phare")
    file = manager.get(f"{path}/statements/2026-10/payments.xml").content
    assert flaws_of_payment(file) == []
    assert to_fund["end_to_end_id"].encode() in file
    said = camt(entry(to_fund["end_to_end_id"], side="CRDT"))
    news = world.as_manager(phare).post(f"/api/v1/places/{phare.id}/bank-statements", content=said).json()
    assert [each["end_to_end_id"] for each in news["paid"]] == [to_fund["end_to_end_id"]]


def test_what_the_fund_pays_is_in_the_bank_file_of_the_place_that_holds_its_money(filled):
    phare = filled.place("phare")
    say(filled.as_manager(phare), phare, iban=IBAN)
    say(filled.as_manager(filled.moulin), filled.moulin, iban=OTHER_IBAN)
    filled.as_coordinator().put("/api/v1/fund/holder", json={"place_id": str(phare.id)})
    give(filled, 1000)
    close(filled, "2026-11", [])
    file = filled.as_manager(phare).get(f"/api/v1/places/{phare.id}/statements/2026-11/payments.xml").content
    assert flaws_of_payment(file) == []
    assert OTHER_IBAN.encode() in file


def test_one_place_holds_it_and_nobody_where_the_coordination_says_so(world):
    coordinator = world.as_coordinator()
    for place, code in ((world.hangar, "hangar"), (world.moulin, "moulin"), (None, None)):
        body = {"place_id": str(place.id) if place else None}
        holder = coordinator.put("/api/v1/fund/holder", json=body).json()["holder"]
        assert (holder["code"] if holder else None) == code


EARNED = [visit("hangar", "moulin", visitor=n) for n in range(4)]


def hold(world, place):
    body = {"place_id": str(place.id) if place else None}
    return world.as_coordinator().put("/api/v1/fund/holder", json=body)


def test_nobody_else_is_named_while_a_transfer_may_be_on_its_way_to_its_account(world):
    phare = world.place("phare")
    hold(world, phare)
    [to_fund] = [each for each in close(world, visits=EARNED, fund_basis_points=5000) if each.creditor_id is None]
    for place in (world.moulin, None):
        answer = hold(world, place)
        assert (answer.status_code, answer.json()["code"]) == (409, "fund_payments_due")
    assert fund(world)["holder"]["code"] == "phare"
    assert put(world.as_coordinator(), to_fund, state="paid").status_code == 200
    assert hold(world, world.moulin).json()["holder"]["code"] == "moulin"


def test_the_former_and_the_new_holder_hear_what_is_to_be_transferred(world):
    former, new = world.account(Role.MANAGER, world.moulin), world.account(Role.MANAGER, world.hangar)
    hold(world, world.moulin)
    close(world, visits=EARNED, fund_basis_points=5000)
    assert hold(world, world.hangar).status_code == 200
    told = [each for each in mails(world) if each["Subject"].startswith("Caisse commune")]
    assert {each["To"] for each in told} == {former.email, new.email}
    assert {each["Subject"] for each in told} == {"Caisse commune : 10 € à virer du Moulin au Hangar"}
    assert "Le Moulin vire 10 € au Hangar." in " ".join(text_of_mail(told[0]).split())
    assert link_of_mail(world, told[0]) == "/fund"
    [_, entry] = rows(world, AuditEntry, AuditEntry.action == "fund.hold")
    assert entry.detail == {"cents": 1000}


def test_to_name_the_same_place_again_changes_nothing_and_says_nothing(world):
    world.account(Role.MANAGER, world.moulin)
    hold(world, world.moulin)
    close(world, visits=EARNED, fund_basis_points=5000)
    assert hold(world, world.moulin).status_code == 200
    assert [each for each in mails(world) if each["Subject"].startswith("Caisse commune")] == []
    assert len(rows(world, AuditEntry, AuditEntry.action == "fund.hold")) == 1


def test_what_was_due_between_the_fund_and_its_first_holder_is_paid_without_a_transfer(world):
    made = close(world, visits=EARNED, fund_basis_points=5000)
    assert {each.state for each in made} == {"due"}
    assert hold(world, world.moulin).status_code == 200
    assert {each.creditor_id: each.state for each in rows(world, Payment)} == {None: "paid", world.moulin.id: "due"}


def test_two_who_name_its_holder_at_once_leave_one(world):
    coordinator = world.as_coordinator()
    say(world.as_manager(world.moulin), world.moulin, iban=IBAN)
    body = {"place_id": str(world.moulin.id)}
    with ThreadPoolExecutor(1) as thread:
        with world.database.write() as session:
            name_holder(session, session.get_one(Place, world.hangar.id), at=world.now, actor=SYSTEM)
            second = thread.submit(coordinator.put, "/api/v1/fund/holder", json=body)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        assert second.result(timeout=30).json()["holder"]["code"] == "moulin"
    assert [row.place_id for row in rows(world, SettlementDetails) if row.holds_fund] == [world.moulin.id]


def test_the_database_knows_one_holder_at_a_time(world):
    for place in (world.hangar, world.moulin):
        say(world.as_manager(place), place, iban=IBAN)
    with pytest.raises(IntegrityError), world.database.write() as session:
        session.execute(update(SettlementDetails).values(holds_fund=True))


def test_what_the_holder_of_its_money_owes_it_is_paid_without_a_transfer_and_so_is_its_own_share(world):
    coordinator = world.as_coordinator()
    coordinator.put("/api/v1/fund/holder", json={"place_id": str(world.moulin.id)})
    made = close(world, visits=[visit("hangar", "moulin", visitor=n) for n in range(4)], fund_basis_points=5000)
    [to_fund] = [payment for payment in made if payment.creditor_id is None]
    assert (to_fund.debtor_id, to_fund.state, to_fund.paid_on) == (world.moulin.id, "paid", world.now.date())
    assert fund(world)["free_cents"] == 1000
    give(world, 1000)
    shares = {payment.creditor_id: payment.state for payment in close(world, "2026-11", [])}
    assert shares == {world.moulin.id: "paid", world.hangar.id: "due"}
