"""Payments after a month is closed: who sees them, who marks them, and what became of a debt that was not paid."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from passapp.accounts.rules import Role
from passapp.kernel.audit import AuditEntry
from passapp.settlement.payments.models import Payment
from tests.scenes import rows
from tests.settlement.conventions import visit
from tests.settlement.details.places import OTHER_IBAN
from tests.settlement.payments.closed import close, openings, put, state_of, with_accounts


def listed(client, place=None, **params):
    path = f"/api/v1/places/{place.id}/payments" if place else "/api/v1/payments"
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_each_transfer_of_a_closed_month_is_a_payment_that_is_due(world):
    [payment] = close(world)
    [shown] = listed(world.as_manager(world.hangar), world.hangar)
    assert (shown["debtor"]["code"], shown["creditor"]["code"], shown["amount_cents"]) == ("hangar", "moulin", 1000)
    assert (shown["month"], shown["state"], shown["due_on"]) == ("2026-10", "due", "2026-12-03")
    assert shown["end_to_end_id"] == payment.end_to_end_id
    assert len(payment.end_to_end_id) <= 35
    assert payment.end_to_end_id.startswith("RESEAU-202610-")


def test_a_closing_made_again_gives_the_same_end_to_end_ids(world):
    [first] = close(world)
    [other] = close(world, "2026-09", [visit("hangar", "moulin")])
    assert first.end_to_end_id == "RESEAU-202610-" + first.end_to_end_id[-12:]
    assert first.end_to_end_id[-12:] != other.end_to_end_id[-12:]


def test_the_payer_sees_the_account_to_pay_into_and_strangers_do_not(world):
    with_accounts(world)
    close(world)
    phare = world.place("phare")
    assert listed(world.as_manager(world.hangar), world.hangar)[0]["iban"] == OTHER_IBAN
    assert listed(world.as_coordinator())[0]["iban"] == OTHER_IBAN
    [seen] = listed(world.as_manager(phare))
    assert (seen["iban"], seen["account_name"], seen["amount_cents"]) == (None, None, 1000)
    assert listed(world.signed_in(world.account(Role.NETWORK_ACCOUNTANT)))[0]["iban"] is None


def test_payments_of_one_month_can_be_asked_for(world):
    close(world, "2026-09", [visit("hangar", "moulin")])
    close(world)
    manager = world.as_manager(world.hangar)
    assert [each["month"] for each in listed(manager)] == ["2026-10", "2026-09"]
    assert [each["month"] for each in listed(manager, month="2026-09")] == ["2026-09"]


@pytest.mark.parametrize("is_places, count", [(False, 3), (True, 2)], ids=["network", "place"])
def test_payments_are_read_a_page_at_a_time_each_once_and_the_newest_month_first(world, is_places, count):
    visits = [visit("hangar", "moulin"), visit("phare", "moulin", visitor=2), visit("hangar", "phare", visitor=3)]
    world.place("phare")
    for month in ("2026-09", "2026-10"):
        close(world, month, visits=visits, places=("hangar", "moulin", "phare"))
    manager, place = world.as_manager(world.hangar), world.hangar if is_places else None
    path = f"/api/v1/places/{place.id}/payments" if place else "/api/v1/payments"
    whole, seen, cursor = listed(manager, place), [], {}
    while cursor is not None:
        page = manager.get(path, params={"limit": count - 1} | cursor).json()
        assert len(page["items"]) < count
        seen += page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert seen == whole
    assert [each["month"] for each in whole] == ["2026-10"] * count + ["2026-09"] * count
    put(world.as_coordinator(), rows(world, Payment, Payment.id == UUID(whole[0]["id"]))[0], state="paid")
    assert [each["id"] for each in listed(manager, place, state="paid")] == [whole[0]["id"]]
    unknown = manager.get(path, params={"cursor": str(world.hangar.id)})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "invalid_cursor")


def test_payments_can_be_asked_for_by_what_became_of_them(world):
    [paid] = close(world, "2026-09", [visit("hangar", "moulin")])
    close(world, "2026-08", [visit("hangar", "moulin")], threshold_cents=2000)
    close(world)
    manager = world.as_manager(world.hangar)
    put(manager, paid, state="paid")
    assert [each["month"] for each in listed(manager, state="due")] == ["2026-10"]
    assert [each["month"] for each in listed(manager, state=["paid", "carried"])] == ["2026-09", "2026-08"]
    assert listed(manager, state="due", month="2026-09") == []
    assert manager.get("/api/v1/payments", params={"state": "lost"}).status_code == 422


@pytest.mark.parametrize("place", ["hangar", "moulin"])
def test_whoever_pays_or_is_paid_marks_it_and_the_month_is_paid(world, place):
    [payment] = close(world)
    assert state_of(world) == "netted"
    answer = put(world.as_manager(getattr(world, place)), payment, state="paid", paid_on="2026-11-16")
    assert (answer.status_code, answer.json()["state"], answer.json()["paid_on"]) == (200, "paid", "2026-11-16")
    assert state_of(world) == "paid"
    [entry] = rows(world, AuditEntry, AuditEntry.action == "payment.mark")
    assert (entry.detail, entry.subject_id) == ({"state": "paid"}, str(payment.id))


def test_a_mark_made_by_mistake_is_taken_back(world):
    [payment] = close(world)
    coordinator = world.as_coordinator()
    put(coordinator, payment, state="paid")
    answer = put(coordinator, payment, version=2, state="due")
    assert (answer.json()["state"], answer.json()["paid_on"], state_of(world)) == ("due", None, "netted")


def test_a_stranger_marks_nothing(world):
    [payment] = close(world)
    answer = put(world.as_manager(world.place("phare")), payment, state="paid")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_day_to_come_is_refused(world):
    [payment] = close(world)
    answer = put(world.as_coordinator(), payment, state="paid", paid_on="2027-01-01")
    assert (answer.status_code, answer.json()["code"]) == (422, "paid_in_the_future")


def test_two_who_mark_it_at_once_do_not_overwrite_one_another(world):
    [payment] = close(world)
    put(world.as_manager(world.hangar), payment, state="paid")
    answer = put(world.as_manager(world.moulin), payment, state="failed")
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")


def test_a_payment_that_failed_is_a_debt_of_the_next_open_month(world):
    [payment] = close(world)
    put(world.as_manager(world.moulin), payment, state="failed")
    assert openings(world, "2026-11") == [("hangar", "moulin", 1000, "2026-10")]
    assert openings(world, "2026-12") == []
    close(world, "2026-11", [visit("moulin", "hangar", visitor=3)])
    [shown] = [each for each in listed(world.as_coordinator(), month="2026-11") if each["state"] == "due"]
    assert (shown["debtor"]["code"], shown["creditor"]["code"], shown["amount_cents"]) == ("hangar", "moulin", 500)


def test_a_debt_that_is_part_of_a_later_month_is_marked_there(world):
    [payment] = close(world)
    manager = world.as_manager(world.moulin)
    put(manager, payment, state="failed")
    close(world, "2026-11", [])
    assert openings(world, "2026-12") == []
    assert openings(world, "2026-11") == [("hangar", "moulin", 1000, "2026-10")]
    answer = put(manager, payment, version=3, state="paid")
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_moved_on")
    assert "November 2026" in answer.json()["detail"]


def test_what_fails_after_the_next_month_is_closed_opens_the_one_after(world):
    [payment] = close(world)
    close(world, "2026-11", [])
    put(world.as_manager(world.moulin), payment, state="failed")
    assert openings(world, "2026-11") == []
    assert openings(world, "2026-12") == [("hangar", "moulin", 1000, "2026-10")]


def test_a_payment_too_small_is_carried_and_never_dropped(world):
    [carried] = close(world, threshold_cents=2000)
    assert carried.state == "carried"
    assert openings(world, "2026-11") == [("hangar", "moulin", 1000, "2026-10")]
    [due] = close(world, "2026-11", [visit("hangar", "moulin", visitor=n) for n in (5, 6)], threshold_cents=2000)
    assert (due.state, due.amount_cents) == ("due", 2000)
    answer = put(world.as_coordinator(), carried, version=2, state="paid")
    assert answer.json()["code"] == "payment_moved_on"


def test_a_payment_that_does_not_exist_is_told(world):
    [payment] = close(world)
    path = f"/api/v1/payments/{world.hangar.id}/state"
    answer = world.as_coordinator().put(path, json={"state": "paid"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (404, "payment_unknown")
    assert payment.state == "due"


def test_a_debt_too_small_to_be_paid_may_be_paid_all_the_same(world):
    [carried] = close(world, threshold_cents=2000)
    answer = put(world.as_manager(world.hangar), carried, state="paid", paid_on="2026-11-16")
    assert (answer.status_code, answer.json()["state"]) == (200, "paid")
    assert openings(world, "2026-11") == []


def test_a_debt_too_small_that_was_said_to_be_paid_by_mistake_is_carried_again(world):
    [carried] = close(world, threshold_cents=2000)
    manager = world.as_manager(world.hangar)
    put(manager, carried, state="paid")
    answer = put(manager, carried, version=2, state="due")
    assert (answer.status_code, answer.json()["state"], answer.json()["paid_on"]) == (200, "carried", None)
    assert state_of(world) == "paid"
    assert openings(world, "2026-11") == [("hangar", "moulin", 1000, "2026-10")]
    put(manager, carried, version=3, state="failed")
    assert put(manager, carried, version=4, state="due").json()["state"] == "carried"


def test_no_payment_left_before_the_month_that_it_is_of(world):
    [payment] = close(world)
    answer = put(world.as_coordinator(), payment, state="paid", paid_on="2026-09-30")
    assert (answer.status_code, answer.json()["code"]) == (422, "paid_before_it_was_owed")
    assert "October 2026" in answer.json()["detail"]


def test_today_is_the_date_at_the_places(world):
    [payment] = close(world)
    world.now = datetime(2026, 12, 9, 23, 30, tzinfo=UTC)
    answer = put(world.as_manager(world.hangar), payment, state="paid")
    assert (answer.status_code, answer.json()["paid_on"]) == (200, "2026-12-10")
    again = put(world.as_manager(world.hangar), payment, version=2, state="paid", paid_on="2026-12-10")
    assert (again.status_code, again.json()["paid_on"]) == (200, "2026-12-10")


def test_payments_of_what_is_no_month_are_not_looked_for(world):
    manager = world.as_manager(world.hangar)
    for path in ("/api/v1/payments", f"/api/v1/places/{world.hangar.id}/payments"):
        answer = manager.get(path, params={"month": "nonsense"})
        assert (answer.status_code, answer.json()["code"]) == (422, "month_not_valid")
