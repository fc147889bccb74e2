"""Tokens that the console signs for a person who is at work there: of at most five minutes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from joserfc.jwk import Key

from heedful.common.security.actors.claims import (
    BadToken,
    Claims,
    Person,
    check,
    person_id,
    role_of,
    tenant_of,
)
from heedful.common.security.actors.signature import Unverified, pinned, verified

AUDIENCE: Final = "heedful"
MAX_LIFE_S: Final = 300
ED25519: Final = ("EdDSA", "Ed25519")
HS256: Final = ("HS256",)


class ConsoleTokens:
    """Proves people by tokens of the console.

    Args:
        public_keys: Ed25519, by their ids.
        secrets: of HS256, by their ids.
        leeway_s: how far the clocks of two machines may be apart.
    """

    def __init__(
        self, public_keys: Mapping[str, Key], secrets: Mapping[str, Key], leeway_s: int
    ) -> None:
        self._keys = {
            **dict.fromkeys(ED25519, public_keys),
            **dict.fromkeys(HS256, secrets),
        }
        self._algorithms = [name for name, keys in self._keys.items() if keys]
        self._leeway_s = leeway_s

    def person(self, token: Unverified, now: datetime) -> Person:
        """Whose token it is.

        Raises:
            BadToken: it proves nothing.
            NotEntitled: it names no role or tenant of ours.
        """
        pinned(token, self._algorithms)
        claims = verified(token, self._key(token))
        check(claims, now, self._leeway_s, aud=AUDIENCE)
        _short(claims)
        return Person(tenant_of(claims, "tenant"), person_id(claims), role_of(claims, "role"))

    def _key(self, token: Unverified) -> Key:
        """By its id, among those of the algorithm: a public key is never taken for a secret."""
        keys = self._keys[token.alg]
        if token.kid is None and len(keys) == 1:
            return next(iter(keys.values()))
        found = keys.get(token.kid or "")
        if found is None:
            raise BadToken(
                "the header kid of the actor token names none of the console's keys; it is the id "
                "of the key in HEEDFUL_CONSOLE__PUBLIC_KEYS or HEEDFUL_CONSOLE__SECRETS"
            )
        return found


def _short(claims: Claims) -> None:
    issued, expires = claims.get("iat"), claims["exp"]
    if issued is None:
        raise BadToken("the actor token lacks the claim iat")
    if expires - issued > MAX_LIFE_S:
        raise BadToken(
            f"the actor token lives longer than {MAX_LIFE_S} s (exp - iat); make a shorter one "
            "for each action"
        )
