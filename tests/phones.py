"""A member's phone as the tests have it: a key of its own, and a new proof for its live pass at every step."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passapp.passes.encoding import encode_base64url
from passapp.passes.live import LiveText, proof_message, step_at, write_live


@dataclass(frozen=True)
class Phone:
    """Shows live passes."""

    private_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public_key(self) -> str:
        """What it is registered by."""
        return encode_base64url(self.private_key.public_key().public_bytes_raw())

    def show(self, jwt: str, at: datetime | int) -> str:
        """What its QR code says at that instant, or at that step."""
        step = at if isinstance(at, int) else step_at(at)
        return write_live(LiveText(jwt, step, self.private_key.sign(proof_message(jwt, step))))
