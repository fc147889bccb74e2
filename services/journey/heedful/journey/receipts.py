"""privacy.receipt in: what every service deleted, into the signed record."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import ErasureReceipt
from heedful.common.events import Delivery
from heedful.common.runtime import Handled
from heedful.journey import database, store_erasures, store_record
from heedful.journey.erasures import Erasures
from heedful.journey.obeyed import SERVICES
from heedful.journey.record import EntryKind

log = logging.getLogger(__name__)

GROUP: Final = "heedful.journey.receipts"


class ReceiptHandler:
    """Records each receipt once, and completes the erasures that have all of theirs."""

    def __init__(
        self, engine: AsyncEngine, erasures: Erasures, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._erasures = erasures
        self._clock = clock

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        for delivery in batch:
            if isinstance(delivery.payload, ErasureReceipt):
                await self._record(delivery.payload)
        return [[] for _ in batch]

    async def _record(self, receipt: ErasureReceipt) -> None:
        async with database.begin(self._engine) as connection:
            erasure = await store_erasures.lock(connection, receipt.erasure_id)
            if erasure is None or erasure.tenant != receipt.tenant:
                # Of another database, or made up: it is no erasure of ours.
                log.warning("a receipt of no erasure", extra={"service": receipt.service})
                return
            now = self._clock()
            await store_record.append(
                connection,
                self._erasures.signer,
                receipt.tenant,
                receipt.erasure_id,
                EntryKind.RECEIPT,
                now,
                {"receipt": receipt.model_dump(mode="json", exclude={"tenant", "erasure_id"})},
                service=receipt.service,
                part=receipt.part,
            )
            if erasure.completed_at is None:
                await store_erasures.complete(connection, erasure, SERVICES, now)
