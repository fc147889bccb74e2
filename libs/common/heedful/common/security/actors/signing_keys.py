"""The public keys of an identity provider, kept here and read anew when they should be."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from joserfc.jwk import Key

from heedful.common import metrics
from heedful.common.errors import Retryable
from heedful.common.logging import OncePerInterval
from heedful.common.security.actors.claims import BadToken
from heedful.common.security.actors.signature import Unverified, fits

log = logging.getLogger(__name__)
log.addFilter(OncePerInterval())

OLD_AFTER_S: Final = 600.0
"""So long a key that the provider has withdrawn goes on to be taken."""
ASKED_AT_MOST_EVERY_S: Final = 10.0
"""Whatever tokens name, the provider is not asked more often."""


class KeysAway(Retryable):
    """The provider does not give its keys, and the token's is not among those we have."""


class SigningKeys:
    """A copy of the keys.

    While the provider is away the copy goes on to hold: people must be able to work. A key that
    is not in it makes us ask again, at a bounded rate: providers publish new keys before they
    sign with them, and anybody can make up the name of one.

    Args:
        fetch: reads the keys, within a time of its own; OSError or ValueError: it could not.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Sequence[Key]]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Sequence[Key] = ()
        self._read_at = float("-inf")
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def find(self, token: Unverified) -> Key:
        """The key that the token names.

        Raises:
            KeysAway: the key may be a new one, and the provider does not answer.
            BadToken: the provider has no such key.
        """
        if self._clock() - self._read_at >= OLD_AFTER_S:
            await self._read(wait=not self._keys)
        key = self._known(token)
        if key is None:
            await self._read(wait=True)
            key = self._known(token)
        if key is not None:
            return key
        if self._read_at < self._asked_at:
            raise KeysAway("the identity provider does not give its keys; send it again")
        raise BadToken(
            "the actor token is signed with a key that the identity provider does not publish; "
            "sign in again"
        )

    def _known(self, token: Unverified) -> Key | None:
        """A token without `kid` fits when one key only could be meant (OIDC Core §10.1)."""
        fitting = [
            key for key in self._keys if token.kid in (None, key.kid) and fits(key, token.alg)
        ]
        return fitting[0] if len(fitting) == 1 else None

    async def _read(self, *, wait: bool) -> None:
        """Read the keys, unless somebody has just done so; one at a time.

        Args:
            wait: for a read that is under way, whose keys are needed.
        """
        if self._asking.locked() and not wait:
            return
        async with self._asking:
            now = self._clock()
            if now - self._asked_at < ASKED_AT_MOST_EVERY_S:
                return
            self._asked_at = now
            try:
                self._keys, self._read_at = await self._fetch(), now
            except (OSError, TimeoutError, ValueError) as error:
                metrics.SIGNING_KEYS_READ.labels("failed").inc()
                log.warning(
                    "the identity provider's keys were not read",
                    extra={"error": type(error).__name__},
                )
            else:
                metrics.SIGNING_KEYS_READ.labels("ok").inc()
