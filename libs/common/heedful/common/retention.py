"""How long things are kept, and the loop that deletes what is older.

A service has a default for each kind of its data; a tenant may want less (`retention_days` of its
privacy settings), which every service heeds.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common import metrics
from heedful.common.db.transaction import begin
from heedful.common.errors import Retryable
from heedful.common.service import Periodic

log = logging.getLogger(__name__)

EVERY_S: Final = 600.0
AT_ONCE: Final = 1000
"""Rows of one transaction: short, so that nobody waits for it."""
_BATCHES_A_STEP = 20
_STALL_S = 3 * EVERY_S

WHOSE: Final = (
    "(tenant = :tenant OR CAST(:tenant AS text) IS NULL AND tenant <> ALL(CAST(:others AS text[])))"
)
"""The condition of a `Rule` in SQL."""

_WISHES = text("SELECT tenant, days FROM common.tenant_retention")
_WISH = text(
    """
    INSERT INTO common.tenant_retention (tenant, days) VALUES (:tenant, :days)
    ON CONFLICT (tenant) DO UPDATE SET days = excluded.days
    """
)
_NO_WISH = text("DELETE FROM common.tenant_retention WHERE tenant = :tenant")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is older than `before` goes, of one tenant, or of all but `others`."""

    before: datetime
    tenant: str | None = None
    others: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, object]:
        """Parameters of `WHOSE`, and `before`."""
        return {"before": self.before, "tenant": self.tenant, "others": list(self.others)}


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data with its retention.

    Attributes:
        days: at most; 0 keeps for ever, but for tenants that want less.
        delete: deletes at most so many rows by a rule, in the caller's transaction; how many.
        least: days that it is needed for, whatever a tenant wants.
        by_tenant: whether tenants may want less.
    """

    kind: str
    days: int
    delete: Callable[[AsyncConnection, Rule, int], Awaitable[int]]
    least: int = 0
    by_tenant: bool = True

    def rules(self, wishes: Mapping[str, int], now: datetime) -> list[Rule]:
        """What may go now.

        Args:
            wishes: days by tenant.
        """
        own = sorted(wishes.items()) if self.by_tenant else ()
        found = [Rule(now - timedelta(days=self._days(days)), tenant) for tenant, days in own]
        if self.days:
            others = tuple(tenant for tenant, _ in own)
            found.append(Rule(now - timedelta(days=self.days), None, others))
        return found

    def _days(self, wanted: int) -> int:
        shorter = min(wanted, self.days) if self.days else wanted
        return max(self.least, shorter)


async def wish(connection: AsyncConnection, tenant: str, days: int | None) -> None:
    """A tenant wants its data kept no longer than this; None: it has no wish."""
    if days is None:
        await connection.execute(_NO_WISH, {"tenant": tenant})
    else:
        await connection.execute(_WISH, {"tenant": tenant, "days": days})


class Retention:
    """Deletes in small transactions; a step that fails comes again."""

    def __init__(
        self,
        service: str,
        engine: AsyncEngine,
        kept: Sequence[Kept],
        clock: Callable[[], datetime],
    ) -> None:
        self._service = service
        self._engine = engine
        self._kept = kept
        self._clock = clock

    def loop(self) -> Periodic:
        return Periodic(f"{self._service}.retention", self.step, _STALL_S)

    async def step(self) -> float:
        """Returns seconds until the next: none while there is more to delete."""
        now = self._clock()
        more = False
        try:
            async with begin(self._engine) as connection:
                rows = await connection.execute(_WISHES)
                wishes = {row.tenant: row.days for row in rows}
            for kept in self._kept:
                for rule in kept.rules(wishes, now):
                    more |= await self._delete(kept, rule)
        except Retryable as error:
            log.warning(
                "retention comes again", extra={"service": self._service, "error": str(error)}
            )
            return EVERY_S
        return 0.0 if more else EVERY_S

    async def _delete(self, kept: Kept, rule: Rule) -> bool:
        """Whether there is more."""
        for _ in range(_BATCHES_A_STEP):
            async with begin(self._engine) as connection:
                gone = await kept.delete(connection, rule, AT_ONCE)
            metrics.RETENTION_DELETED.labels(self._service, kept.kind).inc(gone)
            if gone < AT_ONCE:
                return False
        return True
