"""What people do with passkeys (WebAuthn level 3): add one, rename it, remove it, sign in with it.

A passkey of Passapp is discoverable, so that nobody types an address to use it, and the device always checks who holds
it. It belongs to the host name of PASSAPP_PUBLIC_URL; answers count only from pages of exactly that address.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from passapp.accounts.models import Account, Passkey
from passapp.kernel.audit import Actor, record
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import ProblemType
from passapp.kernel.settings import Settings

MOST_PASSKEYS = 20
LONGEST_ID = 1023
"""Bytes of a credential's id (WebAuthn, 4)."""
LONGEST_KEY = 3000
"""Bytes of a public key that the table holds: far more than RSA of 16,384 bits."""

PASSKEYS_NOT_HERE = ProblemType(
    "passkeys_not_here",
    409,
    en="Passkeys need an address with a name, and {address} is a number. Sign in with a link by mail.",
    fr="Les clés d'accès demandent une adresse qui porte un nom ; {address} est un numéro. Connectez-vous par mail.",
)
PASSKEY_NOT_VALID = ProblemType(
    "passkey_not_valid",
    403,
    en="This passkey's answer is not good for {address}. Open that address and try again, or sign in with a link.",
    fr="La réponse de cette clé d'accès ne vaut pas pour {address}. Ouvrez cette adresse et réessayez, ou "
    "connectez-vous par mail.",
)
PASSKEY_NOT_KNOWN = ProblemType(
    "passkey_not_known",
    403,
    en="This passkey is not known here, or was removed. Sign in with a link by mail.",
    fr="Cette clé d'accès n'est pas connue ici, ou a été retirée. Connectez-vous par mail.",
)
PASSKEY_UNKNOWN = ProblemType(
    "passkey_unknown", 404, en="You have no such passkey.", fr="Vous n'avez pas cette clé d'accès."
)
PASSKEY_THERE = ProblemType(
    "passkey_there",
    409,
    en="This passkey has been added already.",
    fr="Cette clé d'accès est déjà enregistrée.",
)
TOO_MANY_PASSKEYS = ProblemType(
    "too_many_passkeys",
    409,
    en="You have {most} passkeys. Remove one that you no longer use first.",
    fr="Vous avez {most} clés d'accès. Retirez d'abord celle qui ne sert plus.",
)

Verified = TypeVar("Verified")


def may_have_passkeys(settings: Settings) -> bool:
    """Whether this deployment's address has a name: a passkey belongs to a name, never to a number."""
    try:
        ip_address(_host(settings))
    except ValueError:
        return True
    return False


def _host(settings: Settings) -> str:
    return urlsplit(settings.public_url).hostname or "localhost"


def _site(settings: Settings) -> str:
    """What passkeys belong to here (``rp.id``). Raises ``passkeys_not_here``."""
    if not may_have_passkeys(settings):
        raise PASSKEYS_NOT_HERE.error(address=_host(settings))
    return _host(settings)


def passkeys_of(session: Session, account_id: UUID) -> Sequence[Passkey]:
    """Somebody's passkeys, the oldest first."""
    return session.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)).all()


def ask_for_new_passkey(session: Session, account: Account, settings: Settings) -> dict[str, Any]:
    """What a device is asked to make a passkey (``PublicKeyCredentialCreationOptionsJSON``).

    Raises ``passkeys_not_here`` or ``too_many_passkeys``.
    """
    site = _site(settings)
    there = passkeys_of(session, account.id)
    if len(there) >= MOST_PASSKEYS:
        raise TOO_MANY_PASSKEYS.error(most=MOST_PASSKEYS)
    options = generate_registration_options(
        rp_id=site,
        rp_name=site,
        user_id=account.id.bytes,
        user_name=account.email,
        user_display_name=account.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(key.credential_id)) for key in there],
    )
    return options_to_json_dict(options)


def add_passkey(
    session: Session,
    account: Account,
    credential: dict[str, Any],
    challenge: str,
    name: str,
    *,
    settings: Settings,
    at: datetime,
    actor: Actor,
) -> Passkey:
    """Keep the public half of the passkey that a device made, and tell its owner by mail.

    ``credential`` is a ``RegistrationResponseJSON``. Raises ``passkey_not_valid``, ``passkey_there``,
    ``too_many_passkeys``.
    """
    site = _site(settings)
    made = _verified(
        settings,
        lambda: verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site,
            expected_origin=settings.public_url,
            require_user_verification=True,
        ),
    )
    if len(made.credential_id) > LONGEST_ID or len(made.credential_public_key) > LONGEST_KEY:
        raise _not_valid(settings)
    credential_id = bytes_to_base64url(made.credential_id)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == credential_id)) is not None:
        raise PASSKEY_THERE.error()
    if len(passkeys_of(session, account.id)) >= MOST_PASSKEYS:
        raise TOO_MANY_PASSKEYS.error(most=MOST_PASSKEYS)
    passkey = Passkey(
        account_id=account.id,
        credential_id=credential_id,
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        name=name,
        created_at=at,
    )
    session.add(passkey)
    session.flush()
    record(session, actor, at, "passkey.add", ("account", account.id), passkey_id=passkey.id)
    enqueue(session, at, "passkey_added", f"passkey_added:{passkey.id}", account.id)
    return passkey


def rename_passkey(
    session: Session, passkey_id: UUID, account_id: UUID, name: str, *, at: datetime, actor: Actor
) -> Passkey:
    """Call a passkey something else. Raises ``passkey_unknown``."""
    passkey = _own(session, passkey_id, account_id)
    passkey.name = name
    record(session, actor, at, "passkey.rename", ("account", account_id), passkey_id=passkey_id)
    return passkey


def remove_passkey(session: Session, passkey_id: UUID, account_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Make a passkey worthless here, and tell its owner by mail. Raises ``passkey_unknown``."""
    session.delete(_own(session, passkey_id, account_id))
    record(session, actor, at, "passkey.remove", ("account", account_id), passkey_id=passkey_id)
    enqueue(session, at, "passkey_removed", f"passkey_removed:{passkey_id}", account_id)


def _own(session: Session, passkey_id: UUID, account_id: UUID) -> Passkey:
    passkey = session.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account_id:
        raise PASSKEY_UNKNOWN.error()
    return passkey


def ask_for_passkey(settings: Settings) -> dict[str, Any]:
    """What a device is asked to sign somebody in (``PublicKeyCredentialRequestOptionsJSON``).

    Names nobody's passkeys: the device shows those that it has. Raises ``passkeys_not_here``.
    """
    options = generate_authentication_options(
        rp_id=_site(settings), user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json_dict(options)


def account_by_passkey(
    session: Session, credential: dict[str, Any], challenge: str, *, settings: Settings, at: datetime
) -> Account:
    """Whose passkey answered. ``credential`` is an ``AuthenticationResponseJSON``.

    Raises ``passkey_not_known``, or ``passkey_not_valid``: also where its count of signatures did not grow, which says
    that somebody copied it.
    """
    site = _site(settings)
    answer = _verified(settings, lambda: parse_authentication_credential_json(credential))
    known = select(Passkey).where(Passkey.credential_id == bytes_to_base64url(answer.raw_id))
    passkey = session.scalar(known.with_for_update())
    if passkey is None:
        raise PASSKEY_NOT_KNOWN.error()
    used = _verified(
        settings,
        lambda: verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site,
            expected_origin=settings.public_url,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        ),
    )
    if answer.response.user_handle != passkey.account_id.bytes:
        raise _not_valid(settings)
    passkey.sign_count = used.new_sign_count
    passkey.last_used_at = at
    return session.get_one(Account, passkey.account_id)


def _verified(settings: Settings, verify: Callable[[], Verified]) -> Verified:
    try:
        return verify()
    # A stranger's JSON, CBOR, ASN.1 and keys go through several libraries here: whatever they raise, it is not valid.
    except Exception:  # noqa: BLE001
        raise _not_valid(settings) from None


def _not_valid(settings: Settings) -> Exception:
    return PASSKEY_NOT_VALID.error(address=settings.public_url)
