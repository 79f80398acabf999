"""Identifiers and secrets."""

import hashlib
import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

KEY_PREFIX = "passapp_"
"""Begins every API key, so that scanners for leaked secrets, and we ourselves, know one when they see it."""


def new_id() -> UUID:
    """A UUIDv7: sorts by the time it was made, which keeps indexes compact."""
    return uuid7()


def new_secret() -> str:
    """32 random bytes as URL-safe text: session cookies, door tokens, link tokens."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What the database keeps of a secret: SHA-256 suffices for 32 random bytes."""
    return hashlib.sha256(secret.encode()).hexdigest()
