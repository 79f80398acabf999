"""What comes after the door, on a phone: what waits, the history, a forgotten visit, one that is offered."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from passapp.accounts.rules import Role
from tests.browser.conftest import no_violation
from tests.door.following import conflict, override, refused, unattended
from tests.scenes import check_in, membership, pass_text, visits
from tests.settlement.months import agree

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; the network's must agree."""
    world.now = datetime.now(UTC)


@pytest.fixture
def door(world):
    return world.as_door(world.moulin)


def test_a_manager_judges_what_waits_and_nothing_is_left(world, door, open_page):
    unattended(world, door, given_name="Ana", family_name="Bertin")
    conflict(world, door, given_name="Bo", family_name="Petit")
    page = open_page(Role.MANAGER, "/")
    page.get_by_role("link", name="Vérifier", exact=True).click()
    expect(page.get_by_text("2 passages attendent")).to_be_visible()
    expect(page.get_by_text("Sa formule n’ouvre pas ce lieu")).to_be_visible()
    no_violation(page)
    page.get_by_role("button", name="Le passage de Bo P. est juste").click()
    expect(page.get_by_text("1 passage attend")).to_be_visible()
    page.get_by_role("button", name="Refuser le passage de Ana B.").click()
    page.get_by_label("Raison").fill("Personne n’est venu")
    no_violation(page)
    page.get_by_role("button", name="Refuser le passage", exact=True).click()
    expect(page.get_by_text("Rien à vérifier")).to_be_visible()
    assert [visit.home_id for visit in visits(world)] == [world.hangar.id]


def test_a_manager_says_which_of_several_homes_pays(world, door, open_page):
    homes = [membership(home) for home in (world.hangar, world.place("phare", "Le Phare"))]
    shown = pass_text(world, memberships=homes, given_name="Bo", family_name="Petit")
    check_in(door, world.scan(shown, shown="ambiguous"))
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/reviews")
    right = page.get_by_role("button", name="Le passage de Bo P. est juste")
    expect(right).to_be_disabled()
    page.get_by_label("Quel lieu paie pour Bo P. ?").select_option("Le Phare")
    no_violation(page)
    right.click()
    expect(page.get_by_text("Rien à vérifier")).to_be_visible()
    [visit] = visits(world)
    assert visit.home_id == homes[1].place_id


def test_a_whole_day_is_right_at_once(world, door, open_page):
    for name in ("Ana", "Bo", "Cléo"):
        unattended(world, door, given_name=name)
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/reviews")
    page.get_by_role("button", name="Tout est juste").click()
    expect(page.get_by_text("Rien à vérifier")).to_be_visible()
    assert len(visits(world)) == 3


def test_a_place_with_nothing_to_check_is_asked_nothing(world, open_page):
    page = open_page(Role.MANAGER, "/")
    expect(page.get_by_role("heading", name="Le mois en cours")).to_be_visible()
    expect(page.get_by_text("à vérifier")).to_have_count(0)


def test_a_host_sees_what_waits_and_is_given_no_button(world, door, open_page):
    unattended(world, door, given_name="Ana", family_name="Bertin")
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/reviews")
    expect(page.get_by_text("Ana B.")).to_be_visible()
    expect(page.get_by_role("button", name="juste")).to_have_count(0)


def test_the_home_reads_what_its_neighbours_did(world, door, open_page):
    answer = refused(world, door, given_name="Bo", family_name="Petit")
    override(door, answer["check_in_id"], "Je le connais bien")
    page = open_page(Role.MANAGER, f"/places/{world.hangar.id}/reviews", place=world.hangar)
    notices = page.get_by_role("region", name="Vos membres chez vos voisins")
    expect(notices).to_contain_text("Bo Petit : laissé entrer malgré tout au Moulin")
    expect(notices).to_contain_text("« Je le connais bien »")
    no_violation(page)


def test_the_history_is_filtered_unfolded_and_taken_along(world, door, open_page):
    check_in(door, world.scan(pass_text(world, given_name="Ana", family_name="Bertin")))
    override(door, refused(world, door, given_name="Bo", family_name="Petit")["check_in_id"], "Je le connais")
    page = open_page(Role.MANAGER, f"/places/{world.moulin.id}/history")
    expect(page.get_by_text("Ana B.")).to_be_visible()
    page.get_by_text("Filtrer, exporter").click()
    page.get_by_label("Réponse").select_option("formule")
    expect(page.get_by_text("Ana B.")).to_have_count(0)
    page.get_by_text("Bo P.").click()
    expect(page.get_by_text("« Je le connais »")).to_be_visible()
    no_violation(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Tableur (CSV)").click()
    assert download.value.suggested_filename.startswith("passages-")


def test_a_forgotten_visit_is_added_and_a_wrong_one_is_told(world, open_page):
    world.later(days=-2)
    world.card(world.member(given_name="Léa", family_name="Bernard", email="lea.bernard@example.org"))
    world.later(days=2)
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    page.get_by_role("button", name="Ajouter un passage oublié").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Par son nom").check()
    dialog.get_by_label("Prénom et nom").fill("Léa Bernard")
    dialog.get_by_label("Son e-mail ou sa référence").fill("autre@example.org")
    dialog.get_by_label("Pourquoi après coup ?").fill("Téléphone déchargé")
    dialog.get_by_role("button", name="Ajouter le passage").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Aucun pass ne correspond")
    no_violation(page)
    dialog.get_by_label("Son e-mail ou sa référence").fill("lea.bernard@example.org")
    dialog.get_by_role("button", name="Ajouter le passage").click()
    expect(page.get_by_role("region", name="Qui est passé")).to_contain_text("Léa B.")
    expect(page.get_by_text("ajouté après coup")).to_be_visible()
    assert len(visits(world)) == 1


def test_a_visit_is_offered_from_the_day(world, door, open_page):
    agree(world)
    check_in(door, world.scan(pass_text(world, given_name="Ana", family_name="Bertin")))
    page = open_page(Role.HOST, f"/places/{world.moulin.id}/today")
    page.get_by_role("button", name="Offrir le passage de Ana B.").click()
    no_violation(page)
    page.get_by_role("button", name="Offrir ce passage", exact=True).click()
    expect(page.get_by_role("region", name="Qui est passé")).to_contain_text("offert")
    expect(page.get_by_role("button", name="Offrir")).to_have_count(0)
    assert [visit.waived for visit in visits(world)] == ["offered"]
