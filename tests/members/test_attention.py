"""What a member wants whoever receives them to know: their own words, theirs to write and to erase."""

import pytest

from passapp.kernel.audit import AuditEntry
from passapp.members.models import Member
from tests.scenes import everything_stored, rows

WORDS = "Je suis sourde : parlez-moi de face"


@pytest.fixture
def member(world):
    return world.member()


@pytest.fixture
def mine(world, member):
    return world.as_member(member)


def write(client, words):
    return client.put("/api/v1/me/attention", json={"attention": words})


def test_a_member_writes_it_and_reads_it_again(mine):
    assert write(mine, WORDS).status_code == 204
    assert mine.get("/api/v1/me/member").json()["attention"] == WORDS


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_emptied_it_is_gone_everywhere(world, mine, nothing):
    write(mine, WORDS)
    write(mine, nothing)
    assert mine.get("/api/v1/me/member").json()["attention"] is None
    assert WORDS not in everything_stored(world)


@pytest.mark.parametrize("wrong", ["a" * 121, "a\nb", "voir https://example.org"])
def test_what_does_not_fit_on_a_phones_screen_is_refused(world, mine, wrong):
    answer = write(mine, wrong)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/attention")
    assert rows(world, Member)[0].attention is None


def test_the_audit_log_says_that_it_was_written_and_not_what(world, member, mine):
    write(mine, WORDS)
    write(mine, WORDS)
    [entry] = rows(world, AuditEntry, AuditEntry.action == "member.attention")
    assert (entry.subject_id, entry.detail) == (str(member.id), {})


def test_the_home_place_sees_the_record_without_it(world, member, mine):
    write(mine, WORDS)
    manager = world.as_manager(world.hangar)
    assert WORDS not in manager.get(f"/api/v1/members/{member.id}").text
    assert WORDS not in manager.get("/api/v1/members").text


def test_the_home_place_cannot_write_it(world, member):
    manager = world.as_manager(world.hangar)
    version = manager.get(f"/api/v1/members/{member.id}").headers["ETag"]
    answer = manager.patch(f"/api/v1/members/{member.id}", json={"attention": WORDS}, headers={"If-Match": version})
    assert answer.status_code == 422


def test_it_is_in_what_is_known_of_the_member(mine):
    write(mine, WORDS)
    assert mine.get("/api/v1/my-data").json()["member"]["attention"] == WORDS
