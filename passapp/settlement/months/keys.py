"""The key that signs statements: its public half in the database, its private half in a file that only we can read.

It signs nothing else: whoever got hold of a door's or a pass's key cannot make a statement.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from sqlalchemy import select
from sqlalchemy.orm import Session

from passapp.kernel.audit import SYSTEM, Actor, record
from passapp.passes.encoding import decode_base64url, encode_base64url
from passapp.passes.keys import KEY_FILE_MISSING
from passapp.settlement.months.models import StatementKey

_SYMBOLS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def signing_key(session: Session, folder: Path, *, at: datetime) -> tuple[str, Ed25519PrivateKey]:
    """The key that signs now, with its ``kid``; made where there is none. Raises ``key_file_missing``."""
    kid = session.scalar(select(StatementKey.kid).where(StatementKey.retired_at.is_(None)))
    if kid is None:
        return _make_key(session, folder, at=at, actor=SYSTEM)
    file = folder / f"{kid}.pem"
    key = load_pem_private_key(file.read_bytes(), password=None) if file.is_file() else None
    if not isinstance(key, Ed25519PrivateKey):
        raise KEY_FILE_MISSING.error(name=file.name)
    return kid, key


def renew_key(session: Session, folder: Path, *, at: datetime, actor: Actor) -> str:
    """Retire the key that leaked or was lost, and make another. What it signed stays verifiable. Gives the ``kid``."""
    for key in session.scalars(select(StatementKey).where(StatementKey.retired_at.is_(None))):
        key.retired_at = at
    session.flush()
    return _make_key(session, folder, at=at, actor=actor)[0]


def statement_keys(session: Session) -> dict[str, str]:
    """Every public key that ever signed statements, in base64url, by ``kid``: a statement is kept for ten years."""
    rows = session.scalars(select(StatementKey).order_by(StatementKey.made_at, StatementKey.kid))
    return {row.kid: row.public_key for row in rows}


def retired_keys(session: Session) -> dict[str, datetime]:
    """Since when former keys sign no more, by ``kid``: whoever took one could sign with it all the same."""
    rows = session.scalars(select(StatementKey).where(StatementKey.retired_at.is_not(None)).order_by(StatementKey.kid))
    return {row.kid: row.retired_at for row in rows if row.retired_at}


def read_keys(written: dict[str, str]) -> dict[str, Ed25519PublicKey]:
    """Public keys as written, ready to verify with. Raises ``ValueError`` for what is none."""
    return {kid: Ed25519PublicKey.from_public_bytes(decode_base64url(key) or b"") for kid, key in written.items()}


def _make_key(session: Session, folder: Path, *, at: datetime, actor: Actor) -> tuple[str, Ed25519PrivateKey]:
    kid = "s" + "".join(secrets.choice(_SYMBOLS) for _ in range(7))
    private = Ed25519PrivateKey.generate()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Created with its final permissions, and never over another key's file.
    with os.fdopen(os.open(folder / f"{kid}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = encode_base64url(private.public_key().public_bytes_raw())
    session.add(StatementKey(kid=kid, public_key=public, made_at=at))
    session.flush()
    record(session, actor, at, "keys.statements", ("statement_key", kid))
    return kid, private
