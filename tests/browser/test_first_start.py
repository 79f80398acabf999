"""From an empty database to « Ça marche ! », as a coordination does it without a developer, on the real server."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

import pytest
from playwright.sync_api import Error, Page, expect

from passapp.passes.qr import draw_png
from tests.browser.conftest import DESKTOP, PATIENCE, PHONE, no_violation, open_context
from tests.browser.video import film, hold_up, nothing
from tests.mail_server import Inbox, mail_server

pytestmark = pytest.mark.browser

SECONDS_TO_START = 60


@dataclass
class Served:
    """A running ``passapp serve``, and what it printed."""

    process: subprocess.Popen[str]
    printed: Queue[str] = field(default_factory=Queue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.put(line)

    def address(self) -> str:
        """The set-up address, as the terminal shows it."""
        said = ""
        try:
            while not (found := re.search(r"http://localhost:\d+/start#\S+", said)):
                said += self.printed.get(timeout=SECONDS_TO_START)
        except Empty:
            pytest.fail(f"no set-up address was printed: {said}")
        return found.group()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """What arrives at the mail server of a deployment that has one."""
    inbox = Inbox()
    with mail_server(inbox) as inbox.port:
        yield inbox


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    own = {
        "PASSAPP_DATA_DIR": str(tmp_path / "data"),
        "PASSAPP_PORT": str(port),
        "PASSAPP_PUBLIC_URL": f"http://localhost:{port}",
    }
    if "inbox" in request.fixturenames:
        own["PASSAPP_SMTP_URL"] = f"smtp://localhost:{request.getfixturevalue('inbox').port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSAPP_")}
    words = [sys.executable, "-m", "passapp", "serve", "--migrate"]
    process = subprocess.Popen(words, env=kept | own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield Served(process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=15)
        assert process.stdout is not None
        process.stdout.close()


def looked_at(page: Page, _what: str) -> None:
    """The page as it stands: axe finds nothing, and nothing scrolls sideways."""
    no_violation(page)
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sideways <= 0, f"scrolls {sideways} px sideways"


def titled(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=PATIENCE)


def open_first(page: Page, address: str) -> None:
    """The server prints its address a moment before it listens."""
    for _ in range(SECONDS_TO_START):
        with suppress(Error):
            page.goto(address)
            return
        page.wait_for_timeout(1000)
    pytest.fail("the server does not answer")


def fill_network(page: Page) -> None:
    page.get_by_label("Nom du réseau").fill("Les lieux du bocage")
    page.get_by_label("Votre prénom").fill("Camille")
    page.get_by_label("Votre nom").fill("Martin")
    page.get_by_label("Votre adresse mail").fill("camille@example.org")


def guess_in_vain(page: Page, home: str) -> None:
    open_first(page, home)
    titled(page, "Bienvenue sur votre Passapp")
    expect(page.get_by_text("passapp set-up", exact=True)).to_be_visible()
    looked_at(page, "empty")
    page.goto(f"{home}/start#invente")
    fill_network(page)
    page.get_by_role("button", name="Créer le réseau").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est plus la bonne")
    looked_at(page, "wrong")
    page.goto("about:blank")


def found_a_network(page: Page, address: str) -> None:
    page.goto(address)
    titled(page, "Votre réseau")
    looked_at(page, "network")
    fill_network(page)
    expect(page.get_by_label("Code du réseau")).to_have_value("BOCAGE")
    page.get_by_role("button", name="Créer le réseau").click()
    titled(page, "Votre premier lieu")
    assert page.url.endswith("/start"), "the secret must not stay in the address"


def send_a_trial_mail(page: Page) -> None:
    titled(page, "Un mail d’essai")
    page.get_by_role("button", name="Envoyer un mail d’essai").click()
    expect(page.get_by_text("Le serveur a pris le mail")).to_be_visible(timeout=PATIENCE)
    looked_at(page, "mail")
    page.get_by_role("button", name="Continuer").click()


def add_a_place_and_a_member(page: Page) -> None:
    looked_at(page, "place")
    page.get_by_label("Nom du lieu").fill("Le Hangar <b>")
    page.get_by_label("Ville").fill("Saint-Denis")
    page.get_by_label("Code postal").fill("97400")
    page.get_by_role("button", name="Ajouter ce lieu").click()
    send_a_trial_mail(page)
    titled(page, "Le premier membre")
    looked_at(page, "member")
    expect(page.get_by_label("Prénom")).to_have_value("Camille")
    page.get_by_role("button", name="Faire son pass").click()
    titled(page, "Le pass de Camille est prêt")
    expect(page.get_by_role("img", name="QR code du pass de Camille")).to_be_visible()
    looked_at(page, "pass")
    page.get_by_role("button", name="Continuer").click()


def team_link(page: Page) -> str:
    titled(page, "Le téléphone d’accueil")
    looked_at(page, "phone")
    with page.expect_response(lambda answer: "pairing-links" in answer.url) as linked:
        page.get_by_role("button", name="Montrer le lien d’équipe").click()
    expect(page.get_by_role("alert")).to_contain_text("ne marche que sur cet ordinateur")
    looked_at(page, "phone-local")
    return linked.value.json()["url"]


def scan_with_a_phone(phone: Page, link: str) -> None:
    phone.goto(link)
    phone.get_by_label("Votre prénom").fill("Malik")
    phone.keyboard.press("Enter")
    works = phone.locator("[data-trial=works]")
    expect(works).to_contain_text("Ça marche", timeout=30_000)
    expect(works).to_contain_text("rien n’est compté")
    looked_at(phone, "works")
    # The camera is back by itself.
    expect(works).to_be_hidden()
    expect(phone.get_by_role("status").filter(has_text="Placez le QR code")).to_be_visible()


def test_a_network_is_led_from_nothing_to_a_trial_scan_by_another_phones_camera(served, inbox, launch, tmp_path):
    address = served.address()
    home = address.partition("/start")[0]
    with closing(launch()) as browser:
        page = open_context(browser, keeps_app=True, locale="fr-FR", **PHONE).new_page()
        guess_in_vain(page, home)
        found_a_network(page, address)
        add_a_place_and_a_member(page)
        link = team_link(page)

        [place] = page.request.get(f"{home}/api/v1/places").json()["items"]
        assert (place["code"], place["zone"]) == ("le-hangar-b", "Indian/Reunion")
        text = page.request.get(f"{home}/api/v1/places/{place['id']}/trial-pass").json()["text"]
        reel = film(tmp_path / "trial.mjpeg", nothing(seconds=2), hold_up(draw_png(text), seconds=4))
        with closing(launch(reel)) as with_camera:
            phone = open_context(
                with_camera, keeps_app=True, locale="fr-FR", permissions=["camera"], **PHONE
            ).new_page()
            scan_with_a_phone(phone, link)

        titled(page, "Ça marche !")
        looked_at(page, "done")
        assert inbox.for_whom[0] == "camille@example.org"
        page.goto(f"{home}/places/{place['id']}/doors")
        expect(page.get_by_text("Essayé", exact=True)).to_be_visible()
        looked_at(page, "doors")
        page.get_by_role("button", name="Montrer un pass d’essai").click()
        expect(page.get_by_role("img", name="QR code d’un pass d’essai")).to_be_visible()
        looked_at(page, "doors-trial")
        months = page.request.get(f"{home}/api/v1/months").json()["items"]
        assert [month for month in months if month["visits"]] == []

        # The address is worth nothing any more, to anybody.
        stranger = open_context(browser, keeps_app=True, locale="fr-FR", **PHONE).new_page()
        stranger.goto(address)
        titled(stranger, "Ce réseau existe déjà")
        looked_at(stranger, "exists")


def test_with_one_device_and_in_english_it_can_be_left_and_taken_up_again(served, browser):
    address = served.address()
    home = address.partition("/start")[0]
    context = open_context(browser, keeps_app=True, locale="en-GB", **DESKTOP)
    page = context.new_page()
    open_first(page, address)
    titled(page, "Your network")
    looked_at(page, "network")
    page.get_by_label("Name of the network").fill("Places of the valley of the river")
    page.get_by_label("Your first name").fill("Kim")
    page.get_by_label("Your last name").fill("Lee")
    page.get_by_label("Your e-mail address").fill("kim@example.org")
    page.get_by_role("button", name="Create the network").click()
    titled(page, "Your first place")

    # Left for home, and taken up from there.
    page.get_by_role("link", name="Later").click()
    expect(page.get_by_role("heading", name="Finish getting started")).to_be_visible()
    looked_at(page, "home")
    page.get_by_role("link", name="Continue").click()
    titled(page, "Your first place")
    looked_at(page, "place")
    page.get_by_label("Name of the place").fill("Le Hangar")
    page.get_by_label("Town").fill("Caen")
    page.get_by_label("Postcode").fill("14000")
    page.get_by_role("button", name="Add this place").click()

    titled(page, "A trial mail")
    expect(page.get_by_text("No mail server is set")).to_be_visible()
    looked_at(page, "mail")
    page.get_by_role("button", name="Skip this step").click()
    titled(page, "The first member")
    page.reload()
    titled(page, "The first member")
    looked_at(page, "member")
    page.get_by_role("button", name="Skip this step").click()
    titled(page, "The scanning phone")
    looked_at(page, "phone")
    page.get_by_role("button", name="Welcome people here").click()
    titled(page, "The trial scan")
    expect(page.get_by_role("img", name="QR code of a trial pass")).to_be_visible()
    looked_at(page, "trial")
    page.get_by_role("button", name="Try without a camera").click()
    titled(page, "It works!")
    looked_at(page, "done")
    page.goto(home)
    expect(page.get_by_text("No visit counted")).to_be_visible()
    context.close()
