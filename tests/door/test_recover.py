"""A phone that was cut off keeps its unsent scans, and a manager recovers them from the file that it wrote."""

from datetime import timedelta
from uuid import uuid4

import pytest

from passapp.door.models import CheckIn, Door, Visit
from passapp.kernel.audit import AuditEntry
from tests.scenes import bearer, check_in, pair, pair_link, pass_text, recovered_file, rows, visits


@pytest.fixture
def manager(world):
    return world.as_manager(world.moulin)


class Phone:
    """A volunteer's phone at the Moulin: what it scans while offline, and what it writes into a file."""

    def __init__(self, world, manager):
        self.world, self.manager, self.device = world, manager, uuid4()
        self.scans = []
        self.pair_again()

    def pair_again(self):
        paired = pair(self.world.client(), pair_link(self.manager, self.world.moulin), self.device).json()
        self.id, self.client = paired["door"]["id"], self.world.client()
        self.client.headers |= bearer(paired["token"])

    def scan_offline(self, text=None):
        scan = self.world.scan(text or pass_text(self.world))
        del scan["device_now"]
        self.scans.append(scan)
        return scan

    def cut_off(self):
        assert self.manager.delete(f"/api/v1/places/{self.world.moulin.id}/doors/{self.id}").status_code == 204

    def file(self, **changes):
        return recovered_file(self.world.moulin.id, self.id, self.world.now, self.scans) | changes

    def recover(self, **changes):
        where = f"/api/v1/places/{self.world.moulin.id}/doors/{self.id}/recovered-check-ins"
        return self.manager.post(where, json=self.file(**changes))

    def send(self):
        items = [scan | {"device_now": self.world.now.isoformat()} for scan in self.scans]
        return self.client.post("/api/v1/check-ins/batch", json={"items": items})


@pytest.fixture
def phone(world, manager):
    return Phone(world, manager)


def written(world):
    """What a file may leave behind; that somebody tried is counted in any case."""
    return rows(world, Door)[0].last_seen_at, *(len(rows(world, table)) for table in (CheckIn, Visit, AuditEntry))


def counts(answer):
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return {name: body[name] for name in ("admitted", "refused", "known", "after_cut_off")}


def test_a_manager_recovers_what_a_cut_off_phone_had_kept(world, phone):
    phone.scan_offline()
    phone.scan_offline()
    scanned_at = world.now
    phone.scan_offline("illisible")
    world.later(hours=2)
    phone.cut_off()
    assert phone.send().status_code == 401
    world.later(days=1)
    answer = phone.recover()
    assert counts(answer) == {"admitted": 2, "refused": 1, "known": 0, "after_cut_off": 0}
    assert answer.json()["problems"] == []
    assert {visit.opened_at for visit in visits(world)} == {scanned_at}
    assert {row.received_at for row in rows(world, CheckIn)} == {world.now}


def test_a_file_recovered_twice_counts_once(world, phone):
    phone.scan_offline()
    phone.cut_off()
    phone.recover()
    assert counts(phone.recover()) == {"admitted": 0, "refused": 0, "known": 1, "after_cut_off": 0}
    assert len(visits(world)) == 1


def test_a_phone_paired_again_sends_what_it_kept_and_what_was_recovered_already_is_a_replay(world, phone):
    phone.scan_offline()
    phone.cut_off()
    phone.recover()
    phone.scan_offline()
    phone.pair_again()
    outcomes = phone.send().json()["outcomes"]
    assert [(o["answer"]["verdict"], o["answer"]["replayed"]) for o in outcomes] == [("ok", True), ("ok", False)]
    assert len(visits(world)) == 2


def test_what_the_phone_had_sent_before_it_was_cut_off_is_known(world, phone):
    scan = phone.scan_offline()
    check_in(phone.client, scan | {"device_now": world.now.isoformat()})
    phone.cut_off()
    assert counts(phone.recover())["known"] == 1


def test_a_scan_of_after_the_cut_off_waits_for_the_managers_word(world, phone):
    phone.scan_offline()
    world.later(minutes=1)
    phone.cut_off()
    world.later(hours=1)
    phone.scan_offline()
    assert counts(phone.recover()) == {"admitted": 1, "refused": 0, "known": 0, "after_cut_off": 1}
    assert len(visits(world)) == 1
    taken = phone.recover(also_after_cut_off=True)
    assert counts(taken) == {"admitted": 1, "refused": 0, "known": 1, "after_cut_off": 0}
    assert len(visits(world)) == 2


def test_a_phone_whose_clock_is_ahead_cannot_scan_in_the_future(world, phone):
    ahead = timedelta(hours=5)
    scan = phone.scan_offline()
    world.later(hours=2)
    scan["scanned_at"] = (world.now + ahead - timedelta(hours=1)).isoformat()
    answer = phone.recover(saved_at=(world.now + ahead).isoformat())
    assert counts(answer)["admitted"] == 1
    assert [row.scanned_at for row in rows(world, CheckIn)] == [world.now - timedelta(hours=1)]


def test_a_pass_is_judged_as_of_its_scan_whatever_the_file_says(world, phone):
    phone.scan_offline("eyJhbGciOiJFZERTQSJ9.e30.AAAA")
    assert counts(phone.recover()) == {"admitted": 0, "refused": 1, "known": 0, "after_cut_off": 0}
    assert visits(world) == []


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"door_id": str(uuid4())}, "scans_of_another_door"),
        ({"place_id": str(uuid4())}, "scans_of_another_place"),
    ],
)
def test_a_file_of_another_phone_or_place_is_refused_and_nothing_is_written(world, phone, changes, code):
    phone.scan_offline()
    before = written(world)
    answer = phone.recover(**changes)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert written(world) == before


def test_the_phone_of_another_place_is_unknown_here(world, phone):
    other = Phone(world, world.as_manager(world.moulin))
    where = f"/api/v1/places/{world.hangar.id}/doors/{other.id}/recovered-check-ins"
    other.scan_offline()
    answer = world.as_manager(world.hangar).post(where, json=other.file())
    assert (answer.status_code, answer.json()["code"]) == (404, "door_unknown")


@pytest.mark.parametrize(
    "broken",
    [
        {"format": "passapp-scans-2"},
        {"saved_at": "yesterday"},
        {"items": []},
        {"items": "all of them"},
        {"items": [{}] * 501},
        {"door_id": "mine"},
        {"more": 1},
    ],
)
def test_a_broken_file_is_refused_and_nothing_is_written(world, phone, broken):
    phone.scan_offline()
    before = written(world)
    answer = phone.recover(**broken)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert written(world) == before


def test_a_broken_scan_spoils_no_other(world, phone):
    phone.scan_offline()
    scan = phone.scans[0]
    phone.scans += [None, "x", {"id": "x"}, scan | {"id": str(uuid4()), "by_name": {"name": "a", "second": "b"}}]
    answer = phone.recover()
    assert counts(answer)["admitted"] == 1
    problems = answer.json()["problems"]
    assert [(each["index"], each["problem"]["code"]) for each in problems] == [
        (index, "invalid_request") for index in (1, 2, 3, 4)
    ]


def test_an_id_that_was_used_for_another_scan_is_told_by_its_place_in_the_file(world, phone):
    scan = phone.scan_offline()
    phone.scans.insert(0, {"broken": True})
    phone.scans.append(scan | {"pass": pass_text(world)})
    answer = phone.recover()
    assert counts(answer)["admitted"] == 1
    assert [(each["index"], each["problem"]["code"]) for each in answer.json()["problems"]] == [
        (0, "invalid_request"),
        (2, "scan_id_reused"),
    ]


def test_a_recovery_does_not_say_that_the_phone_was_seen(world, manager, phone):
    phone.scan_offline()
    phone.cut_off()
    phone.recover()
    [door] = manager.get(f"/api/v1/places/{world.moulin.id}/doors").json()["items"]
    assert (door["last_seen_at"], door["cut_off_at"]) == (None, world.now.isoformat().replace("+00:00", "Z"))


def test_a_recovery_is_in_the_audit_log_with_its_counts(world, phone):
    phone.scan_offline()
    phone.recover()
    [entry] = rows(world, AuditEntry, AuditEntry.action == "door.recover")
    assert (entry.actor_kind, entry.subject_id, entry.place_id) == ("account", phone.id, world.moulin.id)
    assert entry.detail == {
        "admitted": 1,
        "refused": 0,
        "known": 0,
        "left_out": 0,
        "also_after_cut_off": False,
    }


def test_files_are_not_taken_without_end(world, phone):
    phone.scan_offline()
    answers = [phone.recover().status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
