"""People who sign in, for tests: the console and an identity provider that make their tokens."""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import Key, OctKey, OKPKey, RSAKey
from pydantic import SecretStr

from heedful.common.actor_settings import ConsoleSettings, OidcSettings
from heedful.common.http.auth import Authenticator
from heedful.common.security.actors import ActorTokens
from heedful.common.security.actors.oidc import OidcTokens
from heedful.common.security.actors.signing_keys import SigningKeys
from heedful.common.security.actors.tokens import open_tokens
from heedful.common.service import Platform

TENANT: Final = "acme"
ISSUER: Final = "https://login.example.com/realms/acme"
NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
ALGORITHMS: Final = ["HS256", "HS384", "RS256", "ES256", "EdDSA", "Ed25519", "none"]


def claims(now: datetime, life: timedelta = MINUTE, **changes: Any) -> dict[str, Any]:
    """Of a lead of the first tenant; a change to None leaves the claim out."""
    issued = int(now.timestamp())
    all_of_them = {
        "aud": "heedful",
        "tenant": TENANT,
        "sub": "wang.fang",
        "role": "lead",
        "iat": issued,
        "exp": issued + int(life.total_seconds()),
        **changes,
    }
    return {name: value for name, value in all_of_them.items() if value is not None}


def signed(claims: Mapping[str, Any], key: Key, alg: str, **header: Any) -> str:
    """A token with this header; the library's own tests of what may be signed are off."""
    return jwt.encode({"alg": alg, **header}, dict(claims), key, algorithms=ALGORITHMS)


def forged(claims: Mapping[str, Any], secret: bytes, alg: str, **header: Any) -> str:
    """A token that takes these bytes for a secret, which no library lets one do with a key."""
    parts = ({"alg": alg, **header}, claims)
    body = ".".join(_url(json.dumps(part).encode()) for part in parts)
    digest = hmac.digest(secret, body.encode(), f"sha{alg[2:]}")
    return f"{body}.{_url(digest)}"


class Console:
    """Signs with Ed25519 or with a shared secret."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public: bytes = self.private.public_key().public_bytes_raw()
        self.secret = b"a secret of at least thirty-two bytes"
        self.key = OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "x": _url(self.public), "d": _url(self._seed())}
        )

    def settings(self) -> ConsoleSettings:
        return ConsoleSettings(
            public_keys=(f"main:{_plain(self.public)}",),
            secrets=(SecretStr(f"shared:{_plain(self.secret)}"),),
        )

    def tokens(self, now: datetime) -> ActorTokens:
        """Who judges them, at this time."""
        opened = open_tokens(OidcSettings(), self.settings())
        return ActorTokens(opened.console, now=lambda: now)

    def believed(self, platform: Platform, now: datetime) -> Platform:
        """The platform, on which its tokens are taken."""
        return replace(platform, auth=Authenticator(platform.auth.keys, self.tokens(now)))

    def token(self, now: datetime, life: timedelta = MINUTE, **changes: Any) -> str:
        return signed(claims(now, life, **changes), self.key, "Ed25519", kid="main")

    def shared_token(self, now: datetime, **changes: Any) -> str:
        key = OctKey.import_key(self.secret)
        return signed(claims(now, **changes), key, "HS256", kid="shared")

    def headers(self, now: datetime, **changes: Any) -> dict[str, str]:
        """The header of a request by a person."""
        return {"X-Actor-Token": self.token(now, **changes)}

    def _seed(self) -> bytes:
        return self.private.private_bytes_raw()


class IdentityProvider:
    """An OpenID provider: it publishes keys, or does not answer."""

    def __init__(self) -> None:
        self.private = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.published: list[Key] = [self.private]
        self.away = False
        self.asked = 0
        self.clock = 0.0

    async def fetch(self) -> Sequence[Key]:
        self.asked += 1
        if self.away:
            raise ConnectionRefusedError
        return list(self.published)

    def oidc(self, **changes: Any) -> OidcTokens:
        settings = OidcSettings(issuer=ISSUER, **changes)
        return OidcTokens(settings, ISSUER, SigningKeys(self.fetch, lambda: self.clock))

    def tokens(self, now: datetime, **changes: Any) -> ActorTokens:
        """Who judges them, at this time."""
        return ActorTokens(oidc=self.oidc(**changes), now=lambda: now)

    def token(self, now: datetime, **changes: Any) -> str:
        return signed(claims(now, **{"iss": ISSUER, **changes}), self.private, "RS256", kid="one")


def _url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _plain(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
