"""How a service obeys an erasure: tombstones, deletions and receipt in one transaction."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common import metrics, outbox
from heedful.common.bus.base import Outgoing
from heedful.common.contracts import ErasedItem, Erasure, ErasureReceipt, ItemKind, Remaining
from heedful.common.db.transaction import begin
from heedful.common.erasure import store
from heedful.common.erasure.names import Names, unseal
from heedful.common.erasure.receipts import counts, receipt_record
from heedful.common.erasure.tombstones import SECRET, Tombstones
from heedful.common.errors import Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import Handled, Subscription
from heedful.common.security.secrets import SecretBox, instance_secret
from heedful.common.topics import PRIVACY_ERASURE
from heedful.common.version import service_version

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Erasing:
    """One part of an erasure, as those who delete see it.

    Attributes:
        until: what was received later is not meant by `names`.
        names: of the customer alone; of everybody else's things nothing is to go.
        customer_ids: of journey: every id that the customer has had.
    """

    tenant: str
    erasure_id: str
    until: datetime
    items: Sequence[ErasedItem]
    names: Names
    customer_ids: Sequence[str] = ()

    def keys(self, kind: ItemKind) -> list[tuple[str, str]]:
        """Source and id of the items of one kind."""
        return [(item.source, item.id) for item in self.items if item.kind is kind]


class Eraser(Protocol):
    """One kind of data of a service."""

    async def __call__(
        self, connection: AsyncConnection, erasing: Erasing, now: datetime, /
    ) -> Mapping[str, int]:
        """Delete what is the customer's, and put tombstones of the names that this kind of data is
        found by. In the caller's transaction, and the same when it is done twice.

        Returns:
            How much of each kind is gone, by a name that is the same for ever.
        """


def utc_now() -> datetime:
    return datetime.now(UTC)


class ErasureSubscriber:
    """Obeys every erasure, once, with one receipt.

    Args:
        service: whose tombstones and receipts these are.
        secrets: opens the customer's names.
        erasers: every kind of data that can hold something of a customer.
        remaining: what is left when all is deleted, and until when.
        woken: called after a commit that has put a receipt into the outbox.
    """

    def __init__(
        self,
        service: str,
        engine: AsyncEngine,
        secrets: SecretBox,
        tombstones: Tombstones,
        erasers: Sequence[Eraser],
        remaining: Callable[[datetime], Sequence[Remaining]],
        woken: Callable[[], None],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._service = service
        self._engine = engine
        self._secrets = secrets
        self._tombstones = tombstones
        self._erasers = erasers
        self._remaining = remaining
        self._woken = woken
        self._clock = clock
        self._key_secret: bytes | None = None

    @property
    def subscription(self) -> Subscription:
        return Subscription(f"heedful.{self._service}.erasure", (PRIVACY_ERASURE,), self)

    async def start(self) -> None:
        """Fetch the secrets; before the first batch of whoever asks for tombstones."""
        self._tombstones.use_secret(await instance_secret(self._engine, self._secrets, SECRET))
        self._key_secret = await instance_secret(self._engine, self._secrets, "partition-key")

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        for delivery in batch:
            if isinstance(delivery.payload, Erasure):
                await self._obey(delivery.payload)
                self._woken()
        return [[] for _ in batch]

    async def _obey(self, erasure: Erasure) -> None:
        async with begin(self._engine) as connection:
            await self._tombstones.exclude(connection)
            receipt = await store.find(connection, self._service, erasure.id, erasure.part)
            if receipt is None:
                receipt = await self._erase(connection, erasure)
                await store.keep(connection, receipt)
                metrics.ERASURES.labels(self._service).inc()
                log.info("erased", extra={"erasure": erasure.id, "part": erasure.part})
            # Also for a repeated erasure: whoever asks again has not seen the first one.
            await outbox.put(connection, self._service, [self._record(receipt)])

    async def _erase(self, connection: AsyncConnection, erasure: Erasure) -> ErasureReceipt:
        now = self._clock()
        erasing = Erasing(
            tenant=erasure.tenant,
            erasure_id=erasure.id,
            until=erasure.requested_at,
            items=erasure.items,
            names=unseal(self._secrets, erasure.sealed, erasure.id, erasure.part),
            customer_ids=erasure.customer_ids,
        )
        hashes = {
            self._tombstones.item(erasing.tenant, item.kind, item.source, item.id)
            for item in erasing.items
        }
        await self._tombstones.put(connection, erasing.erasure_id, hashes, None, now)
        deleted: Counter[str] = Counter()
        for erase in self._erasers:
            deleted.update(await erase(connection, erasing, now))
        return ErasureReceipt(
            tenant=erasing.tenant,
            erasure_id=erasing.erasure_id,
            part=erasure.part,
            service=self._service,
            version=service_version(),
            completed_at=now,
            deleted=counts(deleted),
            remaining=tuple(self._remaining(now)),
        )

    def _record(self, receipt: ErasureReceipt) -> Outgoing:
        if self._key_secret is None:
            raise Retryable(f"{self._service} has not started yet")
        return receipt_record(receipt, self._key_secret)
