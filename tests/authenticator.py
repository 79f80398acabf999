"""A device that makes and uses passkeys, in software: real keys and signatures, and what a dishonest one would send.

WebAuthn level 3: the client data of section 5.8.1, the authenticator data of 6.1, attestation "none" of 8.7.
"""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one passkey. ``origin``: of the page that it is on; ``site``: for which it signs."""

    origin: str = "http://testserver"
    site: str | None = None
    flags: int = PRESENT | VERIFIED
    count: int = 0
    user: bytes = b""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make a passkey; gives a ``RegistrationResponseJSON``."""
        self.user = data(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        about = self._about(options["rp"]["id"], ATTESTED) + attested
        return self._credential(
            {
                "clientDataJSON": text(self._client_data("webauthn.create", options["challenge"])),
                "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})),
            }
        )

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """Sign in; gives an ``AuthenticationResponseJSON``."""
        self.count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        about = self._about(options["rpId"])
        signed = about + hashlib.sha256(client_data).digest()
        return self._credential(
            {
                "clientDataJSON": text(client_data),
                "authenticatorData": text(about),
                "signature": text(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": text(self.user),
            }
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _about(self, site: str, more: int = 0) -> bytes:
        hashed = hashlib.sha256((self.site or site).encode()).digest()
        return hashed + bytes([self.flags | more]) + struct.pack(">I", self.count)

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}
