"""Access tokens of an OpenID provider (RFC 9068 says what a good one has)."""

from datetime import datetime
from typing import Final

from heedful.common.actor_settings import OidcSettings
from heedful.common.security.actors.claims import (
    BadToken,
    Person,
    check,
    person_id,
    role_of,
    tenant_of,
)
from heedful.common.security.actors.signature import Unverified, pinned, verified
from heedful.common.security.actors.signing_keys import SigningKeys

ALGORITHMS: Final = ("RS256", "ES256", "EdDSA", "Ed25519")


class OidcTokens:
    """Proves people by tokens of the provider of the settings."""

    def __init__(self, settings: OidcSettings, issuer: str, keys: SigningKeys) -> None:
        self.issuer = issuer
        self._settings = settings
        self._keys = keys

    async def person(self, token: Unverified, now: datetime) -> Person:
        """Whose token it is.

        Raises:
            BadToken: it proves nothing.
            NotEntitled: they have no role or tenant here.
            KeysAway: its key is not known, and the provider does not answer.
        """
        if token.issuer != self.issuer:
            # Before its key is looked for: others' tokens are none of the provider's business.
            raise BadToken("the actor token is of another issuer; sign in with the one configured")
        pinned(token, ALGORITHMS)
        claims = verified(token, await self._keys.find(token))
        given = self._settings
        check(claims, now, given.leeway_seconds, iss=self.issuer, aud=given.audience)
        tenant = given.tenant or tenant_of(claims, given.tenant_claim)
        role = role_of(claims, given.role_claim, given.role_prefix)
        return Person(tenant, person_id(claims), role)
