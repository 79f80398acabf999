"""What is kept of a scan tells nobody what was scanned: neither the database nor the keys are enough."""

import hashlib
import hmac
from uuid import UUID

import pytest
from sqlalchemy import select

from passapp.accounts.models import AccessToken
from passapp.door.cases import Scan
from passapp.door.models import CheckIn
from passapp.door.seals import Seal
from passapp.passes.keys import pseudonym_key
from tests.scenes import check_in


def seals(world):
    with world.session() as session:
        return list(session.scalars(select(CheckIn.seal).order_by(CheckIn.received_at, CheckIn.id)))


def test_a_mark_is_recognised_by_the_same_token_only():
    mine, other = Seal.of("one token"), Seal.of("another token")
    kept = mine.mark(b"a pass")
    assert len(kept) == 64
    assert not mine.refutes(kept, b"a pass")
    assert mine.refutes(kept, b"another pass")
    assert not other.refutes(kept, b"another pass")


def test_scans_without_their_device_are_marked_so_that_nobody_can_again():
    assert Seal.of_nobody().mark(b"a pass") != Seal.of_nobody().mark(b"a pass")


def test_a_check_in_of_before_there_were_seals_is_answered_as_it_was():
    assert not Seal.of("a token").refutes("", b"a pass")


@pytest.mark.parametrize("by", ["pass", "short_code"])
def test_who_has_the_database_the_keys_and_every_pass_does_not_find_what_was_scanned(world, by):
    card = world.card(world.member())
    text, code = world.text(card), card.short_code
    scan = world.scan(text) if by == "pass" else world.scan(short_code=code)
    door = world.as_door()
    check_in(door, scan)
    [kept] = seals(world)
    key = pseudonym_key(world.settings.keys_dir)
    shown = {"pass_text": text} if by == "pass" else {"short_code": code}
    said = Scan(UUID(scan["id"]), world.now, world.now, **shown).said
    with world.session() as session:
        hashes = session.scalars(select(AccessToken.token_hash)).all()
    for known in (b"", key, *(each.encode() for each in hashes)):
        assert hmac.digest(known, said, hashlib.sha256).hex()[:48] not in kept
    assert hashlib.sha256(said).hexdigest()[:48] not in kept
    token = door.headers["Authorization"].removeprefix("Bearer ")
    assert Seal.of(token).mark(said) == kept  # or the guesses above would prove nothing


def test_the_same_scan_at_two_doors_leaves_two_marks(world):
    scan = world.scan(world.text(world.card(world.member())))
    for _ in range(2):
        check_in(world.as_door(), scan)
    first, second = seals(world)
    assert first != second


def test_a_phone_that_was_paired_again_is_answered_as_it_was_the_first_time(world):
    scan = world.scan(world.text(world.card(world.member())))
    link = world.as_manager(world.moulin).post(f"/api/v1/places/{world.moulin.id}/pairing-links", json={}).json()
    body = {"token": link["url"].partition("pair=")[2], "device_id": scan["id"], "name": "Téléphone"}
    answers = []
    for _ in range(2):
        door = world.client()
        door.headers["Authorization"] = f"Bearer {door.post('/api/v1/doors/pair', json=body).json()['token']}"
        answers.append(check_in(door, scan))
    assert answers[1] == answers[0] | {"replayed": True}
