"""Folds journeys anew, of the customers whose events changed, and tells what they show."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common import outbox
from heedful.common.erasure import Tombstones
from heedful.common.errors import Retryable
from heedful.common.service import Periodic
from heedful.journey import database, metrics, store_journeys, store_signals, store_told
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.journey import journey
from heedful.journey.lifecycle.stages import Lifecycles
from heedful.journey.publishing import SERVICE
from heedful.journey.signals.publishing import record, signal_of
from heedful.journey.signals.sign import Sign
from heedful.journey.signals.signs import Telling, Told, matter_of, signs, telling
from heedful.journey.store_journeys import Customer, Folded

log = logging.getLogger(__name__)

AT_ONCE: Final = 500
"""Marks of one transaction."""
_LOOK_EVERY_S: Final = 1.0
_STALL_S: Final = 150.0


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is known of some customers."""

    customers: Sequence[Customer]
    events: Mapping[uuid.UUID, Sequence[Happened]]
    told: Mapping[uuid.UUID, set[Told]]


class Folding:
    """One replica folds at a time; each step is a transaction.

    Args:
        clock: signs of what did not happen show by it.
        woken: called after a commit that has put something into the outbox.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        tombstones: Tombstones,
        lifecycles: Lifecycles,
        clock: Callable[[], datetime],
        woken: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._tombstones = tombstones
        self._lifecycles = lifecycles
        self._clock = clock
        self._woken = woken
        self._key_secret: bytes | None = None

    def use_key_secret(self, secret: bytes) -> None:
        """The secret of record keys; must be set before the first step."""
        self._key_secret = secret

    def loop(self) -> Periodic:
        return Periodic("journey.folding", self.step, _STALL_S)

    async def start(self) -> None:
        """Journeys that another lifecycle made are folded anew."""
        versions = {tenant: one.version for tenant, one in self._lifecycles.own.items()}
        async with database.begin(self._engine) as connection:
            default = self._lifecycles.default.version
            outdated = await store_journeys.mark_outdated(connection, versions, default)
        if outdated:
            log.info("journeys are folded anew by another lifecycle", extra={"count": outdated})
        now = self._clock()
        for one in (self._lifecycles.default, *self._lifecycles.own.values()):
            over = sum(pattern.ends_at <= now for pattern in one.signals.patterns)
            if over:
                log.warning(
                    "patterns of a lifecycle are too old to tell of; measure them anew",
                    extra={"version": one.version, "count": over},
                )

    async def step(self) -> float:
        """Returns seconds until the next: none while there may be more."""
        try:
            folded, signals = await self._fold()
        except Retryable as error:
            log.warning("folding comes again", extra={"error": str(error)})
            return _LOOK_EVERY_S
        metrics.FOLDED.inc(folded)
        if signals:
            self._woken()
        return 0.0 if folded else _LOOK_EVERY_S

    async def _fold(self) -> tuple[int, int]:
        """How many customers were looked at, and how many signals given."""
        if self._key_secret is None:
            raise Retryable("journey has not started yet")
        now = self._clock()
        async with database.begin(self._engine) as connection:
            # Nobody is erased meanwhile.
            await self._tombstones.admit(connection)
            if not await store_journeys.lock(connection):
                return 0, 0
            customers = await store_journeys.take(connection, now, AT_ONCE)
            if not customers:
                return 0, 0
            ids = [customer for _, customer in customers]
            batch = _Batch(
                customers,
                await store_journeys.events(connection, ids),
                await store_told.told(connection, ids),
            )
            folded, tellings = await asyncio.to_thread(self._computed, batch, now)
            await store_journeys.save(connection, folded)
            await store_journeys.drop(connection, [one for one in ids if one not in batch.events])
            await store_journeys.mark(
                connection,
                {who: one.look_at for who, one in tellings.items() if one.look_at is not None},
            )
            due = [(who, sign) for who, one in tellings.items() for sign in one.now]
            await self._tell(connection, due, self._key_secret)
        for _, sign in due:
            metrics.SIGNALS.labels(sign.kind.value).inc()
        return len(customers), len(due)

    def _computed(
        self, batch: _Batch, now: datetime
    ) -> tuple[list[Folded], dict[Customer, Telling]]:
        folded: list[Folded] = []
        tellings: dict[Customer, Telling] = {}
        for tenant, customer in batch.customers:
            lifecycle = self._lifecycles.of(tenant)
            found = journey(batch.events.get(customer, ()), lifecycle)
            if found is not None:
                folded.append(Folded(tenant, customer, found, lifecycle.version))
                shown = signs(found, lifecycle)
                tellings[tenant, customer] = telling(shown, batch.told.get(customer, set()), now)
        return folded, tellings

    async def _tell(
        self, connection: AsyncConnection, due: Sequence[tuple[Customer, Sign]], key_secret: bytes
    ) -> None:
        if not due:
            return
        matters = [(tenant, one) for (tenant, _), sign in due for one in matter_of(sign)]
        await store_told.tell(connection, matters)
        known = await store_signals.identifiers(
            connection, [(tenant, sign.trigger.key) for (tenant, _), sign in due]
        )
        records = [
            record(signal_of(tenant, customer, sign, known[tenant, sign.trigger.key]), key_secret)
            for (tenant, customer), sign in due
        ]
        await outbox.put(connection, SERVICE, records)
