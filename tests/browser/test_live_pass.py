"""The live pass in a real browser: registered, changing, without network, moved, and where there is no Ed25519."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from passapp.accounts.access import session_cookie
from passapp.accounts.rules import Role
from passapp.members.models import Member, Membership
from passapp.passes.keys import public_key_of, published_keys
from passapp.passes.live import read_live
from passapp.passes.models import IssuedPass
from passapp.passes.rules import Pass, Refusal, verify_pass
from tests.browser.conftest import PATIENCE, PHONE, no_violation, open_context
from tests.browser.test_offline_door import KEPT
from tests.pictures import opened, read
from tests.scenes import check_in, membership, revoke, rows, suspend

pytestmark = pytest.mark.browser

WITHOUT_ED25519 = """
  const make = SubtleCrypto.prototype.generateKey;
  SubtleCrypto.prototype.generateKey = function (algorithm, ...rest) {
    if ((algorithm.name ?? algorithm) === 'Ed25519') return Promise.reject(new DOMException('', 'NotSupportedError'));
    return make.call(this, algorithm, ...rest);
  };
"""
KEYS_OF_BEFORE_ARE_LOST = """
  const fresh = new Set();
  const { generateKey, sign } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.generateKey = async function (...wanted) {
    const pair = await generateKey.apply(this, wanted);
    fresh.add(pair.privateKey);
    return pair;
  };
  SubtleCrypto.prototype.sign = function (algorithm, key, data) {
    if (!fresh.has(key)) return Promise.reject(new DOMException('', 'OperationError'));
    return sign.call(this, algorithm, key, data);
  };
"""


@pytest.fixture(autouse=True)
def now(world):
    """The browser's clock is the real one; so is the server's here."""
    world.now = datetime.now(UTC)
    world.app.state.clock = lambda: datetime.now(UTC)


@pytest.fixture
def phone(world, serve, browser):
    """Open a page in a browser of its own, the member's pass unless said otherwise; Playwright moves its clock."""
    contexts = []
    address = serve(world.app)

    def open_phone(who, script=None, *, path="/pass"):
        context = open_context(browser, keeps_app=True, locale="fr-FR", **PHONE)
        contexts.append(context)
        account = who.account_id if isinstance(who, Member) else who
        world.now = datetime.now(UTC)
        secret = world.signed_in(account).cookies[session_cookie(world.settings)]
        context.add_cookies([{"name": session_cookie(world.settings), "value": secret, "url": address}])
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.clock.install()
        page.goto(f"{address}{path}")
        return page

    yield open_phone
    for context in contexts:
        context.close()


def drawn(page):
    """What the QR code on the screen says."""
    code = page.get_by_role("img", name="QR code")
    expect(code.locator("canvas.drawn")).to_be_visible()
    [text] = read(opened(code.screenshot()))
    return text


def shown(world, text, at=None):
    """What a door makes of it at that instant."""
    with world.session() as session:
        keys = {key.kid: public_key_of(key) for key in published_keys(session, at=world.now)}
    return verify_pass(text, network="RESEAU", keys=keys, place="moulin", at=at or datetime.now(UTC))


def live(page):
    """The live pass is on the screen, and all that it needs on the phone: the whole web app is fetched first."""
    expect(page.get_by_text("Marche sans réseau")).to_be_visible(timeout=2 * PATIENCE)
    return drawn(page)


def test_the_first_visit_makes_a_live_pass_that_opens_the_door(world, phone):
    member = world.member()
    page = phone(member)
    text = live(page)
    assert isinstance(shown(world, text), Pass)
    world.now = datetime.now(UTC)
    assert check_in(world.as_door(world.moulin), world.scan(text))["verdict"] == "ok"
    [issued] = rows(world, IssuedPass)
    assert issued.form == "live"
    assert "Chrom" in issued.device_name
    no_violation(page)


def test_the_code_changes_at_every_step_with_a_new_proof_of_the_same_pass(world, phone):
    page = phone(world.member())
    before = read_live(live(page))
    page.clock.fast_forward(15_000)
    expect(page.locator("canvas.drawn")).to_be_visible()
    later = datetime.now(UTC) + timedelta(seconds=15)
    page.wait_for_function("() => true")
    after = next(
        text for _ in range(40) if (text := drawn(page)) and (said := read_live(text)) and said.step > before.step
    )
    assert read_live(after).jwt == before.jwt
    assert isinstance(shown(world, after, later), Pass)


def test_a_phone_whose_clock_is_ten_minutes_fast_shows_a_good_proof(world, phone):
    page = phone(world.member())
    live(page)
    # The key is there; the page starts again with a wrong clock, and measures it at the next registration.
    page.evaluate(
        """async () => {
          const asked = indexedDB.open('passapp');
          const database = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
          const keys = database.transaction('keys', 'readwrite').objectStore('keys');
          const got = keys.getAll();
          const all = await new Promise((done) => (got.onsuccess = () => done(got.result)));
          for (const key of all) keys.put({ ...key, issued: undefined });
          database.close();
        }"""
    )
    page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=10))
    page.reload()
    assert isinstance(shown(world, live(page)), Pass)


@pytest.mark.parametrize("by", [timedelta(minutes=10), timedelta(hours=-2)], ids=["ahead", "back"])
def test_a_clock_that_is_set_while_the_pass_is_shown_without_network_makes_no_proof_stale(world, phone, by):
    page = phone(world.member())
    live(page)
    page.context.set_offline(True)
    page.clock.set_system_time(datetime.now(UTC) + by)
    page.clock.fast_forward(1000)
    expect(page.get_by_text("L’heure de ce téléphone est fausse")).to_be_visible()
    assert isinstance(shown(world, drawn(page)), Pass)


def proves_itself_soon(world, page):
    """Once the page has heard the time, it looks at its clock four times a second."""
    return any(isinstance(shown(world, drawn(page)), Pass) for _ in range(40))


def test_a_clock_that_was_wrong_and_is_set_right_makes_good_proofs_once_the_page_is_back(world, phone):
    page = phone(world.member())
    page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=10))
    page.reload()
    expect(page.get_by_text("L’heure de ce téléphone est fausse")).to_be_visible()
    assert proves_itself_soon(world, page)
    page.clock.set_system_time(datetime.now(UTC))
    page.reload()
    expect(page.get_by_text("Votre premier passage apparaîtra ici")).to_be_visible()  # the server has answered
    expect(page.get_by_text("L’heure de ce téléphone est fausse")).to_have_count(0)
    assert proves_itself_soon(world, page)


def test_locked_and_opened_again_two_days_later_without_network_it_shows_a_good_proof(world, phone):
    page = phone(world.member())
    first = read_live(live(page))
    page.context.set_offline(True)
    page.clock.fast_forward(timedelta(days=2).total_seconds() * 1000)
    page.reload()
    again = drawn(page)
    assert read_live(again).jwt == first.jwt
    assert isinstance(shown(world, again, datetime.now(UTC) + timedelta(days=2)), Pass)


def test_after_a_month_without_network_it_says_to_go_online_and_goes_on_then(world, phone):
    page = phone(world.member())
    live(page)
    page.context.set_offline(True)
    page.clock.set_system_time(datetime.now(UTC) + timedelta(days=31))
    page.reload()
    expect(page.get_by_text("Ce pass attend du réseau")).to_be_visible()
    expect(page.get_by_text("Retrouvez du réseau un instant")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    no_violation(page)
    page.context.set_offline(False)
    expect(page.get_by_text("Ce pass attend du réseau")).to_have_count(0)
    assert isinstance(shown(world, live(page)), Pass)
    assert len(rows(world, IssuedPass)) == 1


def test_a_browser_that_erased_what_it_kept_says_to_choose_this_phone_again(world, phone):
    page = phone(world.member())
    live(page)
    page.evaluate("new Promise((done) => (indexedDB.deleteDatabase('passapp').onsuccess = done))")
    page.reload()
    expect(page.get_by_text("C’était ici ?")).to_be_visible()
    page.get_by_role("button", name="Utiliser ce téléphone").click()
    assert isinstance(shown(world, drawn(page)), Pass)


def test_a_browser_that_lost_the_key_alone_says_so_and_makes_another(world, phone):
    page = phone(world.member(), KEYS_OF_BEFORE_ARE_LOST)
    live(page)
    page.reload()
    expect(page.get_by_text("Ce téléphone ne peut plus montrer votre pass")).to_be_visible()
    expect(page.locator("canvas.drawn")).to_have_count(0)
    no_violation(page)
    page.get_by_role("button", name="Utiliser ce téléphone").click()
    assert isinstance(shown(world, drawn(page)), Pass)
    assert len(rows(world, IssuedPass)) == 2


@pytest.mark.parametrize("script", ["", "WITHOUT_ED25519"], ids=["live", "short-lived"])
def test_who_may_not_come_in_is_told_to_ask_their_place(world, phone, script):
    member = world.member(world.hangar)
    suspend(world, member)
    page = phone(member, WITHOUT_ED25519 if script else None)
    expect(page.get_by_text("Pass inactif")).to_be_visible()
    expect(page.get_by_text("Demandez à votre lieu")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    assert rows(world, IssuedPass) == []
    no_violation(page)


def test_a_member_who_is_paused_sees_why_and_their_pass_goes_on_afterwards(world, phone):
    member = world.member(world.hangar)
    page = phone(member)
    first = read_live(live(page))
    suspend(world, member, "Abonnement impayé")
    page.reload()
    expect(page.get_by_text("Pass inactif")).to_be_visible()
    expect(page.get_by_text("« Abonnement impayé »")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    world.as_coordinator().post(f"/api/v1/members/{member.id}/resume")
    page.reload()
    assert read_live(live(page)).jwt == first.jwt


def test_the_session_of_a_revoked_phone_leads_to_a_new_sign_in(world, phone):
    member = world.member(world.hangar)
    page = phone(member)
    live(page)
    [issued] = rows(world, IssuedPass)
    revoke(world, issued)
    page.reload()
    expect(page.get_by_text("Votre pass a été désactivé")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    no_violation(page)
    page.get_by_role("button", name="Me connecter de nouveau").click()
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Fpass$"))
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_who_would_sign_in_again_without_network_keeps_the_card(world, phone):
    member = world.member(world.hangar)
    world.card(member)
    page = phone(member)
    live(page)
    [issued] = rows(world, IssuedPass, IssuedPass.form == "live")
    revoke(world, issued)
    page.reload()
    again = page.get_by_role("button", name="Me connecter de nouveau")
    expect(again).to_be_visible()
    page.context.set_offline(True)
    again.click()
    expect(page.locator("[data-refusal]").get_by_role("alert")).to_contain_text("Pas de réseau")
    expect(page).to_have_url(re.compile(r"/pass$"))
    assert len(page.evaluate(KEPT, "passes")) == 1
    page.context.set_offline(False)
    again.click()
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Fpass$"))
    assert page.evaluate(KEPT, "passes") == []


@pytest.mark.parametrize("had_one", [True, False], ids=["a pass named it", "no pass was here"])
def test_where_the_only_card_names_a_membership_that_is_over_whoever_pays_now_has_a_pass_here(world, phone, had_one):
    member = world.member(memberships=[membership(world.hangar), membership(world.moulin)])
    [over] = rows(world, Membership, Membership.place_id == world.hangar.id)
    world.card(member, membership_id=over.id)
    page = phone(member, path="/pass" if had_one else "/account")
    if had_one:
        live(page)
    with world.database.write() as session:
        session.get_one(Membership, over.id).last_day = (world.now - timedelta(days=2)).date()
    page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=25))  # a pass of today is not asked for again
    page.goto(page.url.replace("/account", "/pass"))
    expect(page.get_by_text("Votre premier passage apparaîtra ici")).to_be_visible()  # the server has answered
    text = live(page)
    names = [row.membership_id for row in rows(world, IssuedPass, IssuedPass.form == "live")]
    assert names == ([over.id, None] if had_one else [None])
    world.now = datetime.now(UTC)
    assert check_in(world.as_door(world.moulin), world.scan(text))["verdict"] == "ok"
    page.context.set_offline(True)
    page.reload()
    assert read_live(drawn(page)).jwt == read_live(text).jwt
    expect(page.get_by_role("button", name="Ma carte")).to_be_visible()


def test_it_works_without_network_after_the_first_visit(world, phone):
    page = phone(world.member())
    first = read_live(live(page))
    page.context.set_offline(True)
    page.reload()
    again = drawn(page)
    assert read_live(again).jwt == first.jwt
    assert isinstance(shown(world, again), Pass)
    expect(page.get_by_text("Marche sans réseau")).to_be_visible()
    page.get_by_role("button", name="Plein écran").click()
    expect(page.get_by_role("dialog").locator("canvas.drawn")).to_be_visible()


def test_a_second_phone_asks_first_and_then_the_first_one_says_where_the_pass_is(world, phone):
    member = world.member()
    first = phone(member)
    old = live(first)
    second = phone(member)
    expect(second.get_by_text("Votre pass est sur un autre appareil")).to_be_visible()
    assert len(rows(world, IssuedPass)) == 1
    no_violation(second)
    second.get_by_role("button", name="Utiliser ce téléphone").click()
    new = drawn(second)
    world.now = datetime.now(UTC)
    door = world.as_door(world.moulin)
    assert check_in(door, world.scan(old))["verdict"] == "superseded"
    assert check_in(door, world.scan(new))["verdict"] == "ok"
    first.reload()
    expect(first.get_by_text("Votre pass est sur un autre appareil")).to_be_visible()
    expect(first.locator("canvas")).to_have_count(0)


def test_a_lost_phone_is_ended_by_the_manager_and_the_next_one_has_its_pass_at_once(world, phone):
    member = world.member(world.hangar)
    lost = phone(member)
    old = live(lost)
    manager = phone(world.account(Role.MANAGER, world.hangar), path=f"/members/{member.id}")
    expect(manager.get_by_text("Pass sur téléphone (Chrome")).to_be_visible()
    expect(manager.get_by_role("link", name="Imprimer")).to_have_count(0)
    manager.get_by_role("button", name="Désactiver").click()
    dialog = manager.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Téléphone perdu")
    no_violation(manager)
    dialog.get_by_role("button", name="Désactiver").click()
    expect(manager.get_by_text("Le pass est désactivé.").first).to_be_visible()
    new = live(phone(member))
    world.now = datetime.now(UTC)
    door = world.as_door(world.moulin)
    assert [check_in(door, world.scan(text))["verdict"] for text in (old, new)] == ["revoked", "ok"]
    lost.reload()
    expect(lost.locator("[data-refusal=live_pass_elsewhere]")).to_be_visible()
    expect(lost.locator("canvas")).to_have_count(0)
    lost.get_by_role("button", name="Utiliser ce téléphone").click()
    expect(lost.get_by_text("connectez-vous de nouveau")).to_be_visible()
    assert len(rows(world, IssuedPass)) == 2


def test_the_same_phone_keeps_its_key_from_one_sign_in_to_the_next(world, phone):
    member = world.member()
    page = phone(member)
    live(page)
    page.evaluate("fetch('/api/v1/session', { method: 'DELETE' })")
    page.reload()
    expect(page.locator("canvas")).to_have_count(0)
    secret = world.signed_in(member.account_id).cookies[session_cookie(world.settings)]
    address = page.url.removesuffix("/pass").partition("/sign-in")[0]
    page.context.add_cookies([{"name": session_cookie(world.settings), "value": secret, "url": address}])
    page.goto(f"{address}/pass")
    live(page)
    assert len(rows(world, IssuedPass)) == 1


def test_the_pass_is_kept_on_the_phone_as_an_app_where_the_browser_offers_it(world, phone):
    page = phone(world.member())
    live(page)
    expect(page.get_by_role("button", name="Garder sur mon téléphone")).to_have_count(0)
    page.evaluate(
        """() => {
          const offer = new Event('beforeinstallprompt', { cancelable: true });
          offer.prompt = () => { document.title = 'asked'; return Promise.resolve({ outcome: 'accepted' }); };
          dispatchEvent(offer);
        }"""
    )
    page.get_by_role("button", name="Garder sur mon téléphone").click()
    expect(page).to_have_title("asked")
    expect(page.get_by_role("button", name="Garder sur mon téléphone")).to_have_count(0)


def test_a_card_stays_at_hand_second_to_the_live_pass(world, phone):
    member = world.member()
    card = world.card(member)
    page = phone(member)
    live(page)
    page.get_by_role("button", name="Ma carte").click()
    picture = page.get_by_role("img", name="QR code")
    expect(page.locator("canvas")).to_have_count(0)
    [text] = read(opened(picture.screenshot()))
    assert text == world.text(card)
    page.get_by_role("button", name="Mon pass sur ce téléphone").click()
    assert read_live(live(page))


def test_a_browser_without_ed25519_gets_a_pass_that_renews_itself_online(world, phone):
    page = phone(world.member(), WITHOUT_ED25519)
    text = drawn(page)
    assert isinstance(shown(world, text), Pass)
    expect(page.get_by_text("Gardez le réseau")).to_be_visible()
    [issued] = rows(world, IssuedPass)
    assert issued.form == "short_lived"
    page.context.set_offline(True)
    page.clock.fast_forward(95_000)
    expect(page.get_by_text("Retrouvez du réseau")).to_be_visible()
    expect(page.locator("canvas.drawn")).to_have_count(0)
    page.context.set_offline(False)
    page.clock.fast_forward(6_000)
    assert isinstance(shown(world, drawn(page)), Pass | Refusal)
