"""The coordination reads who did what, to whom, from where; filters it; takes it along."""

import csv
import io
import json
from uuid import uuid4

import pytest
from sqlalchemy import delete

from passapp.accounts.models import Account
from passapp.accounts.rules import Role
from passapp.kernel.audit import Actor, AuditEntry, record
from passapp.members.models import Member
from tests.scenes import pair, pair_link, rows, undo

LOG = "/api/v1/audit-entries"
FROM = "2001:db8::7"


@pytest.fixture
def coordinator(world):
    return world.as_coordinator()


def log(client, **filters):
    answer = client.get(LOG, params=filters)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def actions(client, **filters):
    return [entry["action"] for entry in log(client, **filters)]


def deed(world, action="member.change", subject=("member", None), actor=None, **fields):
    """One line of the log, as any room writes it."""
    with world.database.write() as session:
        record(session, actor or Actor("system"), world.now, action, subject, **fields)


def test_a_deed_is_told_with_who_what_to_whom_where_and_from_where(world, coordinator):
    camille, member = world.account(Role.MANAGER, world.hangar), world.member()
    actor = Actor("account", camille.id, FROM)
    deed(world, "member.suspend", ("member", member.id), actor, place_id=world.hangar.id, fields=["suspended_at"])
    [entry] = log(coordinator, action="member.suspend")
    assert entry | {"id": None} == {
        "id": None,
        "at": world.now.isoformat().replace("+00:00", "Z"),
        "actor": {"kind": "account", "id": str(camille.id), "name": "Camille", "email": camille.email},
        "origin": FROM,
        "action": "member.suspend",
        "subject": {
            "kind": "member",
            "id": str(member.id),
            "label": f"{member.given_name} {member.family_name}",
        },
        "place": {"id": str(world.hangar.id), "code": "hangar", "name": "Le Hangar"},
        "detail": {"fields": ["suspended_at"]},
    }


def test_the_newest_stands_first_and_pages_follow_one_another(world, coordinator):
    for number in range(7):
        world.later(minutes=number % 2)  # some at the same instant
        deed(world, "place.change", ("place", number))
    seen, cursor = [], None
    while True:
        body = coordinator.get(
            LOG, params={"limit": 3, "action": "place.change"} | ({"cursor": cursor} if cursor else {})
        )
        seen += [entry["subject"]["id"] for entry in body.json()["items"]]
        cursor = body.json()["next"]
        if cursor is None:
            break
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_an_invented_cursor_is_refused(world, coordinator):
    answer = coordinator.get(LOG, params={"cursor": str(world.hangar.id)})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_a_family_of_actions_is_every_action_that_begins_with_it(world, coordinator):
    for action in ("member.note", "members.note", "memberx.note"):
        deed(world, action)
    assert actions(coordinator, action="member") == ["member.note"]
    assert set(actions(coordinator, action=["members", "memberx.note"])) == {"members.note", "memberx.note"}


def test_an_underscore_in_a_family_is_no_wildcard(world, coordinator):
    deed(world, "pairing_link.note")
    deed(world, "pairingxlink.note")
    assert actions(coordinator, action="pairing_link") == ["pairing_link.note"]


def test_days_narrow_it_the_first_instant_included_the_last_not(world, coordinator):
    deed(world, "early.note")
    first = world.later(hours=1)
    deed(world, "first.note")
    last = world.later(hours=1)
    deed(world, "last.note")
    assert actions(coordinator, since=first.isoformat(), before=last.isoformat()) == ["first.note"]


def test_an_actor_is_found_by_id(world, coordinator):
    camille = world.account(Role.MANAGER, world.hangar)
    deed(world, "by.camille", actor=Actor("account", camille.id))
    deed(world, "by.somebody", actor=Actor("account", world.account(Role.MANAGER, world.hangar).id))
    assert actions(coordinator, action="by", actor=str(camille.id)) == ["by.camille"]
    assert actions(coordinator, actor=str(world.hangar.id)) == []


def test_nobodys_address_is_taken_in_an_address_that_proxies_log(world, coordinator):
    answer = coordinator.get(LOG, params={"actor": "lea@example.org"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_subject_and_a_place_narrow_it(world, coordinator):
    deed(world, "x.note", ("place", world.hangar.id), place_id=world.hangar.id)
    deed(world, "x.note", ("member", world.hangar.id), place_id=world.moulin.id)
    [entry] = log(coordinator, action="x", subject_kind="member", subject_id=str(world.hangar.id))
    assert entry["place"]["name"] == "Le Moulin"
    [entry] = log(coordinator, action="x", place_id=str(world.hangar.id))
    assert entry["subject"]["kind"] == "place"


@pytest.mark.parametrize(
    "bad", [{"action": "x.y.z"}, {"action": "%"}, {"since": "today"}, {"place_id": "x"}, {"limit": 0}]
)
def test_a_filter_that_is_none_is_a_problem(world, coordinator, bad):
    answer = coordinator.get(LOG, params=bad)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_whoever_was_erased_has_no_name_any_more_and_the_deed_stays(world, coordinator):
    camille, member = world.account(Role.MEMBER), world.member(email=None)
    deed(world, "x.note", ("member", member.id), Actor("account", camille.id))
    with world.database.write() as session:
        session.execute(delete(Member).where(Member.id == member.id))
        session.execute(delete(Account).where(Account.id == camille.id))
    [entry] = log(coordinator, action="x")
    assert entry["actor"] == {"kind": "account", "id": str(camille.id), "name": None, "email": None}
    assert entry["subject"] == {"kind": "member", "id": str(member.id), "label": None}


def test_a_door_is_called_by_its_name_as_actor_and_as_subject_whatever_token_it_had_then(world, coordinator):
    manager, device = world.as_manager(world.moulin), uuid4()
    paired = pair(world.client(), pair_link(manager, world.moulin), device, "Tablette du bar").json()
    phone = world.client()
    phone.headers["Authorization"] = f"Bearer {paired['token']}"
    scan = world.scan(world.text(world.card(world.member())))
    undo(phone, phone.post("/api/v1/check-ins", json=scan).json()["check_in_id"])
    pair(world.client(), pair_link(manager, world.moulin), device, "Tablette du hall")
    [undone] = log(coordinator, action="check_in.undo")
    door = {"kind": "door", "id": paired["door"]["id"], "name": "Tablette du hall", "email": None}
    assert undone["actor"] == door
    assert {entry["subject"]["label"] for entry in log(coordinator, action="door.pair")} == {"Tablette du hall"}
    assert actions(coordinator, actor=paired["door"]["id"]) == ["check_in.undo"]


def test_a_pass_is_called_by_its_holder_and_a_link_by_its_label(world, coordinator):
    member = world.member(given_name="Inès", family_name="Garnier")
    card = world.card(member)
    pair_link(world.as_manager(world.moulin), world.moulin, label="Samedi")
    assert log(coordinator, action="pass.issue", subject_id=str(card.id))[0]["subject"]["label"] == "Inès Garnier"
    assert log(coordinator, action="pairing_link.make")[0]["subject"]["label"] == "Samedi"
    deed(world, "plan.note", ("plan", "TOUT"))
    assert log(coordinator, action="plan.note")[0]["subject"]["label"] is not None


@pytest.mark.parametrize("role", [Role.MANAGER, Role.HOST, Role.PLACE_ACCOUNTANT, Role.NETWORK_ACCOUNTANT, Role.MEMBER])
def test_nobody_but_the_coordination_reads_it(world, role):
    place = world.hangar if role in {Role.MANAGER, Role.HOST, Role.PLACE_ACCOUNTANT} else None
    browser = world.signed_in(world.account(role, place))
    answers = [browser.get(LOG), browser.post(f"{LOG}.csv"), browser.post(f"{LOG}.jsonl")]
    assert [answer.status_code for answer in answers] == [403] * 3


def test_the_spreadsheet_says_the_same_as_the_page(world, coordinator):
    member = world.member(given_name="Zoé", family_name='D\'Ormesson; "Z"')
    deed(world, "x.note", ("member", member.id), Actor("account", world.account(Role.MEMBER).id, FROM), fields=["plan"])
    answer = coordinator.post(f"{LOG}.csv", params={"action": "x"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="passapp-audit-2026-11-18.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    [line] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    [entry] = log(coordinator, action="x")
    assert line["subject_name"] == entry["subject"]["label"]
    assert (line["actor_email"], line["origin"]) == (entry["actor"]["email"], FROM)
    assert json.loads(line["detail"]) == {"fields": ["plan"]}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x"])
def test_no_cell_of_the_spreadsheet_is_a_formula(world, coordinator, name):
    member = world.member(given_name=name)
    deed(world, "x.note", ("member", member.id))
    [line] = csv.DictReader(
        io.StringIO(coordinator.post(f"{LOG}.csv", params={"action": "x"}).content.decode("utf-8-sig")), delimiter=";"
    )
    assert line["subject_name"] == f"'{name} {member.family_name}"


def test_the_log_as_json_lines_is_all_of_it_however_long(world, coordinator):
    with world.database.write() as session:
        for number in range(1203):
            record(session, Actor("system"), world.now, "x.note", ("thing", number))
    lines = coordinator.post(f"{LOG}.jsonl", params={"action": "x"}).text.splitlines()
    assert [json.loads(line)["subject_id"] for line in lines] == [str(number) for number in reversed(range(1203))]


def test_an_export_is_in_the_log_with_what_was_asked_for_and_nobodys_address(world, coordinator):
    coordinator.post(f"{LOG}.csv", params={"actor": str(world.hangar.id), "action": "x"})
    coordinator.post(f"{LOG}.jsonl")
    [plain, narrowed] = sorted(
        rows(world, AuditEntry, AuditEntry.action == "audit.export"),
        key=lambda entry: entry.detail["format"],
        reverse=True,
    )
    assert plain.detail == {"format": "jsonl", "filters": []}
    assert narrowed.detail == {"format": "csv", "filters": ["actions", "actor"]}
    assert narrowed.actor_kind == "account"


def test_a_link_on_another_site_exports_nothing(world, coordinator):
    assert coordinator.get(f"{LOG}.csv").status_code == 405
    from_afar = coordinator.post(f"{LOG}.csv", headers={"Sec-Fetch-Site": "cross-site"})
    assert (from_afar.status_code, from_afar.json()["code"]) == (403, "cross_origin")
    assert rows(world, AuditEntry, AuditEntry.action == "audit.export") == []


def test_the_log_is_not_exported_without_end(world, coordinator):
    answers = [coordinator.post(f"{LOG}.csv", params={"action": "x"}).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_reading_the_log_writes_nothing(world, coordinator):
    before = len(rows(world, AuditEntry))
    log(coordinator)
    assert len(rows(world, AuditEntry)) == before
