"""Tokens that say for whom the console asks: docs/actors.md, "Tokens of the console"."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey

from heedful.common.security.roles import Role

LIFE_S: Final = 120
"""Of a token. Services take at most 300 s; one is made anew for each request."""
_AUDIENCE: Final = "heedful"
_ALGORITHM: Final = "Ed25519"


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody who has signed in, as services know them."""

    tenant: str
    person: str
    role: Role


@dataclass(frozen=True, slots=True)
class Alone:
    """Nobody: the console asks for itself, as a machine of the tenant."""

    tenant: str


class Signer:
    """Signs tokens with the console's key."""

    def __init__(self, key_id: str, key: Ed25519PrivateKey) -> None:
        self._header = {"alg": _ALGORITHM, "kid": key_id}
        self._key = OKPKey.import_key(
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": _base64url(key.public_key().public_bytes_raw()),
                "d": _base64url(key.private_bytes_raw()),
            }
        )

    def token(self, acting: Acting, now: datetime) -> str:
        """A token for one request of this person."""
        issued = int(now.timestamp())
        claims = {
            "aud": _AUDIENCE,
            "tenant": acting.tenant,
            "sub": acting.person,
            "role": acting.role.value,
            "iat": issued,
            "exp": issued + LIFE_S,
        }
        return jwt.encode(self._header, claims, self._key, algorithms=[_ALGORITHM])


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
