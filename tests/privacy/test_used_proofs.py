"""The proofs of live passes that let somebody in: kept for as long as a phone may send late, and no longer."""

from datetime import timedelta
from uuid import uuid4

import pytest

from passapp.door.judging import OLDEST_SCAN
from passapp.door.models import Door, UsedProof
from passapp.privacy.rules import PROOFS_KEPT
from tests.privacy.lives import forget
from tests.scenes import rows
from tests.world import NOW


@pytest.fixture
def member(world):
    return world.member()


def use(world, member, step=1):
    """A proof of a pass of the member's was shown at a door now."""
    card = world.card(member)
    world.as_door(world.moulin)
    [door, *_] = rows(world, Door)
    with world.database.write() as session:
        session.add(
            UsedProof(status_index=card.status_index, step=step, door_id=door.id, check_in_id=uuid4(), at=world.now)
        )


def test_a_proof_is_forgotten_once_no_phone_may_send_it_late_any_more(world, member):
    use(world, member)
    assert PROOFS_KEPT > OLDEST_SCAN
    assert "used_proofs" not in forget(world, NOW + PROOFS_KEPT)
    assert forget(world, NOW + PROOFS_KEPT + timedelta(seconds=1))["used_proofs"] == 1
    assert rows(world, UsedProof) == []


def test_a_member_erased_takes_their_proofs_along_and_nobody_elses(world, member):
    other = world.member()
    use(world, member)
    use(world, other, step=2)
    erased = world.as_member(member).post("/api/v1/my-data/erasure", json={"confirm": member.email})
    assert erased.status_code == 204, erased.text
    assert [proof.step for proof in rows(world, UsedProof)] == [2]
