"""Every verdict on the door's two screens, given by the server or by the door: in words and colour, with what to do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route

from tests.browser.conftest import PHONE, open_context

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
VERDICTS = json.loads((ROOT / "passapp" / "door" / "verdicts.json").read_text())
ADDRESS = "https://verdicts.test"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
COLOURS = {"green": "rgb(11, 107, 60)", "amber": "rgb(255, 194, 71)", "red": "rgb(168, 31, 24)"}
SPACES = str.maketrans({"\u202f": " ", "\u00a0": " ", "’": "'"})

ONLY_ONLINE = {"unknown_key", "error", "list_stale"}
"""What a door by itself cannot know is amber, and never said to be a refusal."""
UNSURE = {
    "fr": ("À vérifier avec du réseau", "Laissez entrer : sans réseau, ce téléphone ne peut pas vérifier ce pass"),
    "en": ("To be checked online", "Let them in: without network, this phone cannot check this pass"),
}
ALONE = {
    "fr": {
        "hello": "Bonjour !",
        "counted": "Votre passage est noté. Bonne journée.",
        "kept": "Votre passage est noté, et sera envoyé plus tard.",
        "team": "Adressez-vous à l'équipe.",
        "choose": ("Vous venez de quel lieu ?", "Touchez son nom."),
    },
    "en": {
        "hello": "Hello!",
        "counted": "Your visit is noted. Have a good day.",
        "kept": "Your visit is noted, and will be sent later.",
        "team": "Ask the team.",
        "choose": ("Which place do you come from?", "Tap its name."),
    },
}


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """The page of the two screens."""
    folder = tmp_path_factory.mktemp("verdicts")
    vite = [str(Path(sys.executable).parent / "node"), "node_modules/vite/bin/vite.js", "build"]
    page = ["--config", "tests/verdict-page/vite.config.ts", "--logLevel", "error"]
    subprocess.run([*vite, "tests/verdict-page", *page, "--outDir", str(folder)], cwd=WEB, check=True, timeout=300)
    return folder


@pytest.fixture
def page(browser, built):
    """The page, on a phone."""

    def answer(route: Route) -> None:
        file = built / (route.request.url.removeprefix(f"{ADDRESS}/") or "index.html")
        if file.is_file():
            route.fulfill(path=file, content_type=TYPES.get(file.suffix, "application/octet-stream"))
        else:
            route.abort()

    context = open_context(browser, keeps_app=True, locale="fr-FR", reduced_motion="reduce", **PHONE)
    context.route("**", answer)
    page = context.new_page()
    page.goto(f"{ADDRESS}/")
    yield page
    context.close()


def to_a_host(verdict, by, language):
    """What is to be said, and what to do next."""
    if by == "door" and verdict in ONLY_ONLINE - {"list_stale"}:
        return UNSURE[language]
    return VERDICTS[verdict][language]["say"], VERDICTS[verdict][language]["next"]


def to_a_visitor(verdict, by, language):
    """Said to whoever stands before the tablet: where it cannot know, they are welcome."""
    alone = ALONE[language]
    if by == "door" and verdict in ONLY_ONLINE | {"ok"}:
        return alone["hello"], alone["kept"]
    if verdict in {"ok", "ok_again"}:
        return alone["hello"], alone["counted"]
    return alone["choose"] if verdict == "ambiguous" else (VERDICTS[verdict][language]["say"], alone["team"])


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("attended", [True, False], ids=["a host", "a tablet on its own"])
def test_every_verdict_is_said_in_words_and_colour_with_what_to_do_next(page, attended, language):
    page.evaluate("async (given) => { window.here = await openScreen(...given); }", [attended, language])
    axe = Axe()
    for verdict, known in VERDICTS.items():
        for by in ("server", "door"):
            page.evaluate("given => here.show(given)", {"verdict": verdict, "colour": known["colour"], "by": by})
            shown = page.locator("[data-verdict]")
            said = shown.inner_text().translate(SPACES)
            say, then = (to_a_host if attended else to_a_visitor)(verdict, by, language)
            colour = "amber" if by == "door" and verdict in ONLY_ONLINE else known["colour"]
            where = f"{verdict}, said by the {by}: {said}"
            assert shown.get_attribute("data-verdict") == verdict
            assert say.translate(SPACES) in said, where
            assert then.translate(SPACES) in said, where
            assert shown.evaluate("element => getComputedStyle(element).backgroundColor") == COLOURS[colour], where
            found = axe.run(page, context="[data-verdict]")
            assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
            if attended:
                refuses = colour != "green" and verdict != "ambiguous"
                assert shown.locator("[data-deed=override]").count() == refuses, where
                assert shown.get_by_role("button", name="Phare").count() == (verdict == "ambiguous"), where
            else:
                assert shown.get_by_role("button").count() == 2 * (verdict == "ambiguous"), where
