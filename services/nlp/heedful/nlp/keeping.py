"""feedback.enriched in: what the machine said is kept for those who correct it.

A group of its own reads what was published, so that labelling needs no database.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common import outbox
from heedful.common.contracts import Enrichment
from heedful.common.db.transaction import begin
from heedful.common.errors import Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import Handled
from heedful.nlp import store_corrections, store_enrichments, store_sample
from heedful.nlp.correction import folded
from heedful.nlp.corrections import SERVICE, record
from heedful.nlp.records import FeedbackKey, Kept
from heedful.nlp.sampling import draw


class KeepHandler:
    """Keeps the newest enrichment of each feedback, and holds to its corrections: a newer model
    that does not know of them is corrected again. Draws the weekly samples.

    Args:
        sample: items that a tenant's week has in its sample.
        woken: called after a commit that has put something into the outbox.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        sample: int,
        clock: Callable[[], datetime],
        woken: Callable[[], None],
    ) -> None:
        self._engine = engine
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
            fresh = await store_enrichments.keep(connection, list(newest.values()))
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


def _key(delivery: Delivery) -> str:
    key = delivery.record.key
    return delivery.event.partition_key or ("" if key is None else key.decode(errors="replace"))
