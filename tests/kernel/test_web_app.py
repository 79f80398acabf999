"""The built web app as it is sent: compressed as the browser takes it."""

import pytest

from passapp.app import create_app

SCRIPT = "export const word = 'passage';\n" * 100
BROTLI = b"as the build compressed it"


@pytest.fixture
def site(world, tmp_path):
    """The same network with a built web app, of which one script is compressed beforehand."""
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    for name in ("app-1.js", "app-2.js"):
        (folder / "assets" / name).write_text(SCRIPT)
    (folder / "assets" / "app-1.js.br").write_bytes(BROTLI)
    world.app = create_app(world.settings, database=world.database, clock=lambda: world.now, web=folder)
    return world.client()


def raw(site, path, taken):
    with site.stream("GET", path, headers={"Accept-Encoding": taken}) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("taken", ["br", "gzip, deflate, br, zstd", "gzip, br;q=0.9"])
def test_a_browser_that_takes_brotli_is_sent_what_the_build_compressed(site, taken):
    answer, body = raw(site, "/assets/app-1.js", taken)
    assert (answer.headers["content-encoding"], body) == ("br", BROTLI)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "Accept-Encoding" in answer.headers["vary"]
    assert "immutable" in answer.headers["cache-control"]


def test_another_browser_is_sent_the_script_itself(site):
    answer, body = raw(site, "/assets/app-1.js", "identity")
    assert ("content-encoding" in answer.headers, body.decode()) == (False, SCRIPT)
    assert site.get("/assets/app-1.js", headers={"Accept-Encoding": "gzip"}).text == SCRIPT


def test_what_the_build_did_not_compress_is_compressed_on_the_way(site):
    answer, body = raw(site, "/assets/app-2.js", "gzip, br")
    assert answer.headers["content-encoding"] == "gzip"
    assert len(body) < len(SCRIPT)


def test_there_is_no_page_by_the_name_of_what_is_not_there(site):
    assert raw(site, "/assets/none.js", "br")[0].status_code == 404
    assert raw(site, "/places", "br")[1] == b"<!doctype html>"
