"""How long things are kept, by tenant, and the loop that deletes what is older."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode
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
_MOST_DAYS = 36_500

WHOSE: Final = (
    "(tenant = :tenant OR CAST(:tenant AS text) IS NULL AND tenant <> ALL(CAST(:others AS text[])))"
)
"""The condition of a `Rule` in SQL."""


def _read(value: object) -> object:
    """From `tenant:days,tenant:days`."""
    if not isinstance(value, str):
        return value
    found: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in value.split(","))):
        tenant, colon, days = entry.rpartition(":")
        if not colon or not tenant or tenant in found:
            raise ValueError("write tenant:days,tenant:days, each tenant once")
        found[tenant] = days
    return found


Days = Annotated[int, Field(ge=0, le=_MOST_DAYS)]
DaysByTenant = Annotated[dict[str, Days], NoDecode, BeforeValidator(_read)]
"""A setting: days of tenants that have a rule of their own; 0 keeps for ever."""


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
        days: of tenants without a rule of their own; 0 keeps for ever.
        delete: deletes at most so many rows by a rule, in the caller's transaction; how many.
    """

    kind: str
    days: int
    delete: Callable[[AsyncConnection, Rule, int], Awaitable[int]]
    by_tenant: Mapping[str, int] = field(default_factory=dict)

    def rules(self, now: datetime) -> list[Rule]:
        """What may go now."""
        found = [
            Rule(now - timedelta(days=days), tenant)
            for tenant, days in sorted(self.by_tenant.items())
            if days
        ]
        if self.days:
            others = tuple(sorted(self.by_tenant))
            found.append(Rule(now - timedelta(days=self.days), None, others))
        return found


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
            for kept in self._kept:
                for rule in kept.rules(now):
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
