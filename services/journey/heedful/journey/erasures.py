"""Takes customers out of journey, and tells every service to do so, in one transaction."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.contracts import ErasedItem, ErasureReason, ItemKind
from heedful.common.contracts.privacy import MAX_ERASED
from heedful.common.erasure import Names, Tombstones
from heedful.common.errors import HeedfulError, Retryable
from heedful.journey import (
    database,
    store_customers,
    store_erasures,
    store_journeys,
    store_record,
)
from heedful.journey.forgetting import Gone, forget
from heedful.journey.identifiers import Node
from heedful.journey.parts import cut
from heedful.journey.publishing import SERVICE, Publisher
from heedful.journey.record import EntryKind, Signer
from heedful.journey.records import Event
from heedful.journey.spellings import known_names
from heedful.journey.store import attach
from heedful.journey.store_customers import Taken
from heedful.journey.store_erasures import Stored


class UnknownCustomer(HeedfulError):
    """The tenant has no such customer, and has erased none of that id."""


@dataclass(frozen=True, slots=True)
class ErasedBy:
    """What stands in place of an event that showed something."""

    tenant: str
    id: str
    kind: str = "erasure"
    source: str = SERVICE


@dataclass(frozen=True, slots=True)
class _Taken:
    """What of a customer was taken out of journey."""

    customer: uuid.UUID
    nodes: Sequence[Node]
    events: Sequence[Taken]
    mentions: int
    forgotten: Mapping[str, int]

    @property
    def items(self) -> list[ErasedItem]:
        return [_item(event.kind, event.source, event.id) for event in self.events]

    @property
    def conversations(self) -> list[str]:
        return sorted({one.conversation_id for one in self.events if one.conversation_id})

    @property
    def ids(self) -> list[str]:
        """The customer's, and those that merged ones had."""
        others = sorted(str(node.id) for node in self.nodes if node.id != self.customer)
        return [str(self.customer), *others][:MAX_ERASED]

    @property
    def counts(self) -> Mapping[str, int]:
        found = Counter(self.forgotten)
        found.update(f"{event.kind}_events" for event in self.events)
        found["mentions"] += self.mentions
        return found

    def names(self, region: str) -> Names:
        spelled = {(event.source, one) for event in self.events for one in event.spelled}
        return Names(
            identifiers=known_names(self.nodes, spelled, region),
            conversations=tuple(self.conversations),
        )


class Erasures:
    """The one place where erasures begin and grow.

    Args:
        region: country of phone numbers without a country code.
        woken: called after a commit that has put something into the outbox.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        tombstones: Tombstones,
        publisher: Publisher,
        region: str,
        clock: Callable[[], datetime],
        woken: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._tombstones = tombstones
        self._publisher = publisher
        self._region = region
        self._clock = clock
        self._signer: Signer | None = None
        self.woken = woken

    def use_record_secret(self, secret: bytes) -> None:
        """What signs the record; must be set before the first erasure."""
        self._signer = Signer(secret)

    @property
    def signer(self) -> Signer:
        if self._signer is None:
            raise Retryable("journey has not started yet")
        return self._signer

    async def request(
        self, tenant: str, given: uuid.UUID, requested_by: str, reason: ErasureReason
    ) -> str:
        """Erase a customer; the id of the erasure. Of one that is erased already, the same one.

        Raises:
            UnknownCustomer: nothing to erase.
            SharedIdentifier: the id stands for what several customers use.
            Retryable: nothing was done, or we do not know; ask again.
        """
        async with database.begin(self._engine) as connection:
            await self._tombstones.exclude(connection)
            customer = await store_customers.customer_of(connection, tenant, given)
            if customer is None:
                return await self._erased_before(connection, tenant, given)
            now = self._clock()
            erasure = Stored(
                str(uuid.uuid4()), tenant, now, requested_by, reason.value, 0, now, None
            )
            taken = await self._take(connection, erasure, customer)
            await self._begin(connection, erasure, taken)
        self.woken()
        return erasure.id

    async def extend(
        self, connection: AsyncConnection, late: Mapping[str, Sequence[Event]], now: datetime
    ) -> None:
        """Items that were under way when their customer was erased: further parts of the erasure,
        so that whoever has them already deletes them. In the caller's transaction, after which
        `woken` is to be called."""
        for erasure_id, events in sorted(late.items()):
            erasure = await store_erasures.lock(connection, erasure_id)
            if erasure is None:
                raise HeedfulError(f"a tombstone names erasure {erasure_id}, which is not there")
            items = [_item(event.kind, event.source, event.id) for event in events]
            await self._bury(connection, erasure, items, now)
            for number, (some, names) in enumerate(cut(items, Names()), erasure.parts + 1):
                part = self._publisher.part(erasure, number, some, names)
                await store_erasures.extend(connection, erasure.id, number, now)
                what = {"part": number, "items": len(some)}
                await self._append(connection, erasure, EntryKind.EXTENDED, what, now, number)
                await self._publisher.publish(connection, [part], {"late_items": len(some)}, now)

    async def _erased_before(
        self, connection: AsyncConnection, tenant: str, given: uuid.UUID
    ) -> str:
        name = self._tombstones.identifier(tenant, str(given))
        stone = (await self._tombstones.find(connection, [name])).get(name)
        if stone is None:
            raise UnknownCustomer
        return stone.erasure_id

    async def _take(
        self, connection: AsyncConnection, erasure: Stored, customer: uuid.UUID
    ) -> _Taken:
        tenant = erasure.tenant
        nodes = await store_customers.nodes_of(connection, tenant, customer)
        ids = frozenset(node.id for node in nodes)
        events = await store_customers.take_events(connection, tenant, customer)
        mentions = await store_customers.strip_mentions(connection, tenant, ids, self._region)
        gone = Gone(
            nodes=ids,
            carried=frozenset(one for event in events for one in event.identifiers) - ids,
            items=[(tenant, event.kind, event.source, event.id) for event in events],
            conversations={
                (tenant, event.conversation_id)
                for event in events
                if event.conversation_id is not None
            },
        )
        why = ErasedBy(tenant, erasure.id)
        forgotten = await forget(connection, gone, why, erasure.requested_at)
        await attach(connection, gone.conversations)
        journeys = await store_journeys.forget(connection, ids)
        counts = {**forgotten, "journeys": journeys}
        return _Taken(customer, nodes, events, mentions, counts)

    async def _begin(self, connection: AsyncConnection, erasure: Stored, taken: _Taken) -> None:
        now, tenant = erasure.requested_at, erasure.tenant
        items = taken.items
        await self._bury(connection, erasure, items, now)
        names = [
            *(self._tombstones.identifier(tenant, str(node.id)) for node in taken.nodes),
            *(self._tombstones.conversation(tenant, name) for name in taken.conversations),
        ]
        await self._tombstones.put(connection, erasure.id, names, now, now)
        parts = [
            self._publisher.part(erasure, number, some, named, taken.ids if number == 1 else ())
            for number, (some, named) in enumerate(cut(items, taken.names(self._region)), 1)
        ]
        await store_erasures.insert(connection, replace(erasure, parts=len(parts)))
        what = {"by": erasure.requested_by, "reason": erasure.reason, "parts": len(parts)}
        await self._append(connection, erasure, EntryKind.REQUESTED, what, now)
        await self._publisher.publish(connection, parts, taken.counts, now)

    async def _bury(
        self,
        connection: AsyncConnection,
        erasure: Stored,
        items: Collection[ErasedItem],
        now: datetime,
    ) -> None:
        hashes = [
            self._tombstones.item(erasure.tenant, one.kind, one.source, one.id) for one in items
        ]
        await self._tombstones.put(connection, erasure.id, hashes, None, now)

    async def _append(
        self,
        connection: AsyncConnection,
        erasure: Stored,
        kind: EntryKind,
        what: Mapping[str, object],
        now: datetime,
        part: int = 0,
    ) -> None:
        await store_record.append(
            connection, self.signer, erasure.tenant, erasure.id, kind, now, what, part=part
        )


def _item(kind: str, source: str, id_: str) -> ErasedItem:
    return ErasedItem(kind=ItemKind(kind), source=source, id=id_)
