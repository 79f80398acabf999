"""Headers that keep a browser strict with our pages: on every answer, whoever gives it."""

import pytest

from passapp.app import create_app
from passapp.kernel.middleware import BODY_LIMIT
from tests.world import World

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def policy(answer):
    """The content security policy: its sources by directive."""
    directives = (directive.split() for directive in answer.headers["content-security-policy"].split(";"))
    return {name: set(sources) for name, *sources in directives}


@pytest.fixture
def site(world, tmp_path):
    """The same network with a built web app."""
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets" / "app-1.js").write_text("1")
    return create_app(world.settings, database=world.database, clock=lambda: world.now, web=folder)


@pytest.mark.parametrize(
    "method,path,status",
    [
        ("GET", "/", 200),
        ("GET", "/audit", 200),
        ("GET", "/assets/app-1.js", 200),
        ("GET", "/assets/none.js", 404),
        ("GET", "/api/v1/me", 200),
        ("GET", "/api/v1/members", 401),
        ("GET", "/api/v1/nothing", 404),
        ("PUT", "/api/v1/me", 405),
        ("POST", "/api/v1/sign-in", 422),
        ("GET", "/.well-known/jwks.json", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/health/live", 200),
    ],
)
def test_every_answer_has_them(world, site, method, path, status):
    world.app = site
    answer = world.client().request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert policy(answer)["default-src"] == {"'self'"}


def test_an_error_that_nobody_expected_has_them_too(world, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("passapp.network.service.plans", fail)
    client = world.as_coordinator()
    client._transport.raise_server_exceptions = False
    answer = client.get("/api/v1/plans")
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (500, "nosniff")


def test_what_is_refused_before_any_route_has_them_too(world):
    client = world.client()
    foreign = client.post("/api/v1/sign-in", json={}, headers={"Origin": "https://evil.example"})
    large = client.post("/api/v1/sign-in", content=b"a" * (BODY_LIMIT + 1))
    assert [answer.status_code for answer in (foreign, large)] == [403, 413]
    assert all(policy(answer)["object-src"] == {"'none'"} for answer in (foreign, large))


def test_no_script_and_no_style_runs_that_is_not_a_file_of_ours(world):
    found = policy(world.client().get("/health/live"))
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set().union(*found.values())
    assert found["script-src"] == {"'self'", "'wasm-unsafe-eval'"}
    assert found["style-src"] == found["connect-src"] == found["form-action"] == {"'self'"}
    closed = ("object-src", "frame-src", "frame-ancestors", "base-uri")
    assert [found[name] for name in closed] == [{"'none'"}] * len(closed)


def test_our_pages_may_use_camera_position_and_passkeys_and_nobody_elses_may(world):
    allowed = world.client().get("/health/live").headers["permissions-policy"].split(", ")
    ours = ("camera", "geolocation", "publickey-credentials-get", "publickey-credentials-create")
    assert {f"{feature}=(self)" for feature in ours} <= set(allowed)
    assert {"microphone=()", "payment=()"} <= set(allowed)


@pytest.mark.parametrize(
    "tiles,more", [("https://tiles.example:8443/{z}/{x}/{y}.png", {"https://tiles.example:8443"}), ("off", set())]
)
def test_pictures_come_from_us_and_from_the_machine_of_the_map_and_nothing_else_does(world, tiles, more):
    settings = world.settings.model_copy(update={"map_tiles": tiles})
    world.app = create_app(settings, database=world.database, clock=lambda: world.now)
    found = policy(world.client().get("/health/live"))
    assert found["img-src"] == {"'self'", "data:", "blob:"} | more
    assert [name for name in found if more & found[name]] == (["img-src"] if more else [])


def test_browsers_are_told_to_come_back_by_https_where_the_address_is_one(world):
    assert "strict-transport-security" not in world.client().get("/health/live").headers
    settings = world.settings.model_copy(update={"public_url": "https://pass.example"})
    world.app = create_app(settings, database=world.database, clock=lambda: world.now)
    header = world.client().get("/health/live").headers["strict-transport-security"]
    assert int(header.removeprefix("max-age=")) >= 31_536_000


def test_pages_of_the_demo_are_held_to_the_same(database, tmp_path):
    with World(database, tmp_path, demo=True) as world:
        assert "'unsafe-inline'" not in world.client().get("/").headers["content-security-policy"]
