"""Errors in a month are reported, answered and decided (settlement, Life of a month; R15)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from passapp.accounts.rules import Role
from passapp.door.models import VisitVoid
from passapp.kernel.outbox import OutboxMessage
from passapp.kernel.ticking import failed_chores
from passapp.places.models import Place
from passapp.settlement.contests.models import CreditRow
from passapp.settlement.contests.service import forget_words
from passapp.settlement.contests.visits import take_out_visits
from passapp.settlement.rules import month as month_rules
from tests.kernel.log_lines import LogLines
from tests.scenes import check_in, rows, scan_at, undo, visits
from tests.settlement.living import (
    CLOSES,
    OVER,
    ask,
    cannot_be_settled,
    close,
    code_of,
    life,
    november,
    pass_time,
    versions,
)
from tests.settlement.months import MONTH, agree, make_visit, month_of, old_pass
from tests.settlement.reporting import answer, decide, report, reported, seen
from tests.world import NOW


@pytest.fixture
def published(world):
    """November at 5 euros a visit: two visits of the hangar's members to the moulin."""
    agree(world)
    november(world, visits=2)


def managers(world):
    return world.as_manager(world.hangar), world.as_manager(world.moulin)


def test_a_report_asks_the_other_place_and_says_until_when(world, published):
    found = reported(world, words="Elle est partie en octobre.")
    assert (found["state"], found["answer_by"], found["decide_by"]) == ("open", "2026-12-08", "2026-12-22")
    assert (found["home"]["code"], found["host"]["code"], len(found["visits"])) == ("hangar", "moulin", 2)
    assert seen(world.as_manager(world.moulin), found)["words"] == "Elle est partie en octobre."
    hours = {each["opened_at"] for each in found["visits"]}
    assert (len(hours), {each["zone"] for each in found["visits"]}) == (2, {"Europe/Paris"})


def test_where_the_other_place_agrees_the_visits_are_taken_out_and_the_next_version_is_published(world, published):
    contest = reported(world, visits=[str(visits(world)[0].id)])
    assert answer(world.as_manager(world.moulin), contest, agrees=True).json()["state"] == "accepted"
    assert [void.reason for void in rows(world, VisitVoid)] == ["contest"]
    assert [version.reason for version in versions(world)] == ["first", "contest"]
    assert [row["net_cents"] for row in month_of(world.as_coordinator())["rows"]] == [500]


def test_silence_of_the_other_place_accepts_the_report(world, published):
    contest = reported(world)
    pass_time(world, datetime(2026, 12, 8, 12, tzinfo=UTC))
    assert seen(world.as_coordinator(), contest)["state"] == "open"
    pass_time(world, datetime(2026, 12, 9, 12, tzinfo=UTC))
    assert seen(world.as_coordinator(), contest)["state"] == "accepted"
    assert visits(world) == []


def test_what_silence_accepts_of_a_month_at_once_makes_one_version_of_it(world, published):
    for visit in visits(world):
        reported(world, visits=[str(visit.id)])
    pass_time(world, datetime(2026, 12, 9, 12, tzinfo=UTC))
    assert visits(world) == []
    assert [version.reason for version in versions(world)] == ["first", "contest"]


def test_a_report_that_cannot_be_taken_out_keeps_silence_from_accepting_no_other(world, published, monkeypatch):
    first, second = (reported(world, visits=[str(visit.id)]) for visit in visits(world))

    def take_out(session, contest, *, at):
        if str(contest.id) == first["id"]:
            msg = "no taking out"
            raise ArithmeticError(msg)
        take_out_visits(session, contest, at=at)

    monkeypatch.setattr("passapp.settlement.contests.service.take_out_visits", take_out)
    with LogLines() as lines:
        pass_time(world, datetime(2026, 12, 9, 12, tzinfo=UTC))
    assert [seen(world.as_coordinator(), each)["state"] for each in (first, second)] == ["open", "accepted"]
    assert [version.reason for version in versions(world)] == ["first", "contest"]
    [line] = lines.of("passapp.settlement.contests.service")
    assert (line["event"], line["month"]) == ("reported error not accepted", MONTH)
    with world.session() as session:
        assert failed_chores(session) == {"unanswered_errors": world.now}
    monkeypatch.undo()
    pass_time(world, datetime(2026, 12, 9, 12, 1, tzinfo=UTC))
    assert seen(world.as_coordinator(), first)["state"] == "accepted"
    with world.session() as session:
        assert failed_chores(session) == {}


def test_a_month_that_cannot_be_settled_keeps_silence_from_accepting_what_is_reported_in_no_other(world, monkeypatch):
    agree(world, review_days=60, answer_days=30)
    for at in (NOW, datetime(2026, 12, 15, 10, tzinfo=UTC)):
        make_visit(world, world.hangar, world.moulin, at)
    pass_time(world, datetime(2027, 1, 2, 12, tzinfo=UTC))
    reports = reported(world), reported(world, month="2026-12")

    cannot_be_settled(monkeypatch, MONTH)
    pass_time(world, datetime(2027, 2, 20, 12, tzinfo=UTC))
    assert [seen(world.as_coordinator(), each)["state"] for each in reports] == ["open", "accepted"]


@pytest.fixture
def settled(monkeypatch):
    """The homes and hosts of the visits of each settling from then on."""
    found = []

    def settle(month, visits, *args, **fields):
        found.append({(visit.home, visit.host) for visit in visits})
        return month_rules.settle(month, visits, *args, **fields)

    monkeypatch.setattr("passapp.settlement.service.settle", settle)
    return found


@pytest.mark.parametrize("is_closed", [False, True])
def test_to_report_an_error_or_give_it_back_nobody_elses_visits_are_settled(world, published, settled, is_closed):
    make_visit(world, world.place("phare"), world.place("grange"), NOW)
    pass_time(world, OVER + timedelta(hours=1))
    if is_closed:
        close(world)
    settled.clear()
    contest = reported(world)
    if is_closed:
        answer(world.as_manager(world.moulin), contest, agrees=True)
        assert [credit.amount_cents for credit in rows(world, CreditRow)] == [500, 500]
    assert set().union(*settled) == {("hangar", "moulin")}


def test_what_the_places_do_not_agree_about_waits_for_the_coordination(world, published):
    contest = reported(world)
    disagreed = answer(world.as_manager(world.moulin), contest, agrees=False, words="Elle a signé le registre.")
    assert (disagreed.json()["state"], disagreed.json()["messages"][0]["place_id"]) == (
        "answered",
        str(world.moulin.id),
    )
    pass_time(world, CLOSES + timedelta(days=9))
    assert life(world)["errors_open"] == 1
    refused = ask(world.as_coordinator())
    assert code_of(refused) == (409, "errors_open")


@pytest.mark.parametrize("accept, state, left", [(True, "accepted", 0), (False, "refused", 2)])
def test_the_coordination_decides(world, published, accept, state, left):
    contest = reported(world)
    answer(world.as_manager(world.moulin), contest, agrees=False)
    decided = decide(world.as_coordinator(), contest, accept=accept, words="Vu avec les deux lieux.").json()
    assert (decided["state"], decided["decision"]) == (state, "Vu avec les deux lieux.")
    assert len(visits(world)) == left
    assert code_of(decide(world.as_coordinator(), contest, accept=accept)) == (409, "contest_settled")


def test_the_coordination_decides_once_the_other_place_was_heard_or_its_days_are_over(world, published):
    contest = reported(world)
    coordinator = world.as_coordinator()
    refused = decide(coordinator, contest, accept=True)
    assert code_of(refused) == (409, "not_heard_yet")
    assert "8 December 2026" in refused.json()["detail"]
    assert len(visits(world)) == 2
    world.now = datetime(2026, 12, 9, 12, tzinfo=UTC)  # over, and no tick came yet
    assert decide(coordinator, contest, accept=False).status_code == 200


def of_both(world, *roles):
    """Somebody with these roles, each in the network or at a place."""
    account = world.account(*roles[0])
    for role, place in roles[1:]:
        world.give(account, role, place)
    return world.signed_in(account)


def test_who_looks_after_one_of_the_two_places_does_not_decide_where_somebody_else_can(world, published):
    judge = of_both(world, (Role.COORDINATOR, None), (Role.MANAGER, world.hangar))
    contest = reported(world)
    answer(world.as_manager(world.moulin), contest, agrees=False)
    another = world.account(Role.COORDINATOR)
    assert code_of(decide(judge, contest, accept=True)) == (403, "own_case")
    assert decide(world.signed_in(another), contest, accept=False).status_code == 200


def test_where_the_whole_coordination_looks_after_them_it_decides_all_the_same(world, published):
    judge = of_both(world, (Role.COORDINATOR, None), (Role.MANAGER, world.hangar))
    contest = reported(world)
    answer(world.as_manager(world.moulin), contest, agrees=False)
    assert decide(judge, contest, accept=True).status_code == 200


def test_one_person_of_both_places_does_not_report_and_agree(world, published):
    both = of_both(world, (Role.MANAGER, world.hangar), (Role.MANAGER, world.moulin))
    contest = report(both, world.hangar).json()
    assert code_of(answer(both, contest, agrees=True)) == (403, "reported_by_you")
    assert answer(world.as_manager(world.moulin), contest, agrees=True).status_code == 200


def test_words_of_one_person_of_both_places_are_those_of_the_place_that_they_speak_for(world, published):
    both = of_both(world, (Role.MANAGER, world.hangar), (Role.MANAGER, world.moulin))
    for place, partner, direction in ((world.hangar, "moulin", "made"), (world.moulin, "hangar", "received")):
        visit = str(visits(world)[place is world.moulin].id)
        contest = report(both, place, partner, direction, visits=[visit]).json()
        said = both.post(f"/api/v1/contests/{contest['id']}/messages", json={"words": "Nous regardons."}).json()
        assert [message["place_id"] for message in said["messages"]] == [str(place.id)]


def test_a_visit_that_was_taken_out_does_not_come_back_by_another_scan_of_that_day(world):
    agree(world)
    shown = old_pass(world, world.hangar)
    november_visit = make_visit(world, world.hangar, world.moulin, text=shown)
    pass_time(world, OVER)
    contest = reported(world)
    answer(world.as_manager(world.moulin), contest, agrees=True)
    check_in(november_visit[0], scan_at(world, shown, NOW + timedelta(hours=2)))
    assert visits(world) == []


def test_the_place_that_reported_it_may_find_that_it_was_no_error(world, published):
    hangar, moulin = managers(world)
    contest = reported(world)
    path = f"/api/v1/contests/{contest['id']}/withdraw"
    assert code_of(moulin.post(path)) == (403, "not_asked")
    assert hangar.post(path).json()["state"] == "withdrawn"
    assert report(hangar, world.hangar).status_code == 201


def test_both_places_and_the_coordination_may_add_words(world, published):
    contest = reported(world)
    path = f"/api/v1/contests/{contest['id']}/messages"
    for client in (*managers(world), world.as_coordinator()):
        assert client.post(path, json={"words": "Nous regardons."}).status_code == 201
    places = [message["place_id"] for message in seen(world.as_coordinator(), contest)["messages"]]
    assert places == [str(world.hangar.id), str(world.moulin.id), None]


def test_a_place_does_not_answer_its_own_report_nor_twice(world, published):
    hangar, moulin = managers(world)
    contest = reported(world)
    assert code_of(answer(hangar, contest, agrees=True)) == (403, "not_asked")
    answer(moulin, contest, agrees=False)
    assert code_of(answer(moulin, contest, agrees=True)) == (409, "already_answered")


def test_the_same_visit_is_reported_once(world, published):
    hangar, moulin = managers(world)
    reported(world, visits=[str(visits(world)[0].id)])
    assert code_of(report(hangar, world.hangar)) == (409, "already_reported")
    assert code_of(report(moulin, world.moulin, "hangar", "received")) == (409, "already_reported")


def test_a_stranger_sees_and_reports_nothing(world, published):
    contest = reported(world)
    phare = world.place("phare")
    stranger = world.as_manager(phare)
    assert code_of(report(stranger, phare)) == (404, "not_your_visits")
    assert code_of(report(stranger, phare, visits=[str(visits(world)[0].id)])) == (404, "not_your_visits")
    assert stranger.get(f"/api/v1/contests/{contest['id']}").status_code == 404
    assert stranger.get(f"/api/v1/months/{MONTH}/contests").json() == {"items": []}
    assert report(stranger, world.hangar).status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"partner": "nowhere"}, {"direction": "received"}, {"visits": [str(uuid4())]}, {"month": "2026-12"}]
)
def test_what_is_no_visit_between_the_two_places_cannot_be_reported(world, published, wrong):
    refused = report(world.as_manager(world.hangar), world.hangar, **wrong)
    assert code_of(refused) in {(404, "not_your_visits"), (409, "month_not_published")}


def test_after_the_review_an_error_waits_until_the_month_is_closed(world, published):
    pass_time(world, datetime(2026, 12, 16, 12, tzinfo=UTC))
    hangar = world.as_manager(world.hangar)
    assert code_of(report(hangar, world.hangar)) == (409, "review_over")
    close(world)
    assert report(hangar, world.hangar).status_code == 201


def test_an_error_in_a_closed_month_is_given_back_in_the_oldest_one_that_is_open(world, published):
    close(world)
    before = month_of(world.as_coordinator())
    contest = reported(world, visits=[str(visits(world)[0].id)])
    assert answer(world.as_manager(world.moulin), contest, agrees=True).json()["state"] == "accepted"
    [credit] = rows(world, CreditRow)
    assert (credit.posted_month, credit.origin, credit.amount_cents) == ("2026-12", MONTH, 500)
    assert month_of(world.as_coordinator()) == before | {"state": "netted"}
    december = world.as_coordinator().get("/api/v1/months/2026-12/document.json").json()
    assert [(pair["home"], pair["host"], pair["net_cents"]) for pair in december["pairs"]] == [
        ("hangar", "moulin", -500)
    ]
    assert [row["place"] for row in december["positions"] if row["position_cents"] > 0] == ["hangar"]


def test_what_was_given_back_is_not_given_back_twice(world, published):
    close(world)
    contest = reported(world, visits=[str(visits(world)[0].id)])
    answer(world.as_manager(world.moulin), contest, agrees=True)
    again = report(world.as_manager(world.hangar), world.hangar, visits=[str(visits(world)[0].id)])
    assert code_of(again) == (409, "already_reported")


def test_long_after_its_month_an_error_is_given_back_no_more(world, published):
    close(world)
    pass_time(world, datetime(2027, 1, 29, 12, tzinfo=UTC))
    hangar = world.as_manager(world.hangar)
    assert report(hangar, world.hangar, visits=[str(visits(world)[0].id)]).status_code == 201
    pass_time(world, datetime(2027, 1, 30, 12, tzinfo=UTC))
    assert code_of(report(hangar, world.hangar)) == (409, "reported_too_late")


def test_in_a_month_that_is_closed_late_errors_are_reported_for_as_long_as_its_review_was(world, published):
    pass_time(world, datetime(2026, 12, 20, 12, tzinfo=UTC))
    hangar = world.as_manager(world.hangar)
    assert life(world)["errors_until"] == "2026-12-15"
    assert code_of(report(hangar, world.hangar)) == (409, "review_over")
    close(world, at=datetime(2027, 2, 3, 12, tzinfo=UTC))
    assert life(world)["errors_until"] == "2027-02-18"
    pass_time(world, datetime(2027, 2, 18, 12, tzinfo=UTC))
    visit = str(visits(world)[0].id)
    assert report(world.as_manager(world.hangar), world.hangar, visits=[visit]).status_code == 201
    pass_time(world, datetime(2027, 2, 19, 12, tzinfo=UTC))
    refused = report(world.as_manager(world.hangar), world.hangar)
    assert code_of(refused) == (409, "reported_too_late")
    assert "18 February 2027" in refused.json()["detail"]


def test_the_places_and_the_coordination_are_told_of_each_step(world, published):
    asked, coordinator = world.account(Role.MANAGER, world.moulin), world.account(Role.COORDINATOR)
    contest = reported(world)
    answer(world.signed_in(asked), contest, agrees=False)
    decide(world.signed_in(coordinator), contest, accept=False)
    told = {(row.kind, row.recipient_id) for row in rows(world, OutboxMessage) if row.kind.startswith("contest")}
    assert {("contest_reported", asked.id), ("contest_answered", coordinator.id), ("contest_refused", asked.id)} <= told


@pytest.mark.parametrize("words", ["a" * 501, "\u202e", "a\x00b"])
def test_words_that_are_too_long_or_unreadable_are_refused(world, published, words):
    assert code_of(report(world.as_manager(world.hangar), world.hangar, words=words)) == (422, "invalid_request")
    assert world.as_coordinator().get(f"/api/v1/months/{MONTH}/contests").json() == {"items": []}


def test_what_was_said_is_forgotten_a_year_after_it_was_settled(world, published):
    contest = reported(world, words="Elle est partie.")
    answer(world.as_manager(world.moulin), contest, agrees=False, words="Non.")
    decide(world.as_coordinator(), contest, accept=False, words="Gardés.")
    for days, left in ((365, 1), (366, 0)):
        with world.database.write() as session:
            forget_words(session, OVER + timedelta(days=days))
        found = seen(world.as_coordinator(), contest)
        assert (found["words"] is None, found["decision"] is None, len(found["messages"])) == (not left, not left, left)
        assert found["state"] == "refused"


MORNING = datetime(2026, 11, 18, 9, tzinfo=UTC)


@pytest.fixture
def whole_day(world):
    """A member of the hangar at the moulin, morning and afternoon of one day of November, at 5 euros a half day."""
    agree(world, unit="half_day")
    shown = old_pass(world, world.hangar)
    door, _ = make_visit(world, world.hangar, world.moulin, MORNING, text=shown)
    world.now = MORNING + timedelta(hours=8)
    check_in(door, scan_at(world, shown, MORNING + timedelta(hours=5)))
    pass_time(world, OVER)
    return shown


def net(world, month=MONTH):
    return [(row["units"], row["net_cents"]) for row in month_of(world.as_coordinator(), month)["rows"]]


def test_a_half_day_too_many_is_taken_out_and_the_other_stays(world, whole_day):
    assert net(world) == [(2, 1000)]
    contest = reported(world, reason="wrong_units")
    answer(world.as_manager(world.moulin), contest, agrees=True)
    assert net(world) == [(1, 500)]
    check_in(world.as_door(world.moulin), scan_at(world, whole_day, MORNING + timedelta(hours=6)))
    assert net(world) == [(1, 500)]


def test_a_half_day_too_many_of_a_closed_month_is_given_back_and_the_other_is_not(world, whole_day):
    close(world)
    contest = reported(world, reason="wrong_units")
    answer(world.as_manager(world.moulin), contest, agrees=True)
    assert [credit.amount_cents for credit in rows(world, CreditRow)] == [500]


@pytest.fixture
def half_day(world):
    """A member of the hangar at the moulin, one morning of November, at 5 euros a half day; the month is published."""
    agree(world, unit="half_day")
    shown = old_pass(world, world.hangar)
    make_visit(world, world.hangar, world.moulin, MORNING, text=shown)
    pass_time(world, OVER)
    return shown


def scanned(world, shown, *hours):
    """Scans of that day at the moulin that its phone had kept, so many hours after the morning's."""
    return [check_in(world.as_door(world.moulin), scan_at(world, shown, MORNING + timedelta(hours=n))) for n in hours]


@pytest.mark.parametrize("hours", [5, -1], ids=["the afternoon", "earlier that morning"])
def test_what_was_agreed_on_is_taken_out_whatever_was_scanned_of_that_day_meanwhile(world, half_day, hours):
    contest = reported(world, reason="not_here")
    scanned(world, half_day, hours)
    assert answer(world.as_manager(world.moulin), contest, agrees=True).json()["state"] == "accepted"
    assert (visits(world), net(world)) == ([], [])
    scanned(world, half_day, -2, 6)
    assert (visits(world), net(world)) == ([], [])


def test_a_half_day_too_many_is_taken_out_of_the_day_as_it_is_by_now(world, whole_day):
    contest = reported(world, reason="wrong_units")
    scanned(world, whole_day, -1)
    answer(world.as_manager(world.moulin), contest, agrees=True)
    assert net(world) == [(1, 500)]


def test_a_half_day_that_was_undone_meanwhile_is_not_taken_out_twice(world, half_day):
    [afternoon] = scanned(world, half_day, 5)
    contest = reported(world, reason="wrong_units")
    undo(world.as_manager(world.moulin), afternoon["check_in_id"])
    answer(world.as_manager(world.moulin), contest, agrees=True)
    assert net(world) == [(1, 500)]


def test_a_visit_that_was_undone_meanwhile_does_not_come_back_once_it_is_agreed_on(world, half_day):
    contest = reported(world, reason="not_here")
    undo(world.as_manager(world.moulin), str(visits(world)[0].id))
    assert answer(world.as_manager(world.moulin), contest, agrees=True).json()["state"] == "accepted"
    scanned(world, half_day, 5)
    assert visits(world) == []


def test_a_day_is_reported_once_whichever_scan_opens_it(world, half_day):
    reported(world, reason="not_here")
    scanned(world, half_day, -1)
    assert code_of(report(world.as_manager(world.hangar), world.hangar)) == (409, "already_reported")


def test_a_free_half_day_is_what_is_left_of_a_day_that_was_half_free(world):
    agree(world, unit="half_day", allowance=1)
    shown = old_pass(world, world.hangar)
    door, _ = make_visit(world, world.hangar, world.moulin, MORNING, text=shown)
    world.now = MORNING + timedelta(hours=8)
    check_in(door, scan_at(world, shown, MORNING + timedelta(hours=5)))
    pass_time(world, OVER)
    close(world)
    answer(world.as_manager(world.moulin), reported(world, reason="wrong_units"), agrees=True)
    assert [credit.amount_cents for credit in rows(world, CreditRow)] == [500]


def test_a_visit_of_one_unit_has_no_half_day_too_many(world, published):
    named = [str(visits(world)[0].id)]
    refused = report(world.as_manager(world.hangar), world.hangar, reason="wrong_units", visits=named)
    assert code_of(refused) == (409, "one_unit_only")
    assert code_of(report(world.as_manager(world.hangar), world.hangar, reason="wrong_units")) == (
        404,
        "not_your_visits",
    )


def test_all_visits_together_are_not_counted_twice_the_ones_too_many_are_picked(world, published):
    hangar = world.as_manager(world.hangar)
    assert code_of(report(hangar, world.hangar, reason="twice")) == (409, "twice_is_picked")
    picked = [str(visits(world)[0].id)]
    answer(world.as_manager(world.moulin), reported(world, reason="twice", visits=picked), agrees=True)
    assert [str(visit.id) for visit in visits(world)] != picked
    assert len(visits(world)) == 1


@pytest.mark.parametrize(
    "zone, now, answer_by",
    [
        ("Indian/Reunion", datetime(2026, 12, 2, 21, tzinfo=UTC), "2026-12-10"),  # one in the morning, on the 3rd
        ("America/Martinique", datetime(2026, 12, 3, 2, tzinfo=UTC), "2026-12-09"),  # ten in the evening, on the 2nd
    ],
)
def test_the_other_place_has_its_days_by_its_own_calendar(world, published, zone, now, answer_by):
    with world.database.write() as session:
        session.get_one(Place, world.moulin.id).zone = zone
    world.now = now
    assert reported(world)["answer_by"] == answer_by
