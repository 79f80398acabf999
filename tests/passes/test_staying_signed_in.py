"""A phone that goes on with its live pass stays signed in: the pass is not gone a month after sign-in."""

from http.cookies import SimpleCookie

from passapp.kernel.audit import AuditEntry
from passapp.passes.models import IssuedPass
from tests.phones import Phone
from tests.scenes import bearer, revoke, rows, suspend


def ask(client, phone, **wanted):
    return client.post("/api/v1/me/live-pass", json={"public_key": phone.public_key} | wanted)


def bind(client, phone, **wanted):
    assert ask(client, phone, **wanted).status_code == 200


def test_who_opens_their_pass_now_and_then_stays_signed_in(world):
    mine, phone = world.as_member(world.member()), Phone()
    secret = mine.cookies["passapp"]
    assert "set-cookie" not in ask(mine, phone).headers
    for _ in range(3):
        world.later(days=29)
        answer = ask(mine, phone)
        assert answer.status_code == 200
        cookie = SimpleCookie(answer.headers["set-cookie"])["passapp"]
        assert cookie.value == secret
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "lax", "/", "")
        assert cookie["max-age"] == str(30 * 86_400)
    world.later(days=30)
    assert ask(mine, phone).json()["code"] == "not_signed_in"


def test_staying_signed_in_is_no_deed_to_write_down(world):
    mine, phone = world.as_member(world.member()), Phone()
    bind(mine, phone)
    before = len(rows(world, AuditEntry))
    world.later(days=1)
    bind(mine, phone)
    assert len(rows(world, AuditEntry)) == before


def is_signed_in_after(world, client, **later):
    world.later(**later)
    return client.get("/api/v1/me/passes").status_code == 200


def test_a_pass_on_a_new_phone_prolongs_no_session(world):
    mine = world.as_member(world.member())
    bind(mine, Phone())
    world.later(days=29)
    assert "set-cookie" not in ask(mine, Phone(), move=True).headers
    assert not is_signed_in_after(world, mine, days=1)


def test_neither_does_the_phone_from_which_the_pass_went(world):
    member, old = world.member(), Phone()
    mine = world.as_member(member)
    bind(mine, old)
    world.later(days=29)
    bind(world.as_member(member), Phone(), move=True)
    assert "set-cookie" not in ask(mine, old).headers
    assert not is_signed_in_after(world, mine, days=1)


def test_neither_does_the_lost_phone_whose_pass_was_ended(world):
    phone, mine = Phone(), world.as_member(world.member())
    bind(mine, phone)
    world.later(days=29)
    revoke(world, rows(world, IssuedPass)[0], "Téléphone perdu")
    assert "set-cookie" not in ask(mine, phone).headers
    assert not is_signed_in_after(world, mine, days=1)


def test_neither_does_who_may_not_come_in(world):
    member, phone = world.member(), Phone()
    mine = world.as_member(member)
    bind(mine, phone)
    world.later(days=29)
    suspend(world, member)
    assert "set-cookie" not in ask(mine, phone).headers
    assert not is_signed_in_after(world, mine, days=1)


def test_a_program_that_shows_the_secret_itself_gets_no_cookie_and_no_more_days(world):
    phone, mine = Phone(), world.as_member(world.member())
    program = world.client()
    program.headers.update(bearer(mine.cookies["passapp"]))
    bind(program, phone)
    world.later(days=29)
    assert "set-cookie" not in ask(program, phone).headers
    assert not is_signed_in_after(world, program, days=1)
