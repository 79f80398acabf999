"""Metrics: counts by route and verdict for whoever holds the token; nothing of anybody."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from passapp import __version__
from passapp.kernel.ticking import Chore, tick
from tests.world import METRICS_TOKEN

BEARER = {"Authorization": f"Bearer {METRICS_TOKEN}"}


def samples(world):
    """Every sample: its name and labels, and its value."""
    answer = world.client().get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_template_method_and_status(world):
    member, coordinator = world.member(), world.as_coordinator()
    key = ("passapp_requests_total", *sorted(("/api/v1/members/{member_id}", "GET", "200")))
    before = samples(world).get(key, 0)
    for _ in range(3):
        coordinator.get(f"/api/v1/members/{member.id}")
    assert samples(world)[key] - before == 3


def test_the_time_to_answer_is_counted_too(world):
    world.client().get("/api/v1/network")
    assert samples(world)["passapp_request_seconds_count", "/api/v1/network", "GET"] >= 1


def test_addresses_that_nobody_answers_make_one_line_however_many_they_are(world):
    for number in range(20):
        world.client().get(f"/marque-{number}")
    assert not [name for name in samples(world) if any("marque" in part for part in name)]


def test_check_ins_of_the_last_hour_are_counted_by_verdict(world):
    door = world.as_door()
    door.post("/api/v1/check-ins", json=world.scan("illisible"))
    world.later(hours=2)
    door.post("/api/v1/check-ins", json=world.scan(world.text(world.card(world.member()))))
    door.post("/api/v1/check-ins", json=world.scan("illisible"))
    found = {name[1]: value for name, value in samples(world).items() if name[0] == "passapp_check_ins_last_hour"}
    assert sum(found.values()) == 2
    assert found["ok"] == 1


def test_messages_that_wait_are_counted(world):
    card = world.card(world.member())
    before = samples(world)["passapp_outbox_waiting",]
    world.as_door().post("/api/v1/check-ins", json=world.scan(short_code=card.short_code))
    assert samples(world)["passapp_outbox_waiting",] == before + 1


def test_a_chore_that_failed_is_named_until_it_goes_well(world):
    def fail(*_args):
        raise ValueError

    tick(world.database, {"months": Chore(lambda *_: 1, fail)}, now=world.now)
    assert samples(world)["passapp_chores_failed", "months"] == 1
    tick(world.database, {"months": Chore(lambda *_: 0, fail)}, now=world.now)
    assert not [name for name in samples(world) if name[0] == "passapp_chores_failed"]


def test_the_gate_the_pool_and_the_version_are_shown(world):
    found = samples(world)
    assert found["passapp_writers_waiting",] == found["passapp_writers_admitted",] == 0
    assert found["passapp_database_connections",] == 1
    assert next(name[1] for name in found if name[0] == "passapp_build").startswith(f"{__version__} on Python 3.")


def test_no_id_and_no_name_is_in_the_page(world):
    member = world.member(given_name="Zénobie", email="marque@example.org")
    coordinator = world.as_coordinator()
    for address in (f"members/{member.id}", f"places/{world.hangar.id}", "members?q=marque", "plans/TOUT"):
        coordinator.get(f"/api/v1/{address}")
    page = world.client().get("/metrics", headers=BEARER).text
    assert not re.search(r"[0-9a-f]{8}-|marque|Zénobie|TOUT", page)


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": METRICS_TOKEN}])
def test_without_the_token_there_is_nothing_to_see(world, shown):
    answer = world.client().get("/metrics", headers=shown)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_token_of_letters_that_headers_do_not_know_is_refused_and_breaks_nothing(world):
    assert world.client().get("/metrics", headers={"Authorization": "Bearer é".encode()}).status_code == 401


def test_no_role_opens_the_metrics(world):
    assert world.as_coordinator().get("/metrics").status_code == 401


def test_without_the_setting_there_are_no_metrics(world):
    world.app.state.settings = world.settings.model_copy(update={"metrics_token": None})
    assert world.client().get("/metrics", headers=BEARER).status_code == 404
