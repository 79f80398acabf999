"""ID tokens: whose signature, for whom, of when. Real signatures; no provider, and no database, is needed to refuse."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from passapp.accounts.provider import ALGORITHMS, Provider, verify_id_token

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CURVE = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
KEYS = KeySet.import_key_set({"keys": [KEY.as_dict(private=False), CURVE.as_dict(private=False)]})
PROVIDER = Provider(
    issuer="https://id.example",
    authorization_endpoint="https://id.example/auth",
    token_endpoint="https://id.example/token",
    jwks_uri="https://id.example/jwks",
    userinfo_endpoint=None,
    algorithms=ALGORITHMS,
    takes_secret_in_body=True,
    names_itself=True,
    configured_as="https://id.example",
    until=NOW,
)
CLAIMS = {
    "iss": "https://id.example",
    "sub": "248289761001",
    "aud": "passapp",
    "nonce": "n-0S6",
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + timedelta(minutes=5)).timestamp()),
}


def signed(key=KEY, algorithm="RS256", **changes):
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    return jwt.encode(
        {"alg": algorithm, "kid": "one" if key is not CURVE else "two"}, claims, key, algorithms=[algorithm]
    )


def verify(text, *, now=NOW, provider=PROVIDER):
    return verify_id_token(text, KEYS, provider, client_id="passapp", nonce="n-0S6", access_token="token", now=now)


@pytest.mark.parametrize(
    "text",
    [
        signed(),
        signed(CURVE, "ES256"),
        signed(aud=["passapp"]),
        signed(aud=["passapp", "another"], azp="passapp"),
        signed(iat=int((NOW + timedelta(seconds=50)).timestamp())),
    ],
    ids=["RSA", "a curve", "a list of one", "several, for us", "by a clock a little ahead"],
)
def test_what_the_provider_signed_for_us_now_is_accepted(text):
    assert verify(text)["sub"] == "248289761001"


def by_hand(header, secret=None):
    """A token that no honest library would sign."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, CLAIMS)]
    signature = hmac.digest(secret, b".".join(parts), "sha256") if secret else b""
    return b".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=")]).decode()


WRONG = {
    "another issuer": signed(iss="https://evil.example"),
    "no issuer": signed(iss=None),
    "another audience": signed(aud="another"),
    "another audience, but us as the party": signed(aud="another", azp="passapp"),
    "no audience": signed(aud=None),
    "several audiences and no party": signed(aud=["passapp", "another"]),
    "another party": signed(aud=["passapp", "another"], azp="another"),
    "expired": signed(exp=int((NOW - timedelta(minutes=2)).timestamp())),
    "no end": signed(exp=None),
    "of the future": signed(iat=int((NOW + timedelta(minutes=2)).timestamp())),
    "another nonce": signed(nonce="another"),
    "no nonce": signed(nonce=None),
    "no subject": signed(sub=None),
    "an endless subject": signed(sub="x" * 256),
    "a subject that no database takes": signed(sub="a\x00b"),
    "a subject that is a number": signed(sub=7),
    "another access token's": signed(at_hash="77QmUPtjPfzWtF2AnpK9RQ"),
    "another key": signed(OTHER),
    "the public key as a shared secret": by_hand({"alg": "HS256", "kid": "one"}, KEY.as_pem(private=False)),
    "no signature": by_hand({"alg": "none"}),
    "nothing": "",
    "not three parts": "a.b",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_anything_else_is_refused(text):
    with pytest.raises((JoseError, ValueError, TypeError)):
        verify(text)


def test_an_algorithm_that_the_provider_does_not_announce_is_refused():
    one = Provider(**{**vars(PROVIDER), "algorithms": frozenset({"ES256"})})
    assert verify(signed(CURVE, "ES256"), provider=one)["sub"] == "248289761001"
    with pytest.raises(JoseError):
        verify(signed(), provider=one)


def test_neither_none_nor_a_shared_secret_is_ever_an_algorithm():
    assert not {name for name in ALGORITHMS if name == "none" or name.startswith("HS")}
