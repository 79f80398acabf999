import json
import random
import zlib
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from passapp.passes.encoding import INDICES, encode_base64url
from passapp.passes.status_list import (
    Status,
    compress_statuses,
    pack_statuses,
    sign_status_list,
    status_at,
    status_in,
    unpack_statuses,
)

ISSUED = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
URI = "https://pass.example/api/v1/status-list"
# The specification's own list of 2^20 statuses of 2 bits (Token Status List, appendix of test vectors).
SPECIFIED = (
    "eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAA"
    "AAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAA"
    "AAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw"
)
EXPECTED = {
    0: 1,
    1993: 2,
    25460: 1,
    159495: 3,
    495669: 1,
    554353: 1,
    645645: 2,
    723232: 1,
    854545: 1,
    934534: 2,
    1000345: 3,
}


def read(text: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    return jwt.decode(text, key.public_key(), ["EdDSA"], options={"verify_exp": False})


@pytest.mark.parametrize("index,status", EXPECTED.items())
def test_the_specifications_list_is_read(index: int, status: int) -> None:
    packed = unpack_statuses(SPECIFIED)
    assert status_in(packed, index) == status
    assert status_in(packed, index + 1) == 0


def test_a_list_is_compressed_as_the_specification_compresses_it() -> None:
    assert compress_statuses(unpack_statuses(SPECIFIED)) == SPECIFIED


def test_statuses_are_packed_as_the_specification_packs_them() -> None:
    first = dict(enumerate([1, 2, 0, 0, 0, 1, 0, 1, 1, 2, 0, 0]))
    packed = pack_statuses({index: Status(status) for index, status in first.items()})
    assert packed[:3] == bytes([0b00001001, 0b01000100, 0b00001001])


@given(
    statuses=st.dictionaries(st.integers(0, INDICES - 1), st.sampled_from(Status), max_size=50),
    other=st.integers(0, INDICES - 1),
)
def test_every_status_is_read_as_it_was_packed(statuses: dict[int, Status], other: int) -> None:
    packed = unpack_statuses(compress_statuses(pack_statuses(statuses)))
    for index in (*statuses, other):
        assert status_in(packed, index) == statuses.get(index, Status.VALID)


def test_a_list_that_is_not_whole_is_not_read() -> None:
    whole = bytes(INDICES // 4)
    for packed in (whole[:-1], whole + b"\0", bytes(10**8), b""):
        with pytest.raises(ValueError, match="status list"):
            unpack_statuses(compress_statuses(packed))
    compressed = zlib.compress(whole)
    for data in (compressed[:-5], compressed + b"\0", b"no zlib"):
        with pytest.raises(ValueError, match="status list"):
            unpack_statuses(encode_base64url(data))
    with pytest.raises(ValueError, match="status list"):
        unpack_statuses("not base64!")


@pytest.mark.parametrize("index", [-1, INDICES])
def test_no_index_lies_outside_the_list(index: int) -> None:
    with pytest.raises(ValueError, match="status list"):
        pack_statuses({index: Status.REVOKED})
    with pytest.raises(ValueError, match="status list"):
        status_in(bytes(INDICES // 4), index)


def test_the_token_says_what_the_specification_asks_for(private_key: Ed25519PrivateKey) -> None:
    text = sign_status_list({7: Status.SUSPENDED}, uri=URI, issued_at=ISSUED, private_key=private_key, kid="k1")
    claims = read(text, private_key)
    assert jwt.get_unverified_header(text) == {"alg": "EdDSA", "kid": "k1", "typ": "statuslist+jwt"}
    assert claims.pop("status_list").keys() == {"bits", "lst"}
    assert claims == {
        "sub": URI,
        "iat": int(ISSUED.timestamp()),
        "exp": int(ISSUED.timestamp()) + 7 * 86_400,
        "ttl": 300,
    }


def test_a_door_reads_the_statuses_from_the_token(private_key: Ed25519PrivateKey) -> None:
    statuses = {0: Status.REVOKED, 5: Status.SUSPENDED, INDICES - 1: Status.REVOKED}
    text = sign_status_list(statuses, uri=URI, issued_at=ISSUED, private_key=private_key, kid="k1")
    status_list = read(text, private_key)["status_list"]
    assert status_list["bits"] == 2
    assert {index: status_at(status_list["lst"], index) for index in (0, 1, 5, INDICES - 1)} == {
        0: 1,
        1: 0,
        5: 2,
        INDICES - 1: 1,
    }


def test_the_list_of_a_large_network_stays_small(private_key: Ed25519PrivateKey) -> None:
    revoked = dict.fromkeys(random.Random(1).sample(range(INDICES), 1_000), Status.REVOKED)
    text = sign_status_list(revoked, uri=URI, issued_at=ISSUED, private_key=private_key, kid="k1")
    assert len(text) < 6_000


def test_the_list_does_not_tell_the_order_in_which_it_was_filled() -> None:
    one = {3: Status.REVOKED, 9: Status.SUSPENDED}
    other = {9: Status.SUSPENDED, 3: Status.REVOKED}
    assert json.dumps(compress_statuses(pack_statuses(one))) == json.dumps(compress_statuses(pack_statuses(other)))
