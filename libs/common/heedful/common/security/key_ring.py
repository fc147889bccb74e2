"""The keys that this process knows, and whose each is."""

import hmac
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.db.passing import described
from heedful.common.errors import Retryable
from heedful.common.quota.policy import NOTHING_SET, Override
from heedful.common.refreshed import KEPT_S, NotRead, Refreshed
from heedful.common.security import key_store
from heedful.common.security.keys import Principal, digest, distinct, parse

log = logging.getLogger(__name__)

# Sooner than a request would read: requests find a copy that is fresh.
UPKEEP_EVERY_S = 8.0
_WRITE_EVERY_S = 60.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Known:
    principals: Mapping[bytes, tuple[bytes, Principal]]
    tenants: Mapping[str, Override]


class ApiKeys:
    """Finds the principal of a key, mostly without asking the database.

    Stored keys are read every ten seconds. While the database is away what was read last goes on
    to hold, for `kept_s`: intake must not stop because keys cannot be read again.

    Args:
        clock: seconds that never go back.
        now: what keys expire by.

    Raises:
        ConfigurationError: a configured entry is wrong, or two have the same key.
    """

    def __init__(
        self,
        configured: Sequence[SecretStr],
        engine: AsyncEngine,
        *,
        kept_s: float = KEPT_S,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._configured = distinct([parse(entry.get_secret_value()) for entry in configured])
        self._engine = engine
        self._clock = clock
        self._now = now
        self._stored = Refreshed("API keys", self._read, kept_s=kept_s, clock=clock)
        self._tenants: Mapping[str, Override] = {}
        self._used: dict[str, datetime] = {}
        self._written_at = clock()

    async def find(self, key: str) -> Principal | None:
        """The principal of a key; None when it is unknown, revoked or expired.

        Raises:
            NotRead: the database is away, and the key is not among those that were read: it may
                have been made since, so nobody can say that it is wrong.
        """
        wanted = digest(key)
        configured = self._configured.get(wanted)
        if configured is not None:
            return configured
        known = (await self._stored.get()).principals.get(wanted)
        if known is None and self._stored.behind:
            # They are being read, or could not be.
            known = (await self._stored.read_through()).principals.get(wanted)
        if known is None or not hmac.compare_digest(known[0], wanted):
            if self._stored.behind:
                raise NotRead("the database that holds the API keys does not answer")
            return None
        principal, now = known[1], self._now()
        if principal.expired(now):
            return None
        self._used[principal.key_id] = now
        return principal

    def tenant_quota(self, tenant: str) -> Override:
        """What was set for a tenant, as read last."""
        return self._tenants.get(tenant, NOTHING_SET)

    async def upkeep(self) -> float:
        """Read the keys anew; once a minute, write when they were used.

        Returns:
            Seconds until there is a next time.
        """
        try:
            self._stored.forget()
            await self._stored.get()
            if self._clock() - self._written_at >= _WRITE_EVERY_S:
                await self.write_used()
        except Retryable:
            log.debug("API keys were not read; Refreshed has said so")
        except (SQLAlchemyError, OSError) as error:
            log.warning("upkeep of API keys", extra={"error": described(error)})
        return UPKEEP_EVERY_S

    async def write_used(self) -> None:
        """Write when keys were last used. Other replicas do so too: to a minute, it is enough."""
        used, self._used = self._used, {}
        try:
            await key_store.note_used(self._engine, used)
        except (SQLAlchemyError, OSError):
            self._used = {**used, **self._used}
            raise
        self._written_at = self._clock()

    async def close(self) -> None:
        """Write what is not written yet; a key that was used must not look as if it was not."""
        try:
            await self.write_used()
        except (SQLAlchemyError, OSError) as error:
            log.warning("when keys were used is lost", extra={"error": described(error)})

    async def _read(self) -> _Known:
        keys, tenants = await key_store.active(self._engine)
        self._tenants = tenants
        return _Known({one: (one, key.principal) for one, key in keys.items()}, tenants)
