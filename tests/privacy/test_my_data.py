"""What is known of a person, for them alone, as a page and as files."""

import csv
import io
import json

import pytest

from passapp.accounts.models import Account, Passkey
from passapp.accounts.roles import grant_role
from passapp.accounts.rules import Role
from passapp.kernel.audit import SYSTEM, Actor, AuditEntry, record
from passapp.members.models import Member
from passapp.passes.models import IssuedPass
from passapp.places.models import Place
from passapp.privacy.export import table_of
from tests.privacy.lives import choose, exported, exported_data, my_data
from tests.scenes import check_in, membership, revoke, rows, suspend, undo


@pytest.fixture
def member(world):
    home = membership(world.hangar, tier="SOLIDAIRE")
    return world.member(given_name="Zoé", family_name="Quintard", reference="HGR-0042", memberships=[home])


@pytest.fixture
def lived(world, member):
    """A member who came by card, by code and by name, was undone once, and lost a card."""
    door, card = world.as_door(world.moulin), world.card(member)
    answer = check_in(door, world.scan(world.text(card)))
    undo(door, answer["check_in_id"], "Zoé n'est pas venue")
    world.later(minutes=5)
    check_in(door, world.scan(short_code=card.short_code))
    door.post("/api/v1/short-codes/look-up", json={"short_code": card.short_code})
    world.later(minutes=5)
    check_in(world.as_door(world.hangar), world.scan(by_name={"name": "Zoé Quintard", "second": "HGR-0042"}))
    revoke(world, card, "Carte perdue")
    return world.as_member(member)


def test_a_member_sees_who_they_are_with_their_tier(lived, member):
    known = my_data(lived)
    assert known["account"]["email"] == known["member"]["email"] == member.email
    assert (known["member"]["reference"], known["roles"][0]["role"]) == ("HGR-0042", "member")
    [held] = known["memberships"]
    assert (held["place"], held["tier"], held["first_day"]) == ("Le Hangar", "SOLIDAIRE", "2026-01-01")


def test_a_member_sees_their_passes_and_what_became_of_them(lived):
    [card] = my_data(lived)["passes"]
    assert (card["state"], card["revoked_reason"]) == ("revoked", "Carte perdue")


def test_a_member_sees_their_visits_and_every_scan(lived):
    known = my_data(lived)
    assert [(visit["local_date"], visit["host"], visit["at_home"]) for visit in known["visits"]] == [
        ("2026-11-18", "Le Hangar", True),
        ("2026-11-18", "Le Moulin", False),
    ]
    assert [(scan["place"], scan["form"], scan["verdict"]) for scan in known["scans"]] == [
        ("Le Hangar", "manual", "ok"),
        ("Le Moulin", "manual", "ok"),
        ("Le Moulin", "card", "ok"),
    ]
    assert known["scans"][-1]["undone_because"] == "Zoé n'est pas venue"


def test_a_member_sees_who_looked_them_up_and_how(lived):
    assert [(row["place"], row["by_name"]) for row in my_data(lived)["look_ups"]] == [
        ("Le Hangar", True),
        ("Le Moulin", False),
    ]


def test_a_member_sees_which_mails_they_were_sent(lived):
    kinds = [message["kind"] for message in my_data(lived)["messages"]]
    assert sorted(kinds) == ["manual_check_in", "manual_check_in", "pass_ready"]


def test_a_member_sees_what_was_done_about_them_but_not_by_whom(world, lived, member):
    suspend(world, member, "Abonnement impayé")
    known = my_data(lived)
    said = {deed["action"]: deed for deed in known["deeds"]}
    assert {"member.add", "pass.issue", "pass.revoke", "check_in.undo", "member.suspend", "session.open"} <= said.keys()
    assert (said["member.suspend"]["actor"], said["member.suspend"]["by_me"]) == ("account", False)
    assert (said["check_in.undo"]["actor"], said["check_in.undo"]["place"]) == ("door", "Le Moulin")
    assert said["session.open"]["by_me"] is True
    assert "Camille" not in json.dumps(known)


def test_nobody_elses_data_are_shown(world, lived):
    other = world.member(given_name="Autre", email="autre@example.org")
    check_in(world.as_door(world.moulin), world.scan(world.text(world.card(other))))
    choose(world.as_member(other), "yearly_count", given=False)
    assert "autre@example.org" not in json.dumps(exported_data(lived))
    mine = my_data(world.as_member(other))
    assert (len(mine["visits"]), len(mine["passes"]), mine["look_ups"]) == (1, 1, [])


def test_no_secret_is_shown(world, lived, member):
    with world.database.write() as session:
        session.add(
            Passkey(
                account_id=member.account_id,
                credential_id="SECRET-ID",
                public_key="SECRET-KEY",
                sign_count=0,
                name="Téléphone",
                created_at=world.now,
            )
        )
    everything = "".join(exported(lived).values())
    assert "Téléphone" in everything
    cookie = next(iter(lived.cookies.values()))
    short_codes = [issued.short_code for issued in rows(world, IssuedPass)]
    for secret in ("SECRET", cookie, "token_hash", *short_codes):
        assert secret not in everything, secret


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MANAGER, Role.HOST, Role.NETWORK_ACCOUNTANT])
def test_who_is_no_member_has_data_too(world, role):
    at = world.hangar if role in {Role.MANAGER, Role.HOST} else None
    account = world.account(role, at)
    known = my_data(world.signed_in(account))
    assert (known["account"]["email"], known["member"], known["choices"]) == (account.email, None, [])
    assert [(held["role"], held["place"]) for held in known["roles"]] == [(role.value, at.name if at else None)]
    assert exported_data(world.signed_in(account))["account"]["email"] == account.email


def test_who_lost_their_last_role_still_has_a_right_to_their_data(world):
    account = world.account(Role.MEMBER)
    known = my_data(world.signed_in(account))
    assert (known["roles"], known["account"]["id"]) == ([], str(account.id))


def test_the_page_shows_the_newest_deeds_and_the_export_has_all(world):
    account = world.account(Role.COORDINATOR)
    client = world.signed_in(account)
    with world.database.write() as session:
        for _ in range(60):
            record(session, Actor("account", account.id), world.now, "place.change", ("place", world.hangar.id))
    known = my_data(client)
    assert (len(known["deeds"]), known["deeds_in_all"]) == (50, 62)
    assert len(exported_data(client)["deeds"]) == 63  # the export itself is one


def test_an_export_holds_what_the_page_shows_and_a_table_for_each_list(lived):
    files = exported(lived)
    data = json.loads(files.pop("data.json"))
    del files["LISEZ-MOI.txt"]
    lists = {name for name, value in data.items() if value and isinstance(value, list | dict)}
    assert {name.removesuffix(".csv") for name in files} == lists
    shown = my_data(lived)
    assert {name: data[name] for name in shown if not name.startswith("deeds")} == {
        name: value for name, value in shown.items() if not name.startswith("deeds")
    }
    table = list(csv.DictReader(io.StringIO(files["visits.csv"]), delimiter=";"))
    assert [row["host"] for row in table] == ["Le Hangar", "Le Moulin"]


@pytest.mark.parametrize(
    "locale,name,says", [("fr", "LISEZ-MOI.txt", "un tableur"), ("en", "README.txt", "a spreadsheet")]
)
def test_an_export_begins_with_a_guide_in_the_persons_language(world, locale, name, says):
    client = world.as_manager(world.hangar)
    assert client.patch("/api/v1/me", json={"locale": locale}).is_success
    first, guide = next(iter(exported(client).items()))
    assert first == name
    assert says in guide


def test_an_export_is_written_down(world, lived, member):
    exported(lived)
    [deed] = rows(world, AuditEntry, AuditEntry.action == "my_data.export")
    assert (deed.actor_id, deed.subject_id) == (member.account_id, str(member.account_id))


def test_no_cell_of_a_table_is_run_by_a_spreadsheet():
    names = ["=1+1", "+33 6", "-2", "@SUM(A1)", "\tx", "Léa;B", 'dit "Zoé"', None, 3, True, {"fields": ["email"]}]
    table = table_of([{"name": name} for name in names]).decode("utf-8-sig")
    cells = [row["name"] for row in csv.DictReader(io.StringIO(table), delimiter=";", strict=True)]
    assert cells == [
        "'=1+1",
        "'+33 6",
        "'-2",
        "'@SUM(A1)",
        "'\tx",
        "Léa;B",
        'dit "Zoé"',
        "",
        "3",
        "true",
        '{"fields": ["email"]}',
    ]


def test_a_member_who_is_more_has_both(world, lived, member):
    with world.database.write() as session:
        account = session.get_one(Account, session.get_one(Member, member.id).account_id)
        grant_role(session, account, Role.HOST, session.get_one(Place, world.moulin.id), at=world.now, actor=SYSTEM)
    known = my_data(lived)
    assert sorted(held["role"] for held in known["roles"]) == ["host", "member"]
    assert known["member"]["given_name"] == "Zoé"
