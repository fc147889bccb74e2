"""feedback.enriched in: what the machine said is kept for those who correct it.

A group of its own reads what was published, so that labelling needs no database.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common import metrics, outbox
from heedful.common.contracts import Enrichment
from heedful.common.db.transaction import begin
from heedful.common.erasure import Tombstones
from heedful.common.errors import Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import Handled
from heedful.nlp import store_corrections, store_enrichments, store_sample
from heedful.nlp.correction import folded
from heedful.nlp.corrections import SERVICE, record
from heedful.nlp.erasing import stone_of
from heedful.nlp.records import FeedbackKey, Kept
from heedful.nlp.sampling import draw


class KeepHandler:
    """Keeps the newest enrichment of each feedback, and holds to its corrections: a newer model
    that does not know of them is corrected again. Draws the weekly samples. What was erased is
    not kept again.

    Args:
        sample: items that a tenant's week has in its sample.
        woken: called after a commit that has put something into the outbox.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        tombstones: Tombstones,
        sample: int,
        clock: Callable[[], datetime],
        woken: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._tombstones = tombstones
        self._sample = sample
        self._clock = clock
        self._woken = woken
        self._secret: bytes | None = None

    def use_sample_secret(self, secret: bytes) -> None:
        """What makes the samples random; must be set before the first batch."""
        self._secret = secret

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        newest: dict[FeedbackKey, Kept] = {}
        for delivery in batch:
            found = delivery.payload
            # What was corrected came from here.
            if isinstance(found, Enrichment) and not found.corrections:
                kept = Kept(found, _key(delivery))
                known = newest.get(kept.key)
                if known is None or known.enrichment.enriched_at < found.enriched_at:
                    newest[kept.key] = kept
        if newest and await self._keep(newest):
            self._woken()
        return [[] for _ in batch]

    async def _keep(self, newest: dict[FeedbackKey, Kept]) -> bool:
        """Whether something was corrected again."""
        if self._secret is None:
            raise Retryable("nlp has not started yet")
        async with begin(self._engine) as connection:
            kept = await self._without_erased(connection, newest)
            fresh = await store_enrichments.keep(connection, list(kept.values()))
            if not fresh:
                return False
            drawn = draw(self._secret, [newest[key] for key in sorted(fresh)], self._clock())
            if drawn and self._sample:
                await store_sample.offer(connection, drawn, self._sample)
            held = await store_corrections.of(connection, fresh)
            again = [
                record(folded(newest[key].enrichment, corrections), newest[key].record_key)
                for key, corrections in sorted(held.items())
            ]
            await outbox.put(connection, SERVICE, again)
        return bool(again)

    async def _without_erased(
        self, connection: AsyncConnection, newest: Mapping[FeedbackKey, Kept]
    ) -> Mapping[FeedbackKey, Kept]:
        await self._tombstones.admit(connection)
        stones = {key: stone_of(self._tombstones, key) for key in newest}
        erased = await self._tombstones.find(connection, stones.values())
        kept = {key: one for key, one in newest.items() if stones[key] not in erased}
        metrics.ERASED_AGAIN.labels(SERVICE).inc(len(newest) - len(kept))
        return kept


def _key(delivery: Delivery) -> str:
    key = delivery.record.key
    return delivery.event.partition_key or ("" if key is None else key.decode(errors="replace"))
