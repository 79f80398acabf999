"""What waits for a manager: what an offline phone let in and should not have, and what nobody attended."""

import pytest

from passapp.accounts.rules import Role
from passapp.door.models import CheckInUndo, FollowUp, UndoReason
from passapp.kernel.audit import AuditEntry
from tests.door.following import code_of, conflict, offer, page, refused, review, unattended
from tests.scenes import check_in, close_month, membership, pass_text, rows, undo, visits, without_pseudonym


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


def waiting(world, client):
    return [(item["waits"], item["name"]["given_name"]) for item in page(client, world.moulin, "reviews")["items"]]


def test_nothing_waits_where_everybody_was_seen_and_let_in_or_refused(world, door, manager):
    check_in(door, world.scan(pass_text(world)))
    refused(world, door)
    seen = page(manager, world.moulin, "reviews")
    assert (seen["waiting"], seen["items"], seen["next"]) == (0, [], None)


def test_a_conflict_waits_with_all_that_there_is_to_judge_it_by(world, door, manager):
    at = world.now
    world.later(hours=3)
    answer = conflict(world, door, at, given_name="Bo", family_name="Petit")
    [item] = page(manager, world.moulin, "reviews")["items"]
    assert (item["id"], item["waits"], item["verdict"]) == (answer["check_in_id"], "conflict", "plan")
    assert without_pseudonym(item["name"]) == {"given_name": "Bo", "initial": "P"}
    assert (item["evidence"], item["home"], item["came_in"], item["visit"]) == ("card", "Le Hangar", False, False)
    assert (item["scanned_at"], item["received_at"]) == ("2026-11-18T10:00:00Z", "2026-11-18T13:00:00Z")
    assert (item["device_scanned_at"], item["list_age_seconds"], item["door"]) == (
        "2026-11-18T10:00:00Z",
        None,
        "Téléphone",
    )


def test_the_age_of_the_phones_list_is_counted_from_the_scan(world, door, manager):
    check_in(door, world.scan(pass_text(world), attended=False, list_iat=int(world.now.timestamp()) - 7200))
    assert page(manager, world.moulin, "reviews")["items"][0]["list_age_seconds"] == 7200


def test_a_conflict_that_is_accepted_makes_a_visit_once(world, door, manager):
    answer = conflict(world, door)
    assert visits(world) == []
    for _ in range(2):
        assert review(manager, answer["check_in_id"], accept=True).status_code == 200
    [visit] = visits(world)
    assert (str(visit.id), visit.waived, waiting(world, manager)) == (answer["check_in_id"], None, [])


def test_a_conflict_that_is_rejected_makes_none(world, door, manager):
    answer = conflict(world, door)
    assert review(manager, answer["check_in_id"], accept=False, reason="Jamais venue").status_code == 200
    assert (visits(world), waiting(world, manager)) == ([], [])


@pytest.fixture
def nobody_knows_who_pays(world, door):
    """A phone without network let somebody in who has two homes; gives the answer and the two."""
    homes = [world.hangar, world.place("phare", "Le Phare")]
    shown = pass_text(world, memberships=[membership(home) for home in homes])
    answer = check_in(door, world.scan(shown, shown="ambiguous"))
    assert (answer["verdict"], answer["outcome"]) == ("ambiguous", "conflict")
    return answer["check_in_id"], homes


def test_where_several_homes_could_pay_the_manager_is_shown_them_and_says_which(world, manager, nobody_knows_who_pays):
    check_in_id, homes = nobody_knows_who_pays
    [item] = page(manager, world.moulin, "reviews")["items"]
    assert item["choices"] == [{"home_id": str(home.id), "home": home.name} for home in sorted_as(item, homes)]
    chosen = homes[1]
    answer = review(manager, check_in_id, accept=True, home_id=str(chosen.id))
    assert answer.status_code == 200, answer.text
    [visit] = visits(world)
    assert (visit.home_id, visit.plan, visit.at_home, waiting(world, manager)) == (chosen.id, "TOUT", False, [])
    [seen] = page(manager, world.moulin, "check-ins")["items"]
    assert (seen["home"], seen["visit"], seen["choices"]) == ("Le Phare", True, [])


def sorted_as(item, homes):
    by_id = {str(home.id): home for home in homes}
    assert len(item["choices"]) == len(homes)
    return [by_id[choice["home_id"]] for choice in item["choices"]]


def test_without_that_nothing_is_decided(world, manager, nobody_knows_who_pays):
    check_in_id, _ = nobody_knows_who_pays
    for said in ({}, {"home_id": str(world.moulin.id)}):
        assert code_of(review(manager, check_in_id, accept=True, **said)) == (422, "choose_home")
    assert (visits(world), waiting(world, manager)) == ([], [("conflict", "Léa")])


def test_it_is_rejected_without_saying_who_would_have_paid(world, manager, nobody_knows_who_pays):
    assert review(manager, nobody_knows_who_pays[0], accept=False, reason="Jamais venue").status_code == 200
    assert (visits(world), waiting(world, manager)) == ([], [])


def test_who_pays_stays_said_when_the_day_is_counted_anew(world, door, manager, nobody_knows_who_pays):
    check_in_id, homes = nobody_knows_who_pays
    review(manager, check_in_id, accept=True, home_id=str(homes[0].id))
    assert offer(door, check_in_id).status_code == 200
    assert [(visit.home_id, visit.waived) for visit in visits(world)] == [(homes[0].id, "offered")]


def test_where_it_is_known_who_pays_there_is_nothing_to_choose(world, door, manager):
    answer = conflict(world, door)
    assert page(manager, world.moulin, "reviews")["items"][0]["choices"] == []
    review(manager, answer["check_in_id"], accept=True, home_id=str(world.moulin.id))
    assert [visit.home_id for visit in visits(world)] == [world.hangar.id]


def test_what_was_decided_is_not_decided_otherwise(world, door, manager):
    answer = conflict(world, door)
    review(manager, answer["check_in_id"], accept=True)
    late = review(manager, answer["check_in_id"], accept=False, reason="Non")
    assert code_of(late) == (409, "nothing_to_review")
    assert len(visits(world)) == 1


def test_a_check_in_that_nobody_attended_counts_at_once_and_waits_to_be_looked_at(world, door, manager):
    answer = unattended(world, door)
    assert (len(visits(world)), waiting(world, manager)) == (1, [("self", "Léa")])
    assert review(manager, answer["check_in_id"], accept=True).status_code == 200
    assert (len(visits(world)), waiting(world, manager)) == (1, [])


def test_a_second_one_of_that_day_is_not_asked_about(world, door, manager):
    shown = pass_text(world)
    for _ in range(2):
        check_in(door, world.scan(shown, attended=False))
        world.later(minutes=5)
    assert waiting(world, manager) == [("self", "Léa")]
    answer = manager.post(f"/api/v1/places/{world.moulin.id}/reviews/days", json={"day": "2026-11-18"})
    assert answer.json()["accepted"] == 1
    assert waiting(world, manager) == []


def test_a_second_one_is_asked_about_once_it_opens_the_visit(world, door, manager):
    shown = pass_text(world)
    first = check_in(door, world.scan(shown, attended=False))
    world.later(minutes=5)  # of two at one instant, the lower id opens it
    second = check_in(door, world.scan(shown, attended=False))
    assert code_of(review(manager, second["check_in_id"], accept=True)) == (409, "nothing_to_review")
    review(manager, first["check_in_id"], accept=False, reason="Personne ne l'a vue")
    [item] = page(manager, world.moulin, "reviews")["items"]
    assert (item["id"], item["waits"]) == (second["check_in_id"], "self")
    assert review(manager, second["check_in_id"], accept=True).status_code == 200


def test_one_that_is_rejected_is_undone_with_the_reason(world, door, manager):
    answer = unattended(world, door)
    assert review(manager, answer["check_in_id"], accept=False, reason="Personne n'est venu").status_code == 200
    assert (visits(world), waiting(world, manager)) == ([], [])
    assert [row.reason for row in rows(world, UndoReason)] == ["Personne n'est venu"]


def test_a_rejection_says_why(world, door, manager):
    answer = unattended(world, door)
    assert code_of(review(manager, answer["check_in_id"], accept=False)) == (422, "invalid_request")
    assert rows(world, CheckInUndo) == []


def test_what_was_undone_waits_no_more(world, door, manager):
    for made in (conflict(world, door), unattended(world, door)):
        if made["verdict"] == "ok":
            undo(door, made["check_in_id"])
    assert waiting(world, manager) == [("conflict", "Léa")]


def test_there_is_nothing_to_review_about_a_scan_that_somebody_saw(world, door, manager):
    answer = check_in(door, world.scan(pass_text(world)))
    assert code_of(review(manager, answer["check_in_id"], accept=True)) == (409, "nothing_to_review")


def test_a_whole_day_is_right_at_once_but_for_its_conflicts(world, door, manager):
    for name in ("Ana", "Bo"):
        unattended(world, door, given_name=name)
    conflict(world, door, given_name="Cléo")
    answer = manager.post(f"/api/v1/places/{world.moulin.id}/reviews/days", json={"day": "2026-11-18"})
    assert answer.json() == {"day": "2026-11-18", "accepted": 2}
    assert waiting(world, manager) == [("conflict", "Cléo")]
    assert sorted(row.kind for row in rows(world, FollowUp)) == ["accepted", "accepted", "conflict"]
    assert [row.detail["count"] for row in rows(world, AuditEntry, AuditEntry.action == "check_in.accept_day")] == [2]


def test_another_day_and_another_place_are_not_touched(world, door, manager):
    unattended(world, door)
    unattended(world, world.as_door(world.hangar))
    world.later(days=1)
    manager.post(f"/api/v1/places/{world.moulin.id}/reviews/days", json={"day": "2026-11-19"})
    assert rows(world, FollowUp) == []
    assert page(manager, world.moulin, "reviews")["waiting"] == 1


def test_the_newest_comes_first_and_pages_follow_one_another(world, door, manager):
    for name in ("Ana", "Bo", "Cléo"):
        unattended(world, door, given_name=name)
        world.later(minutes=1)
    first = page(manager, world.moulin, "reviews", limit=2)
    second = page(manager, world.moulin, "reviews", limit=2, cursor=first["next"])
    assert [item["name"]["given_name"] for item in first["items"] + second["items"]] == ["Cléo", "Bo", "Ana"]
    assert (first["waiting"], second["next"]) == (3, None)


def test_once_the_month_is_closed_nobody_is_asked_about_what_cannot_be_undone(world, door, manager):
    unattended(world, door)
    close_month(world, "2026-11")
    assert page(manager, world.moulin, "reviews")["waiting"] == 0


def test_a_host_sees_what_waits_and_decides_nothing(world, door):
    answer = unattended(world, door)
    host = world.signed_in(world.account(Role.HOST, world.moulin))
    assert waiting(world, host) == [("self", "Léa")]
    assert review(host, answer["check_in_id"], accept=True).status_code == 403


def test_the_manager_of_another_place_decides_nothing_here(world, door):
    answer = unattended(world, door)
    assert code_of(review(world.as_manager(world.hangar), answer["check_in_id"], accept=True)) == (
        404,
        "check_in_unknown",
    )
