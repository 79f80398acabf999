"""The network's signing keys: public halves in the database, private halves in files that only we can read."""

import os
import secrets
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import new_secret
from passapp.kernel.problems import ProblemType
from passapp.passes.encoding import decode_base64url, encode_base64url
from passapp.passes.models import IssuedPass, SigningKey

LONGEST_OFFLINE = timedelta(days=7)
PSEUDONYM_KEY = "pseudonyms.key"
_KID_SYMBOLS = "0123456789abcdefghijklmnopqrstuvwxyz"

KEY_TOO_YOUNG = ProblemType(
    "key_too_young",
    409,
    en="The next key was published on {when}: doors that are offline may not know it before 7 days have passed.",
    fr="La prochaine clé a été publiée le {when} : des téléphones hors connexion peuvent l'ignorer pendant 7 jours.",
)
KEY_FILE_MISSING = ProblemType(
    "key_file_missing",
    500,
    en="The private key {name} is not in the keys folder. Restore it, or run `passapp keys rotate --compromised`.",
    fr="La clé privée {name} manque au dossier des clés. Restaurez-la, ou : `passapp keys rotate --compromised`.",
)


def ensure_keys(session: Session, folder: Path, *, at: datetime) -> None:
    """Make a current and a next key where there is none."""
    if session.scalar(select(SigningKey.kid).where(SigningKey.promoted_at.is_not(None))) is None:
        _make_key(session, folder, at=at).promoted_at = at
    if session.scalar(select(SigningKey.kid).where(SigningKey.promoted_at.is_(None))) is None:
        _make_key(session, folder, at=at)
    pseudonym_key(folder)
    session.flush()


def pseudonym_key(folder: Path) -> bytes:
    """What pseudonyms are made with, from a file that only we can read; made where there is none."""
    file = folder / PSEUDONYM_KEY
    if not file.is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)  # for its owner only
        with os.fdopen(handle, "wb") as stream:
            stream.write(new_secret().encode())
            stream.flush()
            os.fsync(handle)
        # Whole or not at all, and never over another process's file.
        with suppress(FileExistsError):
            os.link(temporary, file)
        Path(temporary).unlink()
    return file.read_bytes()


def current_key(session: Session, folder: Path) -> tuple[str, Ed25519PrivateKey]:
    """The key that signs now, with its ``kid``. Raises ``key_file_missing``."""
    kid = session.scalars(
        select(SigningKey.kid).where(SigningKey.promoted_at.is_not(None), SigningKey.retired_at.is_(None))
    ).one()
    file = folder / f"{kid}.pem"
    if not file.is_file():
        raise KEY_FILE_MISSING.error(name=file.name)
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KEY_FILE_MISSING.error(name=file.name)
    return kid, key


def published_keys(session: Session, *, at: datetime) -> list[SigningKey]:
    """The next, the current, and former keys until the last expiry they signed."""
    still = or_(SigningKey.published_until.is_(None), SigningKey.published_until > at)
    return list(session.scalars(select(SigningKey).where(still).order_by(SigningKey.published_at, SigningKey.kid)))


def public_key_of(key: SigningKey) -> Ed25519PublicKey:
    """The public half of a key, ready to verify with."""
    return Ed25519PublicKey.from_public_bytes(decode_base64url(key.public_key) or b"")


def is_withdrawn(key: SigningKey) -> bool:
    """Whether it leaked: it was published no longer from the moment it was replaced."""
    return key.published_until is not None and key.published_until == key.retired_at


def rotate_keys(session: Session, folder: Path, *, compromised: bool, at: datetime, actor: Actor) -> str:
    """Promote the next key, and make another next one. Gives the new current ``kid``.

    ``compromised``: do not wait until every door knows the next key, and stop publishing the old one at once, which
    makes every printed card worthless. Raises ``key_too_young``.
    """
    ensure_keys(session, folder, at=at)
    following = session.scalars(select(SigningKey).where(SigningKey.promoted_at.is_(None))).one()
    if not compromised and at - following.published_at < LONGEST_OFFLINE:
        raise KEY_TOO_YOUNG.error(when=following.published_at.date().isoformat())
    present = session.scalars(
        select(SigningKey).where(SigningKey.promoted_at.is_not(None), SigningKey.retired_at.is_(None))
    ).one()
    last_expiry = session.scalar(select(func.max(IssuedPass.expires_at)))
    present.retired_at = at
    # A list that the old key signed is good for as long as a door may stay offline.
    present.published_until = at if compromised else max(last_expiry or at, at + LONGEST_OFFLINE)
    following.promoted_at = at
    _make_key(session, folder, at=at)
    session.flush()
    record(session, actor, at, "keys.rotate", ("signing_key", following.kid), compromised=compromised)
    return following.kid


def _make_key(session: Session, folder: Path, *, at: datetime) -> SigningKey:
    taken = set(session.scalars(select(SigningKey.kid)))
    kid = next(kid for kid in iter(_draw_kid, None) if kid not in taken)
    private = Ed25519PrivateKey.generate()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Created with its final permissions, and never over another key's file.
    with os.fdopen(os.open(folder / f"{kid}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = SigningKey(kid=kid, public_key=encode_base64url(private.public_key().public_bytes_raw()), published_at=at)
    session.add(key)
    return key


def _draw_kid() -> str:
    return "".join(secrets.choice(_KID_SYMBOLS) for _ in range(3))
