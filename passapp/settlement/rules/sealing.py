"""What the network signs of a statement, and how that is checked by whoever has its public key. Pure.

A seal names a statement by its hash and the one before it by its own: who changes a statement, or leaves one out,
breaks the chain. The month's hash stands in the statement itself.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from passapp.passes.encoding import decode_base64url, encode_base64url

SEAL_SCHEMA: Final = "passapp/seal/1"

Seal = dict[str, Any]


def seal_of(network: str, month: str, place: str, number: int, sha256: str, previous_sha256: str | None) -> Seal:
    """What is signed: the version ``number`` of a place's statement of a month."""
    return {
        "schema": SEAL_SCHEMA,
        "network": network,
        "month": month,
        "place": place,
        "number": number,
        "sha256": sha256,
        "previous_sha256": previous_sha256,
    }


def sign(seal: Seal, key: Ed25519PrivateKey) -> str:
    """The Ed25519 signature of a seal's canonical bytes (RFC 8785), in base64url."""
    return encode_base64url(key.sign(rfc8785.dumps(seal)))


def seal_flaws(sealed: Mapping[str, Any], keys: Mapping[str, Ed25519PublicKey]) -> list[str]:
    """What is wrong with a sealed statement, in words. ``keys``: the network's public keys for statements, by ``kid``.

    ``sealed`` may be any JSON object of that schema.
    """
    statement, seal = sealed.get("statement"), sealed.get("seal")
    if not isinstance(statement, dict) or not isinstance(seal, dict):
        return ["it holds no statement, or no seal"]
    flaws = []
    if seal.get("sha256") != hashlib.sha256(rfc8785.dumps(statement)).hexdigest():
        flaws.append("the statement does not have the hash that the seal says")
    if any(seal.get(name) != statement.get(name) for name in ("network", "month", "place")):
        flaws.append("the seal is of another network, month or place")
    key = keys.get(str(sealed.get("kid")))
    if key is None:
        return [*flaws, f"no key {str(sealed.get('kid'))[:20]} of this network is known"]
    try:
        key.verify(decode_base64url(str(sealed.get("signature"))) or b"", rfc8785.dumps(seal))
    except InvalidSignature:
        flaws.append("the signature is not the network's")
    return flaws


def chain_flaws(sealed: Mapping[str, Any], before_sha256: str) -> list[str]:
    """Whether a sealed statement names the one before it, whose hash is given. ``sealed`` may be any such object."""
    seal = sealed.get("seal")
    follows = isinstance(seal, dict) and seal.get("previous_sha256") == before_sha256
    return [] if follows else ["it does not follow the statement given before it"]
