"""Whatever is sent, the answer is a problem that names what is wrong; never a server error, never half a change."""

import json

import pytest

from passapp.kernel.middleware import BODY_LIMIT

MANY = 100_000


def post(client, content, content_type="application/json", path="/api/v1/plans"):
    return client.post(path, content=content, headers={"Content-Type": content_type})


def chunks(size):
    yield b'{"name": "'
    for _ in range(size // 1000):
        yield b"a" * 1000
    yield b'"}'


def test_a_body_over_one_megabyte_that_says_so_is_refused(world):
    answer = post(world.as_coordinator(), b"a" * (BODY_LIMIT + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_over_one_megabyte_that_does_not_say_so_is_refused(world):
    answer = post(world.as_coordinator(), chunks(BODY_LIMIT))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_of_one_megabyte_is_read(world):
    body = b'{"name": "' + b"a" * (BODY_LIMIT - 12) + b'"}'
    assert len(body) == BODY_LIMIT
    answer = post(world.as_coordinator(), body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "9" * 30])
def test_a_length_that_is_none_is_no_server_error(world, length):
    answer = world.as_coordinator().post("/api/v1/plans", content=b"{}", headers={"Content-Length": length})
    assert answer.status_code in {413, 422}


HOSTILE_JSON = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe{}",
    b"\xef\xbb\xbf{}",
    b"[" * MANY,
    b'{"a":' * MANY,
    b'{"weekdays": [' + b"9" * 5000 + b"]}",
    b'{"weekdays": [1e999]}',
    b'{"weekdays": [NaN]}',
    b'{"name": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"name": "\\u0000"}',
    b'{"\\u0000": 1}',
    b'{"name": "x", "name": "y"}',
]


def test_json_that_is_none_or_hostile_is_a_problem(world):
    coordinator = world.as_coordinator()
    for content in HOSTILE_JSON:
        answer = post(coordinator, content)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), content[:30]


def test_a_batch_of_hostile_scans_has_a_problem_for_each_of_them(world):
    items = [{}, {"id": 1}, {"id": "\ud800"}, {"\ud800": "\ud800"}, {"pass": "\0", "id": [{}]}, {"id": {"a": {}}}]
    answer = post(world.as_door(), json.dumps({"items": items}), path="/api/v1/check-ins/batch")
    assert answer.status_code == 200, answer.text
    assert [outcome["problem"]["code"] for outcome in answer.json()["outcomes"]] == ["invalid_request"] * len(items)


def test_another_content_type_is_a_problem(world):
    coordinator = world.as_coordinator()
    for content_type in ["text/plain", "application/xml", "multipart/form-data", "", "x"]:
        answer = post(coordinator, json.dumps({"name": "Semaine", "code": "SEM"}), content_type)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), content_type


def test_a_name_with_control_characters_or_none_at_all_is_refused(world):
    coordinator = world.as_coordinator()
    unseen = ["a\u202eb", "\u2066", "a\u200eb", "a\u2028b", "a\U000e0041b"]
    addresses = ["Voir https://evil.example", "WWW.evil.example"]
    for text in ["\0", "a\0b", "a\nb", "\x7f", *unseen, *addresses, " ", "", "x" * 121, "\x85"]:
        answer = coordinator.post("/api/v1/plans", json={"code": "SEM", "name": text})
        assert {error["pointer"] for error in answer.json()["errors"]} == {"/name"}, repr(text)


def test_a_name_in_any_script_is_kept_as_it_is(world):
    coordinator = world.as_coordinator()
    for number, text in enumerate(["Łucja", "李", "O’Brien", "Zoë 🙂", "\ufb01", "x" * 120]):
        answer = coordinator.post("/api/v1/plans", json={"code": f"P{number}", "name": text})
        assert (answer.status_code, answer.json()["name"]) == (201, text)


HOSTILE = ["%00", "%ff", "%ed%a0%80", "%", "'", '"', "\\", "_", "%25", "a" * 121, "%F0%9F%99%82", "%20"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/members?q={}",
        "/api/v1/places?q={}",
        "/api/v1/members?cursor={}",
        "/api/v1/places/{}",
        "/api/v1/months/{}",
    ],
)
def test_a_hostile_address_is_no_server_error(world, path):
    coordinator = world.as_coordinator()
    for text in HOSTILE:
        assert coordinator.get(path.format(text)).status_code in {200, 404, 422}, text


def test_a_hostile_plan_code_is_no_server_error(world):
    coordinator = world.as_coordinator()
    for text in HOSTILE:
        answer = coordinator.put(f"/api/v1/plans/{text}", json={"name": "Semaine"}, headers={"If-Match": '"1"'})
        assert answer.status_code in {404, 405, 422}, text


def test_a_number_out_of_range_is_a_problem(world):
    coordinator, member = world.as_coordinator(), world.member()
    for number in [str(2**31), str(2**63), "9" * 4000, "-1", "0", "14", "1.5"]:
        answer = post(coordinator, f'{{"months": {number}}}', path=f"/api/v1/members/{member.id}/passes")
        assert answer.status_code == 422, number[:30]


def test_a_version_that_is_none_of_ours_is_stale(world):
    coordinator = world.as_coordinator()
    for version in ["", '"', '"x"', "*", "-1", '"9999999999"', '"1", "2"', "'1'", "²", "٣"]:
        answer = coordinator.patch("/api/v1/network", json={}, headers={"If-Match": version.encode()})
        assert (answer.status_code, answer.json()["code"]) == (412, "stale"), version


def test_an_instant_without_a_zone_or_that_is_none_is_a_problem(world):
    door = world.as_door()
    for at in ["2026-11-18T10:00:00", 1e300, -1, "x"]:
        answer = post(door, json.dumps(world.scan("x") | {"scanned_at": at}), path="/api/v1/check-ins")
        assert {error["pointer"] for error in answer.json()["errors"]} == {"/scanned_at"}, at


def test_a_refused_body_changes_nothing(world):
    coordinator = world.as_coordinator()
    before = coordinator.get("/api/v1/plans").json()
    post(coordinator, b'{"code": "SEM", "name": "Semaine", "weekdays": [0, 9]}')
    assert coordinator.get("/api/v1/plans").json() == before
