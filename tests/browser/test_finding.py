"""Rooms on a map and through the day, beside the list."""

import io
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from passapp.app import create_app
from passapp.bookings.models import Booking
from passapp.bookings.rules import Rate
from tests.bookings.rooms import room
from tests.browser.conftest import DESKTOP, PHONE, no_violation, serving
from tests.browser.rooms import at, book_it, next_week, title
from tests.scenes import rows

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def lea(world):
    """A member of the hangar."""
    return world.member(given_name="Léa")


class Tiles:
    """A server of tiles, which remembers what it was asked, and by which site."""

    def __init__(self):
        self.asked = []
        picture = io.BytesIO()
        Image.new("RGB", (256, 256), "#dfeadb").save(picture, "PNG")
        self.picture = picture.getvalue()

    async def __call__(self, scope, _receive, send):
        if scope["type"] != "http":
            return
        self.asked.append((scope["path"], dict(scope["headers"]).get(b"referer", b"").decode()))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"image/png")]})
        await send({"type": "http.response.body", "body": self.picture})


@pytest.fixture
def tiles():
    return Tiles()


def with_map(world, address):
    """The same network with the background of its maps from there."""
    settings = world.settings.model_copy(update={"map_tiles": address, "map_credit": "© Eux https://eux.example"})
    world.app = create_app(settings, database=world.database, clock=lambda: world.now)


def pins(page):
    return page.get_by_role("region", name="Carte des salles libres").get_by_role("button").filter(has_text="Le ")


@pytest.fixture
def three_places(world):
    """Two places near each other with a position, and one without; gives the room of the first."""
    usine = world.place("usine", "Le Wip", latitude=49.19, longitude=-0.36)
    dome = world.place("dome", "Le Dôme", latitude=49.18, longitude=-0.30)
    room(world, dome, name="Salle Verte")
    room(world)
    return room(world, usine, name="Salle Rouge", rates=(Rate(600),))


def test_a_map_is_asked_for_by_nobody_who_did_not_choose_it_and_then_of_its_server_alone(
    world, lea, open_page, tiles, three_places
):
    with serving(tiles) as address:
        with_map(world, f"{address}/{{z}}/{{x}}/{{y}}.png")
        page = open_page(lea, f"/rooms?{at(next_week(world, 9))}&where=all")
        hosts, said = set(), []
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        expect(page.get_by_text("3 salles libres")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert tiles.asked == []
        page.get_by_role("button", name="Carte").tap()
        expect(pins(page)).to_have_count(2)
        expect(page.get_by_text("1 salle est dans un lieu sans position")).to_be_visible()
        expect(page.get_by_role("link", name="© Eux")).to_have_attribute("href", "https://eux.example")
        expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
        no_violation(page)
        ours = urlsplit(page.url)
        assert hosts == {ours.netloc, urlsplit(address).netloc}
        assert {referer for _, referer in tiles.asked} == {f"{ours.scheme}://{ours.netloc}/"}, "the site, not the page"
        pins(page).filter(has_text="Le Wip").locator("span").tap()
        expect(page.get_by_text("9 h–11 h · 12 € à régler sur place")).to_be_visible()
        no_violation(page)
        page.get_by_role("link", name="Salle Rouge").tap()
        title(page, "Salle Rouge").to_be_visible()
        assert (f"/rooms/{three_places}" in page.url, said) == (True, [])


def test_a_map_is_read_with_the_keyboard(world, lea, open_page, tiles, three_places):
    with serving(tiles) as address:
        with_map(world, f"{address}/{{z}}/{{x}}/{{y}}.png")
        page = open_page(lea, f"/rooms?{at(next_week(world, 9))}&where=all", size=DESKTOP)
        page.get_by_role("button", name="Carte").press("Enter")
        pin = pins(page).filter(has_text="Le Wip")
        pin.press("Enter")
        expect(page.get_by_role("link", name="Salle Rouge")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("link", name="Salle Rouge")).to_have_count(0)
        expect(pin).to_be_focused()
        pin.press("Enter")
        page.keyboard.press("Enter")
        title(page, "Salle Rouge").to_be_visible()


def test_where_no_background_arrives_the_map_says_so_and_shows_the_rooms_all_the_same(
    world, lea, open_page, three_places
):
    with_map(world, "http://127.0.0.1:9/{z}/{x}/{y}.png")
    page = open_page(lea, f"/rooms?{at(next_week(world, 9))}&where=all")
    page.get_by_role("button", name="Carte").tap()
    expect(page.get_by_text("Le fond de carte n’arrive pas.")).to_be_visible()
    expect(pins(page)).to_have_count(2)
    no_violation(page)


def test_a_map_that_cannot_be_loaded_leads_back_to_the_list(world, lea, open_page, three_places):
    page = open_page(lea, f"/rooms?{at(next_week(world, 9))}&where=all")
    expect(page.get_by_text("3 salles libres")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("button", name="Carte").tap()
    expect(page.get_by_text("La carte ne s’est pas chargée.")).to_be_visible()
    page.get_by_role("button", name="Liste").tap()
    expect(page.get_by_role("heading", name="Salle Rouge")).to_be_visible()


def test_a_network_without_maps_has_lists_and_days(world, lea, open_page):
    with_map(world, "off")
    room(world)
    page = open_page(lea, f"/rooms?{at(next_week(world, 9))}&where=all")
    choices = page.get_by_role("group", name="Montrer").get_by_role("button")
    expect(choices).to_have_text(["Liste", "Journée"])


def test_through_the_day_what_is_taken_shows_and_a_tap_on_what_is_free_chooses_it(world, lea, open_page):
    nine, blue = next_week(world, 9), room(world)
    book_it(world, world.member(), blue, nine)
    page = open_page(lea, f"/rooms?{at(nine)}&where=all")
    page.get_by_role("button", name="Journée").tap()
    expect(page.get_by_text("1 salle ouverte ce jour-là")).to_be_visible()
    no_violation(page)
    page.get_by_text("Lire la journée en tableau").tap()
    cells = page.get_by_role("row").get_by_role("cell")
    expect(cells).to_have_text(["0 h", "9 h", "Libre", "9 h", "11 h", "Pris", "11 h", "0 h", "Libre"])
    no_violation(page)
    # The bar is for fingers; the table says the same.
    free = page.locator(".bar a").last  # from 11 to 23 h
    free.tap(position={"x": free.bounding_box()["width"] * 3.2 / 12, "y": 20})
    title(page, "Salle Bleue").to_be_visible()
    expect(page.get_by_text("14 h–16 h")).to_be_visible()
    page.get_by_role("button", name="Réserver", exact=True).tap()
    title(page, "C’est réservé").to_be_visible()
    assert nine.replace(hour=14) in [row.local_start for row in rows(world, Booking)]


def test_through_the_day_a_room_is_chosen_from_the_table_and_the_next_day_is_one_tap_away(world, lea, open_page):
    nine, blue = next_week(world, 9), room(world)
    book_it(world, world.member(), blue, nine)
    page = open_page(lea, f"/rooms?{at(nine)}&where=all", size=PHONE)
    page.get_by_role("button", name="Journée").tap()
    page.get_by_role("button", name="Le lendemain").tap()
    page.get_by_text("Lire la journée en tableau").tap()
    page.get_by_role("link", name="Salle Bleue, Le Moulin, libre 0 h–0 h : choisir").tap()
    expect(page.get_by_text("9 h–11 h")).to_be_visible()


def test_what_is_taken_already_is_said_before_anything_is_sent_and_the_next_free_time_is_one_tap(world, lea, open_page):
    nine, blue = next_week(world, 9), room(world)
    book_it(world, world.member(), blue, nine)
    page = open_page(lea, f"/rooms/{blue}?{at(nine)}")
    expect(page.get_by_text("C’est déjà pris à cette heure")).to_be_visible()
    page.get_by_role("button", name="Libre :").tap()
    expect(page.get_by_text("11 h–13 h")).to_be_visible()
    page.get_by_role("button", name="Réserver", exact=True).tap()
    title(page, "C’est réservé").to_be_visible()


def test_where_nothing_is_found_it_says_why_and_one_tap_leads_on(world, lea, open_page):
    room(world)
    page = open_page(lea, f"/rooms?{at(next_week(world, 14), people=60)}")
    expect(page.get_by_text("La plus grande, telle que vous la cherchez, reçoit 8 personnes.")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Chercher pour 8").tap()
    expect(page.get_by_role("heading", name="Salle Bleue")).to_be_visible()
    page.goto(page.url.split("?")[0] + f"?{at(next_week(world, 14) - timedelta(days=30))}")
    expect(page.get_by_text("Ce moment est passé")).to_be_visible()
    for view in ("Journée", "Liste"):
        page.get_by_role("button", name=view).tap()
        expect(page.get_by_text("Choisissez un moment à venir.")).to_be_visible()
    page.get_by_role("button", name="Le prochain jour ouvré").tap()
    expect(page.get_by_role("heading", name="Salle Bleue")).to_be_visible()
