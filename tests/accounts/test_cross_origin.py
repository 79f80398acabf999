"""What another site makes a browser send is refused, although the browser adds the cookie."""

import pytest

from tests.world import World

OWN = "http://testserver"
EVIL = "https://evil.example"


def sign_out(world, **headers):
    """Whether signing out with a session's cookie works, with these headers."""
    return world.as_coordinator().delete("/api/v1/session", headers=headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": EVIL},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://other.testserver"},
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:8080"},
        {"Sec-Fetch-Site": "nonsense"},
    ],
    ids=lambda headers: " ".join(f"{k}={v}" for k, v in headers.items()),
)
def test_a_write_from_another_origin_is_refused_and_the_session_stays(world, headers):
    client = world.as_coordinator()
    answer = client.delete("/api/v1/session", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")
    assert client.get("/api/v1/me").json()["account"] is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": OWN},
        {"Sec-Fetch-Site": "none"},
        {"Origin": OWN},
        {},
    ],
    ids=["same origin", "typed by the user", "an older browser on our site", "no browser at all"],
)
def test_a_write_from_our_own_pages_or_no_browser_is_let_in(world, headers):
    assert sign_out(world, **headers).status_code == 204


def test_reading_from_another_site_is_left_to_the_browser_which_shows_it_nothing(world):
    answer = world.as_coordinator().get("/api/v1/me", headers={"Origin": EVIL, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_sign_in_from_another_site_is_refused_even_without_a_cookie(world, site):
    answer = world.client().post("/api/v1/sign-in", json={"token": "x"}, headers={"Sec-Fetch-Site": site})
    assert answer.json()["code"] == "cross_origin"


def test_our_own_address_is_let_in_behind_a_proxy_that_changes_the_host(database, tmp_path):
    with World(database, tmp_path) as world:
        client = world.as_coordinator()
        answer = client.delete("/api/v1/session", headers={"Origin": OWN, "Host": "backend:8000"})
        assert answer.status_code == 204


def test_a_preflight_gets_no_permission(world):
    answer = world.client().options(
        "/api/v1/members", headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"}
    )
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
