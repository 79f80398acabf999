"""The network's own identity provider (OpenID Connect Core 1.0: code flow with PKCE, state and nonce).

What speaks to the provider here holds no transaction: it may take seconds. Every request to it gives up after five
seconds of silence, follows no redirect, and goes over HTTPS, or to this very machine. A provider that sends a byte now
and then is never silent: it holds up to eight of our threads for as long as it likes, and no other way to sign in.
"""

import hmac
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jws import JWSRegistry
from requests import RequestException
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from passapp.accounts.challenges import CHALLENGE_OVER
from passapp.accounts.models import Account, LinkedIdentity
from passapp.accounts.rules import canonical_email
from passapp.kernel.audit import Actor, record
from passapp.kernel.ids import new_id, new_secret
from passapp.kernel.outbox import enqueue
from passapp.kernel.problems import ProblemType
from passapp.kernel.settings import Settings
from passapp.kernel.smtp import is_this_machine

PATIENCE = 5
"""Seconds."""
KNOWN_FOR = timedelta(hours=1)
LEEWAY = 60
"""Seconds by which the provider's clock may differ from ours."""
AT_ONCE = BoundedSemaphore(8)
"""How many speak to the provider: a fifth of the threads, so that one that hangs keeps no door waiting."""
LONGEST = 255
"""Characters of an issuer and of a subject (OpenID Connect Core, 2)."""
# Signatures that only the provider can make: with HS256 whoever knows our secret could, with "none" anybody.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
CALLBACK = "/sign-in/provider"
"""The page that the provider sends browsers back to, below PASSAPP_PUBLIC_URL."""

NO_PROVIDER = ProblemType(
    "no_provider",
    404,
    en="This network has no identity provider of its own. Sign in with a link by mail.",
    fr="Ce réseau n'a pas de service d'identité à lui. Connectez-vous par mail.",
)
PROVIDER_UNAVAILABLE = ProblemType(
    "provider_unavailable",
    502,
    en="{provider} does not answer as it should. Try again in a moment, or sign in with a link by mail.",
    fr="{provider} ne répond pas comme il faut. Réessayez dans un moment, ou connectez-vous par mail.",
)
PROVIDER_ANSWER_NOT_VALID = ProblemType(
    "provider_answer_not_valid",
    403,
    en="What {provider} said of you has been used already or is not valid. Please start again.",
    fr="Ce que {provider} a dit de vous a déjà servi ou n'est pas valable. Recommencez.",
)
NOT_ONE_OF_US = ProblemType(
    "not_one_of_us",
    403,
    en="{provider} knows you, but nobody here has your e-mail address. Ask your place or the coordination to add you.",
    fr="{provider} vous connaît, mais personne ici n'a votre adresse e-mail. Demandez à votre lieu ou à la "
    "coordination de vous ajouter.",
)
EMAIL_NOT_VERIFIED = ProblemType(
    "email_not_verified",
    403,
    en="{provider} has not verified your e-mail address. Verify it there and try again, or sign in by mail.",
    fr="{provider} n'a pas vérifié votre adresse e-mail. Faites-la vérifier là-bas, ou connectez-vous par mail.",
)

_log = logging.getLogger(__name__)


class _NotAsItShouldError(ValueError):
    """What a provider says makes no sense. The sentence is for whoever runs Passapp, and holds nothing of a person."""


@dataclass(frozen=True)
class Provider:
    """What the provider's discovery document says (OpenID Connect Discovery 1.0), known until ``until``."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    algorithms: frozenset[str]
    takes_secret_in_body: bool
    names_itself: bool
    """Its answers carry ``iss`` (RFC 9207): one without it is another's."""
    configured_as: str
    until: datetime


@dataclass(frozen=True)
class Identity:
    """Who somebody is, says the provider."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool


def provider_name(settings: Settings) -> str | None:
    """What people call the provider: its configured name, else its host; None where the network has none."""
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return None
    return settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or settings.oidc_issuer


def discover(settings: Settings, known: Provider | None, *, now: datetime) -> Provider:
    """The provider, as ``known`` if that is of this hour, else as it says now.

    Raises ``no_provider``, or ``provider_unavailable``.
    """
    if provider_name(settings) is None:
        raise NO_PROVIDER.error()
    if known is not None and known.configured_as == settings.oidc_issuer and now < known.until:
        return known
    with _spoken_to(settings), _client(settings) as client:
        issuer = settings.oidc_issuer.rstrip("/")
        said = _get(client, f"{issuer}/.well-known/openid-configuration")
        if said["issuer"].rstrip("/") != issuer:
            raise _NotAsItShouldError("its discovery document names another issuer than PASSAPP_OIDC_ISSUER")
        algorithms = ALGORITHMS & frozenset(said.get("id_token_signing_alg_values_supported", ["RS256"]))
        userinfo = said.get("userinfo_endpoint")
        return Provider(
            issuer=said["issuer"],
            authorization_endpoint=_safe(said["authorization_endpoint"]),
            token_endpoint=_safe(said["token_endpoint"]),
            jwks_uri=_safe(said["jwks_uri"]),
            userinfo_endpoint=_safe(userinfo) if userinfo else None,
            algorithms=algorithms,
            takes_secret_in_body="client_secret_post" in said.get("token_endpoint_auth_methods_supported", ()),
            names_itself=said.get("authorization_response_iss_parameter_supported") is True,
            configured_as=settings.oidc_issuer,
            until=now + KNOWN_FOR,
        )


def address_to_leave_for(settings: Settings, provider: Provider) -> tuple[str, dict[str, str]]:
    """Where to send a browser, and what it must prove to have been asked when it comes back."""
    asked = {"state": new_secret(), "nonce": new_secret(), "verifier": new_secret()}
    with _client(settings) as client:
        url, _ = client.create_authorization_url(
            provider.authorization_endpoint,
            state=asked["state"],
            nonce=asked["nonce"],
            code_verifier=asked["verifier"],
        )
    return str(url), asked


def identify(
    settings: Settings,
    provider: Provider,
    asked: dict[str, Any],
    *,
    code: str,
    state: str,
    issuer: str | None,
    now: datetime,
) -> Identity:
    """Who came back with this ``code``, says the provider; ``issuer`` is the answer's ``iss``, if it has one.

    Raises ``challenge_over`` for another browser's ``state``, ``provider_answer_not_valid``, ``provider_unavailable``.
    """
    if not hmac.compare_digest(state.encode(), asked["state"].encode()):
        raise CHALLENGE_OVER.error()
    if issuer != provider.issuer and (issuer is not None or provider.names_itself):
        raise PROVIDER_ANSWER_NOT_VALID.error(provider=provider_name(settings))
    with _spoken_to(settings), _client(settings, provider) as client:
        token = client.fetch_token(
            provider.token_endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=asked["verifier"],
            allow_redirects=False,
        )
        keys = KeySet.import_key_set(cast("KeySetSerialization", _get(client, provider.jwks_uri)))
    try:
        claims = verify_id_token(
            token["id_token"],
            keys,
            provider,
            client_id=settings.oidc_client_id,
            nonce=asked["nonce"],
            access_token=token.get("access_token"),
            now=now,
        )
    except (JoseError, ValueError, TypeError, KeyError) as error:
        _log.warning("what the identity provider signed was refused: %s", type(error).__name__)
        raise PROVIDER_ANSWER_NOT_VALID.error(provider=provider_name(settings)) from None
    if "email" not in claims and provider.userinfo_endpoint:
        with _spoken_to(settings), _client(settings, token=token) as client:
            more = _get(client, provider.userinfo_endpoint, withhold_token=False)
            if more.get("sub") != claims["sub"]:  # OpenID Connect Core, 5.3.2
                raise _NotAsItShouldError("its user info is about another subject than its ID token")
            claims = more | claims
    return Identity(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=_email(claims.get("email")),
        email_verified=claims.get("email_verified") in (True, "true"),
    )


def verify_id_token(
    text: str,
    keys: KeySet,
    provider: Provider,
    *,
    client_id: str,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The claims of an ID token, verified as OpenID Connect Core 3.1.3.7 asks.

    Raises ``JoseError``, ``ValueError`` or ``TypeError`` for one that is not the provider's, not for us, not for this
    sign-in, or not of now.
    """
    registry = JWSRegistry(algorithms=provider.algorithms, strict_check_header=False)
    token = jwt.decode(text, keys, registry=registry)
    claims = CodeIDToken(
        token.claims,
        token.header,
        {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": client_id},
            "sub": {"essential": True},
        },
        {"nonce": nonce, "client_id": client_id, "access_token": access_token},
    )
    claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    subject = claims["sub"]
    if not (isinstance(subject, str) and subject.isascii() and subject.isprintable() and len(subject) <= LONGEST):
        raise _NotAsItShouldError("the subject is not of 255 printable ASCII characters at most")
    return dict(claims)


def account_of(
    session: Session, identity: Identity, *, settings: Settings, at: datetime, address: str | None
) -> Account:
    """Whose account this identity is: the one linked with it, else the one with its verified e-mail address.

    Nobody is made by it. Raises ``not_one_of_us`` or ``email_not_verified``.
    """
    linked = select(Account).join(LinkedIdentity, LinkedIdentity.account_id == Account.id)
    whose = linked.where(LinkedIdentity.issuer == identity.issuer, LinkedIdentity.subject == identity.subject)
    if (account := session.scalar(whose)) is not None:
        return account
    name = provider_name(settings)
    if identity.email is not None and not identity.email_verified:
        raise EMAIL_NOT_VERIFIED.error(provider=name)
    account = session.scalar(select(Account).where(Account.email == identity.email))
    if account is None:
        raise NOT_ONE_OF_US.error(provider=name)
    session.add(LinkedIdentity(issuer=identity.issuer, subject=identity.subject, account_id=account.id, linked_at=at))
    record(session, Actor("account", account.id, address), at, "identity.link", ("account", account.id))
    enqueue(session, at, "identity_linked", f"identity_linked:{new_id()}", account.id)
    return account


def identities_of(session: Session, account_id: UUID) -> Sequence[LinkedIdentity]:
    """Who somebody is at providers, the first linked first."""
    mine = select(LinkedIdentity).where(LinkedIdentity.account_id == account_id)
    return session.scalars(mine.order_by(LinkedIdentity.linked_at, LinkedIdentity.subject)).all()


def unlink_identities(session: Session, account_id: UUID, *, at: datetime, actor: Actor) -> None:
    """Let no provider sign somebody in by what it said before, and tell them by mail; nothing linked, nothing done.

    Who comes from the provider again with the account's verified e-mail address is linked again.
    """
    gone = delete(LinkedIdentity).where(LinkedIdentity.account_id == account_id).returning(LinkedIdentity.subject)
    if session.scalars(gone).all():
        record(session, actor, at, "identity.unlink", ("account", account_id))
        enqueue(session, at, "identity_unlinked", f"identity_unlinked:{new_id()}", account_id)


def _email(text: object) -> str | None:
    try:
        return canonical_email(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _client(settings: Settings, provider: Provider | None = None, token: Any = None) -> OAuth2Session:  # noqa: ANN401
    secret = settings.oidc_client_secret
    method = "client_secret_post" if provider is not None and provider.takes_secret_in_body else "client_secret_basic"
    return OAuth2Session(
        settings.oidc_client_id,
        secret.get_secret_value() if secret else None,
        token_endpoint_auth_method=method if secret else "none",
        scope="openid email",
        redirect_uri=settings.public_url + CALLBACK,
        code_challenge_method="S256",
        token=token,
        default_timeout=PATIENCE,
    )


def _get(client: OAuth2Session, url: str, *, withhold_token: bool = True) -> dict[str, Any]:
    answer = client.get(_safe(url), withhold_token=withhold_token, allow_redirects=False)
    answer.raise_for_status()
    said = answer.json()
    if not isinstance(said, dict):
        raise _NotAsItShouldError("it answers with something else than a JSON object")
    return said


def _safe(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
        return url
    raise _NotAsItShouldError("one of its addresses is not https://")


@contextmanager
def _spoken_to(settings: Settings) -> Iterator[None]:
    """Speak to the provider: whatever it does instead of answering, the person is told which way is left.

    Its own words stay out of the log, which must hold nothing of a person; our sentences and codes do not.
    """
    if not AT_ONCE.acquire(blocking=False):
        raise PROVIDER_UNAVAILABLE.error(provider=provider_name(settings))
    try:
        yield
    except OAuthError as error:
        if error.error == "invalid_grant":
            raise PROVIDER_ANSWER_NOT_VALID.error(provider=provider_name(settings)) from None
        _log.error("the identity provider refuses us: %s", error.error)
        raise PROVIDER_UNAVAILABLE.error(provider=provider_name(settings)) from None
    except (RequestException, AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        why = str(error) if isinstance(error, _NotAsItShouldError) else type(error).__name__
        _log.error("the identity provider does not answer as it should: %s", why)
        raise PROVIDER_UNAVAILABLE.error(provider=provider_name(settings)) from None
    finally:
        AT_ONCE.release()
