"""The whole path, from nothing to a person's erasure, over a real mail server: what the logs and the doors were told.

Everything that anybody could be recognised or impersonated by is looked for in every line that any logger wrote, and
in everything that a door was answered: nothing of it may be there.
"""

import io
import logging
import zipfile
from email.message import EmailMessage
from uuid import uuid4

import pytest
from sqlalchemy import select

from passapp.kernel.audit import AuditOrigin
from passapp.kernel.ticking import tick
from passapp.mailing import send_waiting
from passapp.members.models import Member
from passapp.passes.models import IssuedPass
from passapp.passes.rules import print_short_code
from passapp.running import chores
from tests.first_start.claiming import claim, draw
from tests.kernel.log_lines import LogLines
from tests.mail_server import PASSWORD, SAID_PASSWORD, USER, Inbox, mail_server, use_mail_server
from tests.mails import link_of_mail
from tests.scenes import check_in, check_in_batch, post_json, rows, undo
from tests.world import METRICS_TOKEN, World

FAMILIES = ("Quintefeuille", "Haudecœur", "Montdragon", "Vertadour")
EMAILS = ("founder.q@example.org", "manager.h@example.org", "manager.m@example.org", "zenobie.v@example.org")
FIRST_NAMES = ("Aurélienne", "Barnabette", "Cléophas", "Zénobie")
REFERENCE, TIER = "HGR-90417", "solidarissime"
STREET = "12 impasse du Chat-qui-Pêche"
IMPORTED = (
    "prénom;nom;lieu;formule;e-mail;référence;tarif\n"
    f"{FIRST_NAMES[3]};{FAMILIES[3]};Le Hangar;TOUT;{EMAILS[3]};{REFERENCE};{TIER}\n"
)


class Path:
    """Everybody on the path, what they were mailed, and the secrets that came by."""

    def __init__(self, world: World, inbox: Inbox) -> None:
        self.world, self.inbox = world, inbox
        self.secrets = {METRICS_TOKEN, PASSWORD, SAID_PASSWORD}
        self.addresses: set[str] = set()
        self.read = 0

    def browser(self):
        """Somebody's browser, at a network address of its own."""
        client = self.world.client()
        self.addresses.add(client._transport.client[0])
        return client

    def mail(self, to: str) -> EmailMessage:
        """Have what waits sent, and read the one new mail to this address."""
        send_waiting(self.world.database, self.world.settings, self.world.now)
        fresh = [mail for mail in self.inbox.taken[self.read :] if to in str(mail["To"])]
        assert fresh, f"no mail to {to}"
        self.read = len(self.inbox.taken)
        return fresh[-1]

    def secret_of(self, mail: EmailMessage) -> str:
        """The secret in a mail's link."""
        secret = link_of_mail(self.world, mail).partition("#")[2]
        self.secrets.add(secret)
        return secret

    def keep_session(self, client) -> None:
        """Remember the session's cookie: it must not be found."""
        self.secrets.update(client.cookies.values())

    def invite(self, founder, number: int, place_id: str):
        """A manager, invited by mail, who accepts."""
        body = {"email": EMAILS[number], "name": f"{FIRST_NAMES[number]} {FAMILIES[number]}"}
        ok(founder.post("/api/v1/invitations", json=body | {"role": "manager", "place_id": place_id}))
        manager = self.browser()
        ok(manager.post("/api/v1/invitations/accept", json={"token": self.secret_of(self.mail(EMAILS[number]))}))
        self.keep_session(manager)
        return manager


class Heard:
    """Everything that a door was answered."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, answer) -> None:
        answer.read()
        self.texts += [answer.text, *map(str, answer.headers.values())]


def ok(answer):
    """What was answered, which is no problem."""
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content and "json" in answer.headers["content-type"] else answer


@pytest.fixture
def lines():
    """Every line, of every logger, down to DEBUG, but for those who play the others here."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    with LogLines() as lines:
        lines._handler.addFilter(lambda line: line.name not in {"httpx2", "mail.log"})  # the browsers, the mail server
        yield lines
    root.setLevel(before)


@pytest.fixture
def path(database, tmp_path):
    """An empty deployment, and a mail server."""
    inbox = Inbox()
    with mail_server(inbox) as port, World(database, tmp_path, founded=False) as world:
        use_mail_server(world, f"smtp://127.0.0.1:{port}")
        yield Path(world, inbox)


def add_place(founder, code, name):
    body = {"code": code, "name": name, "town": "Caen", "postcode": "14000", "joined_on": "2026-01-01"}
    return ok(founder.post("/api/v1/places", json=body))["id"]


def pair_door(path, manager, place_id, heard):
    link = ok(manager.post(f"/api/v1/places/{place_id}/pairing-links", json={}))
    secret = link["url"].partition("#pair=")[2]
    phone = path.browser()
    phone.event_hooks["response"].append(heard)
    body = {"token": secret, "device_id": str(uuid4()), "name": "Tablette"}
    answer = ok(phone.post("/api/v1/doors/pair", json=body))
    heard.texts.clear()  # the phone's own token is for it alone, and searched for in the logs
    path.secrets |= {secret, answer["token"]}
    phone.headers["Authorization"] = f"Bearer {answer['token']}"
    return phone


def at_the_door(path, phone, shown, short_code):
    """Everything that happens at a door; gives the id of a check-in that stands."""
    world = path.world
    ok(phone.get("/api/v1/door"))
    ok(phone.get("/api/v1/status-list"))
    ok(phone.get("/api/v1/places"))
    ok(phone.get("/api/v1/plans"))
    assert post_json(phone, "/api/v1/door/trial", {"pass": shown}).status_code == 200
    first = check_in(phone, world.scan(shown))
    assert (first["verdict"], first["member"]["given_name"]) == ("ok", FIRST_NAMES[3])
    undo(phone, first["check_in_id"])
    said = {"name": f"{FIRST_NAMES[3]} {FAMILIES[3]}", "second": EMAILS[3]}
    by_name = check_in(phone, world.scan(by_name=said))
    assert by_name["verdict"] == "ok"
    check_in(phone, world.scan(by_name=said | {"second": "wrong@example.org"}))
    check_in(phone, world.scan(by_name=said | {"second": REFERENCE}))
    assert ok(phone.post("/api/v1/short-codes/look-up", json={"short_code": short_code}))["found"]
    check_in(phone, world.scan(short_code=short_code))
    check_in(phone, world.scan("unreadable"))
    check_in_batch(phone, [world.scan(shown), {"broken": EMAILS[3]}, world.scan(by_name=said)])
    refused = phone.get(f"/api/v1/members?q={FAMILIES[3]}")
    assert refused.status_code == 403
    assert post_json(phone, "/api/v1/check-ins", {"by_name": said, "street": STREET}).status_code == 422
    return by_name["check_in_id"]


def walk(path: Path, heard: Heard) -> None:
    """From an empty deployment to an erased person."""
    world = path.world
    secret = draw(world)
    path.secrets.add(secret)
    founder = path.browser()
    name = f"{FIRST_NAMES[0]} {FAMILIES[0]}"
    ok(claim(founder, secret, person=name, email=EMAILS[0]))
    path.keep_session(founder)
    hangar, moulin = add_place(founder, "hangar", "Le Hangar"), add_place(founder, "moulin", "Le Moulin")
    key = ok(founder.post("/api/v1/api-keys", json={"name": "Compta", "scopes": ["members:read"]}))
    path.secrets.add(next(value for value in key.values() if str(value).startswith("passapp_")))
    at_home, at_host = path.invite(founder, 1, hangar), path.invite(founder, 2, moulin)

    csv = {"content": IMPORTED.encode(), "headers": {"Content-Type": "text/csv"}}
    ok(at_home.post("/api/v1/members/import", params={"dry_run": "true"}, **csv))
    ok(at_home.post("/api/v1/members/import", params={"dry_run": "false"}, **csv))
    assert ok(at_home.post("/api/v1/passes/missing")) == {"issued": 1}
    assert FIRST_NAMES[3] in str(path.mail(EMAILS[3])["Subject"])
    member = path.browser()
    ok(member.post("/api/v1/sign-in-links", json={"email": EMAILS[3], "next": "/pass"}))
    ok(path.browser().post("/api/v1/sign-in-links", json={"email": "nobody@example.org"}))
    token = path.secret_of(path.mail(EMAILS[3]))
    ok(member.post("/api/v1/sign-in", json={"token": token}))
    assert member.post("/api/v1/sign-in", json={"token": token}).status_code == 410
    path.keep_session(member)

    at_the_places(path, founder, (at_home, hangar), (at_host, moulin), member, heard)


def at_the_places(path, founder, home, host, member, heard):
    """A day at a door, what everybody reads of it, and an erasure."""
    world, (at_home, hangar), (at_host, moulin) = path.world, home, host
    with world.session() as session:
        issued = session.scalars(select(IssuedPass)).one()
        person = session.scalars(select(Member)).one()
    shown, short_code = world.text(issued), print_short_code(issued.short_code)
    path.secrets |= {shown, shown.rpartition(".")[2], issued.short_code, short_code}
    phone = pair_door(path, at_host, moulin, heard)
    check_in_id = at_the_door(path, phone, shown, short_code)
    assert "Le Moulin" in path.mail(EMAILS[3]).get_body(("plain",)).get_content()  # they came in by name

    for place, manager in ((moulin, at_host), (hangar, at_home)):
        ok(manager.get(f"/api/v1/places/{place}/today"))
        ok(manager.get(f"/api/v1/places/{place}/statements/2026-11"))
    ok(founder.get("/api/v1/months/2026-11"))
    assert ok(founder.get("/api/v1/audit-entries"))["items"]
    ok(founder.post("/api/v1/audit-entries.csv"))
    assert ok(member.get("/api/v1/me/visits"))["items"]
    ok(at_home.get("/api/v1/members", params={"q": FAMILIES[3]}))
    found = member.post("/api/v1/my-data/export")
    assert FAMILIES[3] in zipfile.ZipFile(io.BytesIO(found.content)).read("data.json").decode()
    ok(at_home.post(f"/api/v1/members/{person.id}/suspend", json={"reason": f"{FAMILIES[3]}, {STREET}"}))
    assert check_in(phone, world.scan(shown))["verdict"] in {"suspended", "ok_again"}
    undo(phone, check_in_id, reason=f"{FAMILIES[3]}, {STREET}")
    ok(member.post("/api/v1/my-data/erasure", json={"confirm": EMAILS[3]}))
    assert path.mail(EMAILS[3])
    ok(at_host.get(f"/api/v1/places/{moulin}/today"))
    tick(world.database, chores(world.settings), now=world.later(hours=1))
    doors = ok(at_host.get(f"/api/v1/places/{moulin}/doors"))["items"]
    ok(at_host.delete(f"/api/v1/places/{moulin}/doors/{doors[0]['id']}"))
    assert phone.post("/api/v1/check-ins", json=world.scan(shown)).status_code == 401
    assert path.browser().post("/api/v1/sign-in", json={"token": f"{EMAILS[3]}"}).status_code == 410


def found_in(text: str, *wanted: object) -> list[str]:
    """Which of these stand in a text, in whatever spelling."""
    lower = text.casefold()
    return [str(each) for each in wanted if str(each).casefold() in lower]


def test_nothing_personal_stands_in_any_line_of_the_log_nor_in_anything_a_door_was_told(path, lines):
    heard = Heard()
    walk(path, heard)
    world = path.world
    personal = (*FAMILIES, *EMAILS, REFERENCE, TIER, STREET, "@example.org")

    log = lines.text
    requests = [line for line in lines.of("passapp.request") if line["route"].startswith("/api/")]
    assert len(requests) > 40
    assert {"passapp.request", "passapp.tick"} <= {line["logger"] for line in lines.all()}
    assert found_in(log, *personal, *FIRST_NAMES) == []
    assert found_in(log, *path.secrets, USER + ":") == []
    assert path.addresses
    assert {origin.address for origin in rows(world, AuditOrigin)} <= path.addresses
    assert found_in(log, *path.addresses, "198.18.") == []

    told = "\n".join(heard.texts)
    assert len(heard.texts) > 20
    assert FIRST_NAMES[3] in told
    assert found_in(told, *personal, *FIRST_NAMES[:3], *path.secrets, *path.addresses) == []


def test_the_search_finds_what_it_looks_for(lines):
    logging.getLogger("some.library").debug("welcome %s", FAMILIES[0].upper())
    assert found_in(lines.text, *FAMILIES) == [FAMILIES[0]]
