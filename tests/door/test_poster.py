"""The entrance poster: a manager hangs it up, members say with it that they have come."""

import io
from uuid import uuid4

import pypdfium2
import pytest
from sqlalchemy import select

from passapp.door.models import CheckIn, Door, Visit
from passapp.kernel.audit import AuditEntry
from passapp.kernel.limits import RateCount
from passapp.members.service import NewMembership
from tests.phones import Phone
from tests.pictures import read
from tests.scenes import bearer, revoke, rows
from tests.world import LONG_AGO


def holder(world, **fields):
    """A member who has a pass."""
    member = world.member(**fields)
    world.card(member)
    world.later(minutes=1)
    return member


@pytest.fixture
def lea(world):
    return holder(world)


def hang_up(world, place=None):
    """Make the place's poster, or another; gives its code."""
    place = place or world.moulin
    answer = world.as_manager(place).post(f"/api/v1/places/{place.id}/poster")
    assert answer.status_code == 201, answer.text
    return answer.json()["url"].partition("/arrive#")[2]


def arrival(world, code, **fields):
    return world.scan(poster_code=code, **fields)


def arrive(world, member, body):
    return world.as_member(member).post("/api/v1/me/check-ins", json=body)


def visits(world):
    with world.session() as session:
        return list(session.scalars(select(Visit)))


def test_a_member_says_with_the_poster_that_they_have_come_and_a_visit_is_counted(world, lea):
    answer = arrive(world, lea, arrival(world, hang_up(world))).json()
    assert (answer["verdict"], answer["colour"], answer["given_name"]) == ("ok", "green", "Léa")
    assert answer["place"]["name"] == "Le Moulin"
    [visit] = visits(world)
    assert (visit.home_id, visit.host_id) == (world.hangar.id, world.moulin.id)


def test_it_is_marked_as_said_by_oneself(world, lea):
    arrive(world, lea, arrival(world, hang_up(world)))
    with world.session() as session:
        assert session.scalars(select(CheckIn.form)).all() == ["self"]


def test_who_arrives_twice_a_day_is_counted_once(world, lea):
    code = hang_up(world)
    arrive(world, lea, arrival(world, code))
    world.later(hours=1)
    again = arrive(world, lea, arrival(world, code)).json()
    assert (again["verdict"], again["first_check_in_at"] is not None, len(visits(world))) == ("ok_again", True, 1)


def test_an_arrival_sent_again_is_answered_as_the_first_time(world, lea):
    body = arrival(world, hang_up(world))
    first = arrive(world, lea, body).json()
    again = arrive(world, lea, body).json()
    assert again == first | {"replayed": True}
    assert len(visits(world)) == 1


def test_an_arrival_of_before_the_network_came_back_counts_when_it_was(world, lea):
    body = arrival(world, hang_up(world))
    world.later(hours=3)
    answer = arrive(world, lea, body | {"device_now": world.now.isoformat()}).json()
    assert (answer["verdict"], answer["scanned_at"]) == ("ok", body["scanned_at"].replace("+00:00", "Z"))


def test_nobody_is_answered_with_what_somebody_elses_arrival_came_to(world, lea):
    body = arrival(world, hang_up(world))
    arrive(world, lea, body)
    other = arrive(world, holder(world, given_name="Noé"), body).json()
    assert (other["given_name"], other["verdict"], other["replayed"]) == ("Noé", "ok", False)
    assert len(visits(world)) == 2


def test_another_poster_ends_the_one_before_at_once(world, lea):
    old = hang_up(world)
    new = hang_up(world)
    refused = arrive(world, lea, arrival(world, old))
    assert (refused.status_code, refused.json()["code"]) == (410, "poster_not_valid")
    assert arrive(world, lea, arrival(world, new)).json()["verdict"] == "ok"
    assert len(visits(world)) == 1


def test_a_suspended_member_is_not_noted(world, lea):
    manager = world.as_manager(world.hangar)
    version = manager.get(f"/api/v1/members/{lea.id}").json()["version"]
    suspended = manager.post(
        f"/api/v1/members/{lea.id}/suspend", json={"reason": "Impayé"}, headers={"If-Match": f'"{version}"'}
    )
    assert suspended.status_code == 200, suspended.text
    world.later(minutes=1)
    answer = arrive(world, lea, arrival(world, hang_up(world))).json()
    assert (answer["verdict"], answer["colour"], visits(world)) == ("suspended", "red", [])


def test_who_has_two_homes_is_asked_which_of_them_pays(world):
    third = world.place("phare", "Le Phare")
    both = [NewMembership(place.id, "TOUT", LONG_AGO, priority=1) for place in (world.hangar, third)]
    member, code = holder(world, memberships=both), hang_up(world)
    asked = arrive(world, member, arrival(world, code)).json()
    assert (asked["verdict"], {choice["home"] for choice in asked["choices"]}) == (
        "ambiguous",
        {"Le Hangar", "Le Phare"},
    )
    chosen = arrive(world, member, arrival(world, code, home_id=str(third.id))).json()
    assert chosen["verdict"] == "ok"
    [visit] = visits(world)
    assert visit.home_id == third.id


def test_who_is_no_member_cannot_arrive(world):
    code = hang_up(world)
    assert world.as_manager(world.moulin).post("/api/v1/me/check-ins", json=arrival(world, code)).status_code == 403
    assert world.client().post("/api/v1/me/check-ins", json=arrival(world, code)).status_code == 401


def test_anybody_before_the_poster_may_know_where_it_hangs(world):
    code = hang_up(world)
    shown = world.client().post("/api/v1/posters/look-up", json={"poster_code": code}).json()
    assert (shown["id"], shown["name"]) == (str(world.moulin.id), "Le Moulin")


def test_asking_for_posters_that_are_none_ends_after_a_while(world):
    client = world.client()
    statuses = [
        client.post("/api/v1/posters/look-up", json={"poster_code": uuid4().hex}).status_code for _ in range(202)
    ]
    assert statuses == [410] * 200 + [429] * 2


def test_a_phone_that_keeps_sending_an_old_poster_stops_itself_and_nobody_else_behind_that_address(world, lea):
    old, code = hang_up(world), hang_up(world)
    broken, other = world.as_member(lea), world.as_member(holder(world))
    other._transport.client = broken._transport.client
    statuses = [broken.post("/api/v1/me/check-ins", json=arrival(world, old)).status_code for _ in range(32)]
    assert statuses == [410] * 30 + [429] * 2
    assert other.post("/api/v1/me/check-ins", json=arrival(world, code)).json()["verdict"] == "ok"


def test_who_says_another_secret_each_time_leaves_nothing_in_the_database(world):
    client, code = world.client(), hang_up(world)
    for headers in [bearer(uuid4().hex) for _ in range(25)] + [{"Cookie": f"passapp={uuid4().hex}"} for _ in range(25)]:
        assert client.post("/api/v1/me/check-ins", json=arrival(world, code), headers=headers).status_code == 401
    assert rows(world, RateCount) == []


def test_the_session_of_a_lost_phone_arrives_nowhere_until_its_member_signs_in_again(world, lea):
    code, phone = hang_up(world), world.as_member(lea)
    given = phone.post("/api/v1/me/live-pass", json={"public_key": Phone().public_key}).json()
    world.as_coordinator().post(f"/api/v1/passes/{given['pass']['id']}/revoke", json={"reason": "Téléphone perdu"})
    world.later(minutes=1)
    body = arrival(world, code)
    answer = phone.post("/api/v1/me/check-ins", json=body)
    assert (answer.status_code, answer.json()["code"], visits(world)) == (403, "sign_in_again", [])
    assert arrive(world, lea, body).json()["verdict"] == "ok"


def test_an_arrival_whose_answer_was_lost_is_answered_the_same_however_late(world, lea):
    body = arrival(world, hang_up(world))
    first = arrive(world, lea, body).json()
    world.later(days=9)
    again = arrive(world, lea, body | {"device_now": world.now.isoformat()})
    assert (again.status_code, again.json()) == (200, first | {"replayed": True})
    assert len(visits(world)) == 1


def test_an_arrival_is_noted_for_seven_days_and_no_longer(world, lea):
    code = hang_up(world)
    body = arrival(world, code)
    world.later(days=7)
    assert arrive(world, lea, body | {"device_now": world.now.isoformat()}).json()["verdict"] == "ok"
    old = body | {"id": str(uuid4())}
    world.later(days=1)
    answer = arrive(world, lea, old | {"device_now": world.now.isoformat()})
    assert (answer.status_code, answer.json()["code"], len(visits(world))) == (422, "arrival_too_old", 1)


def test_a_member_without_a_good_pass_may_arrive_all_the_same(world):
    member = world.member()
    code = hang_up(world)
    assert arrive(world, member, arrival(world, code)).json()["verdict"] == "ok"
    lost = world.member()
    revoke(world, world.card(lost))
    world.later(minutes=1)
    assert arrive(world, lost, arrival(world, code)).json()["verdict"] == "ok"


def test_all_arrivals_of_a_place_come_through_one_door_that_is_no_phone(world, lea):
    code = hang_up(world)
    for member in (lea, holder(world)):
        arrive(world, member, arrival(world, code))
    with world.session() as session:
        assert session.scalars(select(Door.kind)).all() == ["poster"]
    phones = world.as_manager(world.moulin).get(f"/api/v1/places/{world.moulin.id}/doors").json()["items"]
    assert phones == []


def test_a_place_without_a_poster_has_none_to_print(world):
    manager = world.as_manager(world.moulin)
    assert manager.get(f"/api/v1/places/{world.moulin.id}/poster").json() == {"url": None}
    answer = manager.get(f"/api/v1/places/{world.moulin.id}/poster.pdf")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_poster")


def test_a_place_where_nobody_is_received_has_no_poster(world):
    office = world.place("bureau", "Le Bureau", has_door=False)
    answer = world.as_manager(office).post(f"/api/v1/places/{office.id}/poster")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_door_here")


def test_renewing_the_poster_changes_nothing_else_of_how_the_place_receives(world):
    manager, path = world.as_manager(world.moulin), f"/api/v1/places/{world.moulin.id}/door-policy"
    manager.put(path, json={"capacity": 12, "cards": False}, headers={"If-Match": '"0"'})
    before = manager.get(path).json()
    hang_up(world)
    after = manager.get(path).json()
    assert {**after, "version": before["version"]} == before


def test_renewing_the_poster_is_in_the_audit_log_without_its_code(world):
    code = hang_up(world)
    with world.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "poster.renew")).one()
        assert (entry.place_id, code not in str(entry.detail)) == (world.moulin.id, True)


def printed(world, place):
    answer = world.as_manager(place).get(f"/api/v1/places/{place.id}/poster.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    return pypdfium2.PdfDocument(answer.content)


def test_the_printed_poster_is_one_page_that_names_the_place_and_leads_to_arriving(world):
    code = hang_up(world)
    document = printed(world, world.moulin)
    assert len(document) == 1
    words = document[0].get_textpage().get_text_bounded()
    for wanted in ("Le Moulin", "Le Réseau", "Scannez, vous êtes inscrit·e", "Je suis là", "I am here", "7 jours"):
        assert wanted in words
    picture = document[0].render(scale=2).to_pil()
    assert read(picture) == [f"http://testserver/arrive#{code}"]


def test_the_poster_is_read_in_a_small_photo_from_two_metres_away(world):
    code = hang_up(world)
    page = printed(world, world.moulin)[0].render(scale=1).to_pil()
    shot = page.resize((page.width // 3, page.height // 3))
    file = io.BytesIO()
    shot.save(file, "JPEG", quality=70)
    assert read(shot) == [f"http://testserver/arrive#{code}"]


@pytest.mark.parametrize("name", ["M" * 120, "#panic() *gras* \\ $x$", "東京の場所"])
def test_whatever_a_place_is_called_its_poster_is_one_page(world, name):
    place = world.place("autre", name)
    code = hang_up(world, place)
    document = printed(world, place)
    assert len(document) == 1
    assert read(document[0].render(scale=2).to_pil()) == [f"http://testserver/arrive#{code}"]
