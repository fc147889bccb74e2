"""Who may be remembered: events of a customer who was erased are not taken in again."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common import metrics
from heedful.common.contracts import IdentifierType
from heedful.common.erasure import Tombstones, Traces, met
from heedful.common.erasure.tombstones import Tombstone
from heedful.journey.erasures import Erasures
from heedful.journey.publishing import SERVICE
from heedful.journey.records import Event, without

_STORED = text(
    """
    SELECT e.tenant, e.kind, e.source, e.id FROM journey.event e
    JOIN unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:sources AS text[]),
        CAST(:ids AS text[])
    ) AS w (tenant, kind, source, id) USING (tenant, kind, source, id)
    """
)


class Admission:
    """Judges batches.

    An event that was under way when its customer was erased is not taken, and grows the erasure.
    One that journey has, and that therefore belongs to somebody else, loses the identifiers that
    were erased.

    Args:
        region: country of phone numbers without a country code.
    """

    def __init__(self, tombstones: Tombstones, erasures: Erasures, region: str) -> None:
        self._tombstones = tombstones
        self._erasures = erasures
        self._region = region

    async def admit(
        self, connection: AsyncConnection, events: Sequence[Event], now: datetime
    ) -> tuple[list[Event], bool]:
        """The events that may be stored; and whether erasures have grown, which wants
        `Erasures.woken` after the commit. First thing in a transaction."""
        await self._tombstones.admit(connection)
        items = [self._tombstones.item(*event.key) for event in events]
        known, last = await self._tombstones.look(connection, set(items))
        traces = [
            self._traces(event, item, last) for event, item in zip(events, items, strict=True)
        ]
        named = {name for trace in traces for name in trace.named}
        stones = {**known, **await self._tombstones.find(connection, named)}
        if not stones:
            return list(events), False
        found = [(event, met(trace, stones)) for event, trace in zip(events, traces, strict=True)]
        unknown = [event for event, why in found if why is not None and not why.known]
        stored = await _stored(connection, unknown) if unknown else frozenset()
        kept: list[Event] = []
        late: dict[str, dict[tuple[str, str, str, str], Event]] = {}
        for event, why in found:
            if why is None:
                kept.append(event)
            elif not why.known and event.key in stored:
                kept.append(without(event, self._erased(event, stones), self._region))
            elif not why.known:
                late.setdefault(why.erasure_id, {})[event.key] = event
        metrics.ERASED_AGAIN.labels(SERVICE).inc(len(events) - len(kept))
        if late:
            grown = {erasure: list(by_key.values()) for erasure, by_key in late.items()}
            await self._erasures.extend(connection, grown, now)
        return kept, bool(late)

    def grown(self) -> None:
        """Erasures have grown, and that is committed."""
        self._erasures.woken()

    def _traces(self, event: Event, item: bytes, last: datetime | None) -> Traces:
        """Without names where no erasure is of a time after the event."""
        if last is None or event.received_at > last:
            return Traces(item, event.received_at)
        stones, tenant = self._tombstones, event.tenant
        conversation = event.conversation_id
        return Traces(
            item=item,
            received_at=event.received_at,
            # A device says nothing about who it is.
            names=[
                stones.identifier(tenant, str(node.id))
                for node in event.nodes
                if node.type is not IdentifierType.DEVICE
            ],
            conversation=None
            if conversation is None
            else stones.conversation(tenant, conversation),
        )

    def _erased(self, event: Event, stones: Mapping[bytes, Tombstone]) -> frozenset[uuid.UUID]:
        return frozenset(
            node.id
            for node in event.nodes
            if self._tombstones.identifier(event.tenant, str(node.id)) in stones
        )


async def _stored(
    connection: AsyncConnection, events: Sequence[Event]
) -> frozenset[tuple[str, str, str, str]]:
    rows = await connection.execute(
        _STORED,
        {
            "tenants": [event.tenant for event in events],
            "kinds": [event.kind for event in events],
            "sources": [event.source for event in events],
            "ids": [event.id for event in events],
        },
    )
    return frozenset((row.tenant, row.kind, row.source, row.id) for row in rows)
