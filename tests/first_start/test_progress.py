"""The assistant goes on from where the network is."""

from passapp.passes.trial import trial_pass
from passapp.places.models import Place
from tests.first_start.claiming import claim, draw
from tests.scenes import check_in, pass_text, undo


def progress(client):
    answer = client.get("/api/v1/set-up")
    assert answer.status_code == 200, answer.text
    return answer.json()


def try_a_phone(world, door, place):
    with world.session() as session:
        text = trial_pass(session, session.get_one(Place, place.id), world.settings.keys_dir, at=world.now)
    assert door.post("/api/v1/door/trial", json={"pass": text}).json()["works"]


def test_a_network_without_a_place_has_everything_before_it(empty):
    client = empty.client()
    claim(client, draw(empty))
    nothing = {"place": None, "member": None, "pass_id": None, "phones": 0, "tried": False, "done": False}
    assert progress(client) == nothing


def test_the_first_place_is_the_first_that_receives_people(empty):
    client = empty.client()
    claim(client, draw(empty))
    empty.place("mairie", has_door=False)
    assert progress(client)["place"] is None
    empty.place("hangar")
    empty.place("moulin")
    assert progress(client)["place"]["code"] == "hangar"


def test_the_first_member_comes_with_a_pass_once_they_have_one(world):
    coordinator = world.as_coordinator()
    member = world.member(world.hangar)
    world.member(world.hangar)
    seen = progress(coordinator)
    assert (seen["member"]["id"], seen["pass_id"]) == (str(member.id), None)
    card = world.card(member)
    assert progress(coordinator)["pass_id"] == str(card.id)
    coordinator.post(f"/api/v1/passes/{card.id}/revoke", json={"reason": "Essai"})
    assert progress(coordinator)["pass_id"] is None


def test_a_phone_is_ready_until_it_is_cut_off(world):
    coordinator = world.as_coordinator()
    world.as_door(world.hangar)
    world.as_door(world.moulin)
    assert progress(coordinator)["phones"] == 1
    [door] = coordinator.get(f"/api/v1/places/{world.hangar.id}/doors").json()["items"]
    coordinator.delete(f"/api/v1/places/{world.hangar.id}/doors/{door['id']}")
    assert progress(coordinator)["phones"] == 0


def test_a_phone_that_read_a_trial_pass_ends_the_first_start(world):
    coordinator, door = world.as_coordinator(), world.as_door(world.hangar)
    seen = progress(coordinator)
    assert (seen["tried"], seen["done"]) == (False, False)
    try_a_phone(world, door, world.hangar)
    seen = progress(coordinator)
    assert (seen["tried"], seen["done"]) == (True, True)


def test_a_visit_ends_the_first_start_too(world):
    coordinator, door = world.as_coordinator(), world.as_door(world.moulin)
    answer = check_in(door, world.scan(pass_text(world)))
    undo(door, answer["check_in_id"])
    seen = progress(coordinator)
    assert (seen["tried"], seen["done"]) == (False, True)
