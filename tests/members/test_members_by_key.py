"""What an integration's key does with members: never become one, and read nothing that it may not read."""

import pytest

from passapp.accounts.rules import Scope
from tests.members.csv_files import TITLES, errors, everybody, send

MEMBERS = "/api/v1/members"


@pytest.fixture
def member(world):
    return world.member(given_name="Léa", family_name="Bertin", email="lea@example.org", reference="H-1")


@pytest.fixture
def by_key(world):
    """The client of a key of the hangar, or of the network for None."""

    def make(*scopes, place=world.hangar):
        maker, address = (
            (world.as_manager(place), f"/api/v1/places/{place.id}/api-keys")
            if place
            else (world.as_coordinator(), "/api/v1/api-keys")
        )
        made = maker.post(address, json={"name": "Caisse", "scopes": list(scopes)})
        client = world.client()
        client.headers["Authorization"] = f"Bearer {made.json()['secret']}"
        return client

    return make


@pytest.mark.parametrize("of", ["a place", "the network"])
@pytest.mark.parametrize("email", ["attacker@example.org", "", None])
def test_a_key_does_not_change_the_address_that_a_member_signs_in_with(world, member, by_key, of, email):
    client = by_key(Scope.MEMBERS_WRITE, place=world.hangar if of == "a place" else None)
    version = {"If-Match": f'"{member.version}"'}
    answer = client.patch(f"{MEMBERS}/{member.id}", json={"email": email}, headers=version)
    assert (answer.status_code, answer.json()["code"]) == (403, "email_by_people")
    assert world.as_member(member).get("/api/v1/me/member").status_code == 200
    assert everybody(world)["Léa"].email == "lea@example.org"


def test_a_key_does_not_change_it_by_a_file_either(world, member, by_key):
    client = by_key(Scope.MEMBERS_WRITE)
    line = "Léa;Bertin;Le Hangar;TOUT;attacker@example.org;H-1;;;;\n"
    assert errors(send(client, TITLES + line)) == [(2, "email", "email_by_people")]
    assert everybody(world)["Léa"].account_id == member.account_id


def test_a_key_changes_the_rest_and_may_repeat_the_address(member, by_key):
    body = {"given_name": "Léo", "email": "LEA@example.org"}
    version = {"If-Match": f'"{member.version}"'}
    answer = by_key(Scope.MEMBERS_WRITE).patch(f"{MEMBERS}/{member.id}", json=body, headers=version)
    assert (answer.status_code, answer.json()["given_name"]) == (200, "Léo")


@pytest.mark.parametrize("by", ["a change", "a file"])
def test_a_key_gives_a_first_address(world, by_key, by):
    member = world.member(given_name="Léa", family_name="Bertin", email=None, reference="H-1")
    client = by_key(Scope.MEMBERS_WRITE)
    if by == "a change":
        version = {"If-Match": f'"{member.version}"'}
        client.patch(f"{MEMBERS}/{member.id}", json={"email": "lea@example.org"}, headers=version)
    else:
        assert send(client, TITLES + "Léa;Bertin;Le Hangar;TOUT;lea@example.org;H-1;;;;\n")["imported"]
    assert everybody(world)["Léa"].email == "lea@example.org"


@pytest.mark.parametrize("may_read", [False, True])
def test_what_a_file_would_change_is_shown_as_it_was_to_keys_that_may_read_only(member, by_key, may_read):
    scopes = [Scope.MEMBERS_WRITE] + [Scope.MEMBERS_READ] * may_read
    line = "Ali;Autre;Le Hangar;TOUT;lea@example.org;H-2;;;;\n"
    [changed] = send(by_key(*scopes), TITLES + line, dry_run=True)["changed"]
    shown = {each["field"]: (each["before"], each["after"]) for each in changed["differences"]}
    before = ("Léa", "Bertin", "H-1") if may_read else (None,) * 3
    assert shown == dict(
        zip(
            ("given_name", "family_name", "reference"),
            zip(before, ("Ali", "Autre", "H-2"), strict=True),
            strict=True,
        )
    )


def test_files_are_asked_about_sixty_times_an_hour_at_most_dry_runs_too(world):
    manager = world.as_manager()
    for _ in range(60):
        send(manager, TITLES, dry_run=True)
    answer = manager.post("/api/v1/members/import", content=TITLES.encode())
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
    world.later(hours=1)
    send(manager, TITLES, dry_run=True)
