"""The keys that sign passes: what is published, what is kept from everybody, and when one follows another."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest

from passapp.kernel.audit import SYSTEM, AuditEntry
from passapp.kernel.problems import Problem
from passapp.passes.keys import PSEUDONYM_KEY, current_key, ensure_keys, pseudonym_key, rotate_keys
from passapp.passes.models import SigningKey
from tests.scenes import check_in, everything_stored, rows


def rotate(world, *, compromised=False):
    with world.database.write() as session:
        return rotate_keys(session, world.settings.keys_dir, compromised=compromised, at=world.now, actor=SYSTEM)


def published(world):
    return [key["kid"] for key in world.client().get("/.well-known/jwks.json").json()["keys"]]


def current(world):
    with world.session() as session:
        return current_key(session, world.settings.keys_dir)[0]


def following(world):
    return next(key.kid for key in rows(world, SigningKey, SigningKey.promoted_at.is_(None)))


def test_a_new_network_publishes_the_key_that_signs_and_the_next_one(world):
    assert set(published(world)) == {current(world), following(world)}


def test_the_published_keys_are_public_keys_and_nothing_more(world):
    answer = world.client().get("/.well-known/jwks.json")
    for key in answer.json()["keys"]:
        assert key.keys() == {"kty", "crv", "alg", "use", "kid", "x"}
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")
        assert 2 <= len(key["kid"]) <= 4
    assert len(jwt.PyJWKSet.from_dict(answer.json()).keys) == 2


def test_any_jwt_library_verifies_a_pass_with_the_published_keys(world):
    shown = world.text(world.card(world.member()))
    keys = jwt.PyJWKSet.from_dict(world.client().get("/.well-known/jwks.json").json())
    key = keys[jwt.get_unverified_header(shown)["kid"]]
    claims = jwt.decode(shown, key, ["EdDSA"], options={"verify_exp": False, "verify_nbf": False})
    assert claims["iss"] == "RESEAU"


def test_the_private_keys_are_files_that_only_their_owner_reads(world):
    folder = world.settings.keys_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert files == {f"{current(world)}.pem": 0o600, f"{following(world)}.pem": 0o600, PSEUDONYM_KEY: 0o600}


def test_no_private_key_is_in_the_database(world):
    stored = everything_stored(world)
    assert "PRIVATE" not in stored
    assert pseudonym_key(world.settings.keys_dir).decode() not in stored
    for file in world.settings.keys_dir.glob("*.pem"):
        secret = file.read_text().splitlines()[1]
        assert secret not in stored
        assert secret[-20:] not in stored


def test_making_sure_that_there_are_keys_makes_no_more_where_there_are(world):
    with world.database.write() as session:
        ensure_keys(session, world.settings.keys_dir, at=world.now)
    assert len(rows(world, SigningKey)) == 2


def test_a_key_signs_once_every_door_has_had_seven_days_to_learn_it(world):
    was, will_be = current(world), following(world)
    world.later(days=7, seconds=-1)
    with pytest.raises(Problem) as refused:
        rotate(world)
    assert refused.value.kind.code == "key_too_young"
    assert "2026-11-18" in str(refused.value)
    assert current(world) == was
    world.later(seconds=1)
    assert rotate(world) == will_be
    assert current(world) == will_be


def test_a_rotation_that_is_refused_makes_no_key(world):
    with pytest.raises(Problem):
        rotate(world)
    assert len(rows(world, SigningKey)) == len(list(world.settings.keys_dir.glob("*.pem"))) == 2


def test_a_rotation_publishes_another_next_key_which_waits_seven_days_in_its_turn(world):
    world.later(days=7)
    rotate(world)
    assert len(published(world)) == 3
    with pytest.raises(Problem, match="7 days"):
        rotate(world)


def test_a_rotation_is_written_down(world):
    world.later(days=7)
    kid = rotate(world)
    [entry] = rows(world, AuditEntry, AuditEntry.action == "keys.rotate")
    assert (entry.subject_id, entry.detail) == (kid, {"compromised": False})


def test_a_pass_in_a_pocket_outlives_the_key_that_signed_it(world):
    card = world.card(world.member())
    printed = world.text(card)
    world.later(days=7)
    rotate(world)
    door = world.as_door(world.moulin)
    assert check_in(door, world.scan(printed))["verdict"] == "ok"
    world.now = card.expires_at - timedelta(seconds=1)
    assert check_in(door, world.scan(printed))["verdict"] == "ok"


def test_a_former_key_is_published_until_the_last_pass_it_signed_ends(world):
    was = current(world)
    card = world.card(world.member())
    world.card(world.member(), months=2)
    world.later(days=7)
    rotate(world)
    world.now = card.expires_at - timedelta(seconds=1)
    assert was in published(world)
    world.later(seconds=1)
    assert was not in published(world)


def test_a_former_key_that_signed_no_pass_is_published_for_as_long_as_its_status_lists_are_good(world):
    was = current(world)
    world.later(days=7)
    rotate(world)
    world.later(days=7, seconds=-1)
    assert was in published(world)
    world.later(seconds=1)
    assert was not in published(world)


def test_new_passes_are_signed_by_the_new_key(world):
    world.later(days=7)
    kid = rotate(world)
    assert jwt.get_unverified_header(world.text(world.card(world.member())))["kid"] == kid


def test_a_compromised_key_is_replaced_at_once_and_published_no_more(world):
    was, will_be = current(world), following(world)
    assert rotate(world, compromised=True) == will_be
    assert was not in published(world)
    assert will_be in published(world)
    assert len(published(world)) == 2


def test_a_pass_signed_by_a_compromised_key_opens_nothing_and_drawn_again_opens(world):
    card = world.card(world.member())
    printed = world.text(card)
    rotate(world, compromised=True)
    door = world.as_door(world.moulin)
    assert check_in(door, world.scan(printed))["verdict"] == "unknown_key"
    assert check_in(door, world.scan(world.text(card)))["verdict"] == "ok"


def test_a_key_file_that_is_lost_is_a_sentence_that_says_what_to_do(world):
    card = world.card(world.member())
    (world.settings.keys_dir / f"{current(world)}.pem").unlink()
    with pytest.raises(Problem, match="Restore it") as refused:
        world.text(card)
    assert refused.value.kind.code == "key_file_missing"
    rotate(world, compromised=True)
    assert check_in(world.as_door(world.moulin), world.scan(world.text(card)))["verdict"] == "ok"


def test_losing_the_key_file_does_not_keep_doors_from_checking_people_in(world):
    printed = world.text(world.card(world.member()))
    for file in world.settings.keys_dir.iterdir():
        file.unlink()
    assert check_in(world.as_door(world.moulin), world.scan(printed))["verdict"] == "ok"


def test_the_key_of_the_pseudonyms_is_made_once_however_many_ask_at_once(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: pseudonym_key(tmp_path), range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert [file.name for file in tmp_path.iterdir()] == [PSEUDONYM_KEY]
