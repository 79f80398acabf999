"""Recognising a scan that comes again, without keeping what was scanned.

Check-ins are kept for ever, and who came must not: a plain hash of a pass or of a short code leads whoever has the
passes back to its holder, long after ``visit_identity`` was purged. So what was said is sealed with the token of the
device that sent it, which the device alone has.
"""

import hashlib
import hmac
from dataclasses import dataclass

from passapp.kernel.ids import hash_secret, new_secret

_NAME = 16
"""Characters of a seal that say with which token it was made; the other 48 are the seal itself."""


@dataclass(frozen=True)
class Seal:
    """One token's seal. ``name`` is public, and stands before each of its marks."""

    name: str
    secret: bytes

    @classmethod
    def of(cls, token: str) -> "Seal":
        """The seal of the device that has this token."""
        return cls(hash_secret(token)[:_NAME], token.encode())

    @classmethod
    def of_nobody(cls) -> "Seal":
        """A seal that nobody makes again: of scans that come without their device."""
        return cls.of(new_secret())

    def mark(self, said: bytes) -> str:
        """What stands for ``said`` in the database: 64 characters."""
        return self.name + hmac.digest(self.secret, said, hashlib.sha256).hex()[: 64 - _NAME]

    def refutes(self, kept: str, said: bytes) -> bool:
        """Whether ``kept`` is this seal's, and of something else; of another seal's marks nothing is known."""
        return kept[:_NAME] == self.name and not hmac.compare_digest(kept, self.mark(said))
