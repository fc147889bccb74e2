"""The signature of a token: JWS compact form, algorithms pinned by us and never by the token.

RFC 8725 (JSON Web Token Best Current Practices) §3.1, §3.2, §3.11.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry, extract_compact

from heedful.common.security.actors.claims import BadToken, Claims

MAX_CHARS: Final = 16_384
_MALFORMED: Final = "the actor token is no JSON Web Token; send it as you got it, without Bearer"
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""Of the header `typ`, where it is given: RFC 7519 §5.1, RFC 9068 §2.1. A logout token is none."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says of itself. Nothing but choosing a key may stand on it."""

    text: str
    alg: str
    kid: str | None
    issuer: str | None


class _Pinned(JWSRegistry):
    """The library's registry, which warns of `EdDSA`: RFC 9864 names it `Ed25519` since 2025, and
    most who sign have not followed yet."""

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise BadToken(_MALFORMED)
        return self.algorithms[name]


def looks_like_token(credential: str) -> bool:
    """Whether a credential has the form of a signed token, which no API key has."""
    return credential.startswith("eyJ") and credential.count(".") == 2


def unverified(text: str) -> Unverified:
    """Read the header.

    Raises:
        BadToken: it is no signed token, or demands what we do not understand.
    """
    if len(text) > MAX_CHARS:
        raise BadToken(f"the actor token has more than {MAX_CHARS} characters")
    try:
        found = extract_compact(text.encode())
        header: dict[str, Any] = found.headers()
        claims = orjson.loads(found.payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise BadToken(_MALFORMED) from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise BadToken(_MALFORMED)
    alg, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(alg, str) or not isinstance(kid, str | None) or not isinstance(kind, str):
        raise BadToken(_MALFORMED)
    if "crit" in header:
        raise BadToken("the actor token demands extensions (crit); none is understood here")
    if kind.lower() not in _TYPES:
        raise BadToken("the actor token is of another type (typ); send an access token")
    issuer = claims.get("iss")
    return Unverified(text, alg, kid, issuer if isinstance(issuer, str) else None)


def pinned(token: Unverified, algorithms: Collection[str]) -> None:
    """Refuse an algorithm that is not one of these.

    Raises:
        BadToken: says which there are.
    """
    if token.alg not in algorithms:
        raise BadToken(
            f"the actor token is signed with an algorithm that is not taken; sign it with "
            f"{' or '.join(algorithms)}"
        )


def fits(key: Key, alg: str) -> bool:
    """Whether a key is of the algorithm's kind, and not said to be for something else."""
    try:
        JWSRegistry.algorithms[alg].check_key(key)
    except (JoseError, KeyError):
        return False
    return True


def verified(token: Unverified, key: Key) -> Claims:
    """The claims of a token that this key signed, with the algorithm that was pinned before.

    Raises:
        BadToken: the signature is not the key's.
    """
    registry = _Pinned(algorithms=[token.alg], strict_check_header=False)
    try:
        return jwt.decode(token.text, key, registry=registry).claims
    except (JoseError, ValueError) as error:
        raise BadToken("the signature of the actor token is wrong") from error
