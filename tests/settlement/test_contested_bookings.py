"""Errors in bookings that a home advances: reported, taken out of a month, or given back later (R15)."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from passapp.bookings import service as bookings
from passapp.bookings.models import BookingAdvance
from passapp.bookings.rules import Policy, Rate, Tier
from passapp.places.models import VatStatus
from passapp.settlement.contests.models import BookingCreditRow
from passapp.settlement.rules.checking import arithmetic_flaws
from passapp.settlement.rules.reading import differences, read_document
from passapp.settlement.service import recompute
from tests.bookings.rooms import book, do, room
from tests.mails import mails, text_of_mail
from tests.scenes import rows
from tests.settlement.living import OVER, close, code_of, pass_time, versions
from tests.settlement.months import MONTH, agree, make_visit, month_of, statement_of
from tests.settlement.reporting import answer, decide, report, seen

LATE = Policy(is_always_open=True, tiers=(Tier(48, 0),), late_fee_percent=50)


@pytest.fixture
def booked(world):
    """The hangar advances two bookings at the moulin, of 12 and 24 euros with 20 % of tax; November is over."""
    agree(world)
    with world.database.write() as session:
        session.add(BookingAdvance(place_id=world.hangar.id, ceiling=None))
        session.add(VatStatus(place_id=world.moulin.id, starts_on=date(2026, 1, 1), basis_points=2000))
    member, blue = world.member(world.hangar), room(world, world.moulin, LATE, [Rate(hour=1200)])
    world.booked = [book(world, blue, member), book(world, blue, member, starts=240, minutes=120)]
    pass_time(world, OVER)
    return world


def reported(world, **fields):
    """The hangar reports its first booking, unless other fields are said."""
    said = {"about": "bookings", "reason": "did_not_happen", "bookings": [str(world.booked[0])]} | fields
    answered = report(world.as_manager(world.hangar), world.hangar, **said)
    assert answered.status_code == 201, answered.text
    return answered.json()


def agreed(world, **fields):
    """The same, and the moulin agrees."""
    found = answer(world.as_manager(world.moulin), reported(world, **fields), agrees=True)
    assert found.json()["state"] == "accepted"
    return found.json()


def lines(world, month=MONTH):
    found = month_of(world.as_coordinator(), month)["bookings"]
    return [(row["bookings"], row["net_cents"], row["vat_cents"], row["total_cents"]) for row in found]


def document(world, month=MONTH):
    path = f"/api/v1/places/{world.hangar.id}/statements/{month}/document.json"
    return read_document(world.as_manager(world.hangar).get(path).content)


def test_a_report_says_which_bookings_it_is_about_and_asks_the_other_place(booked):
    found = reported(booked, words="La salle était fermée.")
    assert (found["about"], found["reason"], found["state"], found["visits"]) == (
        "bookings",
        "did_not_happen",
        "open",
        [],
    )
    [one] = found["bookings"]
    assert (one["local_date"], one["resource"], one["amount_cents"]) == ("2026-11-23", "Salle Bleue", 1200)
    assert seen(booked.as_manager(booked.moulin), found)["bookings"] == found["bookings"]


def test_where_the_other_place_agrees_the_booking_is_in_the_next_version_no_more(booked):
    assert lines(booked) == [(2, 3000, 600, 3600)]
    agreed(booked)
    assert lines(booked) == [(1, 2000, 400, 2400)]
    assert [version.reason for version in versions(booked)] == ["first", "contest"]
    path = f"/api/v1/places/{booked.hangar.id}/advanced-bookings"
    charged = booked.as_manager(booked.hangar).get(path, params={"month": MONTH}).json()
    assert [each["amount"] for each in charged["items"]] == [2400], "nor is it charged back to the member"


def test_of_a_wrong_amount_what_is_right_stays(booked):
    agreed(booked, reason="wrong_amount", owed_cents=900)
    assert lines(booked) == [(2, 2750, 550, 3300)]


def test_a_host_reports_a_booking_too(booked):
    moulin = booked.as_manager(booked.moulin)
    fields = {"about": "bookings", "reason": "cancelled", "bookings": [str(booked.booked[1])]}
    contest = report(moulin, booked.moulin, "hangar", "received", **fields).json()
    answer(booked.as_manager(booked.hangar), contest, agrees=True)
    assert lines(booked) == [(1, 1000, 200, 1200)]


def test_all_bookings_with_a_partner_are_reported_together(booked):
    agreed(booked, bookings=[], reason="not_our_member")
    assert lines(booked) == []


def test_the_fee_of_a_late_cancellation_is_reported_like_a_booking(world):
    agree(world)
    with world.database.write() as session:
        session.add(BookingAdvance(place_id=world.hangar.id, ceiling=None))
    booking = book(world, room(world, world.moulin, LATE, [Rate(hour=1200)]), world.member(world.hangar))
    world.now = world.now.replace(day=22, hour=9)
    do(world, bookings.cancel, booking, reason=None)
    pass_time(world, OVER)
    world.booked = [booking]
    [one] = reported(world, reason="cancelled")["bookings"]
    assert (one["is_cancelled"], one["amount_cents"]) == (True, 600)


def test_silence_accepts_and_the_coordination_decides_about_bookings_too(booked):
    pass_time(booked, datetime(2026, 12, 2, 12, tzinfo=UTC))
    kept = reported(booked, bookings=[str(booked.booked[1])])
    answer(booked.as_manager(booked.moulin), kept, agrees=False)
    assert decide(booked.as_coordinator(), kept, accept=False).json()["state"] == "refused"
    silent = reported(booked)
    pass_time(booked, datetime(2026, 12, 10, 12, tzinfo=UTC))
    assert seen(booked.as_coordinator(), silent)["state"] == "accepted"
    assert lines(booked) == [(1, 2000, 400, 2400)]


def test_after_the_closing_it_is_given_back_in_the_oldest_open_month_tax_included(booked):
    close(booked)
    before = document(booked)
    agreed(booked)
    [credit] = rows(booked, BookingCreditRow)
    assert (credit.posted_month, credit.origin, credit.vat_basis_points, credit.amount_cents) == (
        "2026-12",
        MONTH,
        2000,
        1200,
    )
    assert document(booked) == before, "the closed month stays as it is"
    assert lines(booked, "2026-12") == [(0, -1000, -200, -1200)]
    december = document(booked, "2026-12")
    [row] = december["bookings_made"]
    assert row["credits"] == [{"booking": str(booked.booked[0]), "origin": MONTH, "amount_cents": 1200}]
    assert december["position_cents"] == 1200


def test_what_is_given_back_of_a_wrong_amount_is_the_difference(booked):
    close(booked)
    agreed(booked, reason="wrong_amount", owed_cents=900)
    assert [credit.amount_cents for credit in rows(booked, BookingCreditRow)] == [300]


def test_what_is_given_back_stands_in_every_document_and_is_recomputed(booked):
    close(booked)
    agreed(booked)
    statement = document(booked, "2026-12")
    assert arithmetic_flaws(statement) == []
    with booked.session() as session:
        assert differences(statement, recompute(session, statement, at=booked.now)) == []
    statement["bookings_made"][0]["credits"][0]["amount_cents"] += 1
    [flaw] = arithmetic_flaws(statement)
    assert flaw == (
        "bookings_made moulin: the totals are -10.00 euros and -2.00 euros of tax, "
        "and -10.01 euros and -2.00 euros of tax come out"
    )


def test_a_statement_shows_what_it_gives_back_with_its_month(booked):
    close(booked)
    agreed(booked)
    shown = statement_of(booked.as_manager(booked.moulin), booked.moulin, "2026-12")
    [adjustment], [row] = shown["adjustments"], shown["bookings_received"]
    assert (adjustment["kind"], adjustment["direction"], adjustment["origin"], adjustment["visits"]) == (
        "booking_credit",
        "received",
        MONTH,
        1,
    )
    assert adjustment["amount_cents"] == 1200
    assert (row["bookings"], row["corrections"], row["corrected_cents"], row["total_cents"]) == (0, 1, 1200, -1200)


def test_the_csv_names_the_correction_and_its_month_and_adds_up(booked):
    close(booked)
    agreed(booked)
    path = f"/api/v1/places/{booked.hangar.id}/statements/2026-12/statement.csv"
    table = booked.as_manager(booked.hangar).get(path).content.decode("utf-8-sig").splitlines()
    assert [line.split(";")[1:2] + line.split(";")[6:7] + line.split(";")[-3:] for line in table[1:]] == [
        ["Correction", MONTH, "-10,00", "salles", "10,00"],
        ["TVA", "", "-2,00", "salles", "2,00"],
        ["Paiement", "", "12,00", "", ""],
        ["Solde", "", "12,00", "", "12,00"],
    ]


def test_the_same_booking_is_reported_once_and_given_back_once(booked):
    close(booked)
    agreed(booked)
    again = {"about": "bookings", "reason": "cancelled", "bookings": [str(booked.booked[0])]}
    assert code_of(report(booked.as_manager(booked.hangar), booked.hangar, **again)) == (409, "already_reported")


@pytest.mark.parametrize(
    "wrong, refused",
    [
        ({"reason": "twice"}, (422, "invalid_request")),
        ({"reason": "wrong_amount"}, (422, "invalid_request")),
        ({"reason": "wrong_amount", "owed_cents": 900, "bookings": []}, (422, "invalid_request")),
        ({"owed_cents": 900}, (422, "invalid_request")),
        ({"reason": "wrong_amount", "owed_cents": -1}, (422, "invalid_request")),
        ({"reason": "wrong_amount", "owed_cents": 1200}, (409, "amount_not_less")),
        ({"about": "visits", "reason": "not_here"}, (422, "invalid_request")),
        ({"visits": [str(uuid4())]}, (422, "invalid_request")),
        ({"bookings": [str(uuid4())]}, (404, "not_your_bookings")),
        ({"direction": "received"}, (404, "not_your_bookings")),
        ({"partner": "nowhere"}, (404, "not_your_bookings")),
        ({"partner": "@fund"}, (404, "not_your_bookings")),
    ],
)
def test_what_makes_no_sense_of_a_booking_is_refused(booked, wrong, refused):
    said = {"about": "bookings", "reason": "did_not_happen", "bookings": [str(booked.booked[0])]} | wrong
    assert code_of(report(booked.as_manager(booked.hangar), booked.hangar, **said)) == refused


def test_a_stranger_reports_no_booking(booked):
    phare = booked.place("phare")
    said = {"about": "bookings", "reason": "did_not_happen", "bookings": [str(booked.booked[0])]}
    assert code_of(report(booked.as_manager(phare), phare, **said)) == (404, "not_your_bookings")


def test_mails_speak_of_bookings(booked):
    booked.as_manager(booked.moulin)
    contest = reported(booked, reason="wrong_amount", owed_cents=900)
    asked = text_of_mail(mails(booked)[-1])
    assert "signale une erreur dans les réservations de novembre 2026" in asked
    assert "le montant de la réservation est corrigé" in asked
    answer(booked.as_manager(booked.moulin), contest, agrees=True)
    assert "est reconnue : le montant de la réservation est corrigé." in text_of_mail(mails(booked)[-1])


def test_visits_of_the_same_line_are_reported_apart(booked):
    make_visit(booked, booked.hangar, booked.moulin, datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert [each["id"] for each in reported(booked, bookings=[])["bookings"]] == [str(key) for key in booked.booked]
