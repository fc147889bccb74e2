"""feedback.received in, feedback.enriched out."""

from collections.abc import Sequence
from datetime import timedelta

from heedful.common.bus.base import Outgoing
from heedful.common.contracts import Enrichment, Feedback
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery, to_record
from heedful.common.runtime import Handled
from heedful.common.topics import FEEDBACK_ENRICHED, MAX_RECORD_BYTES
from heedful.nlp import metrics
from heedful.nlp.workers import Workers


class EnrichHandler:
    """Stateless: the same event always gives the same labels under the same event id."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        feedback = [one.payload for one in batch if isinstance(one.payload, Feedback)]
        enriched = await self._workers.enrich(feedback)
        results: list[Handled] = []
        for delivery, enrichment in zip(batch, enriched, strict=True):
            record = record_of(delivery, enrichment)
            if len(record.value or b"") > MAX_RECORD_BYTES:
                results.append(
                    InvalidMessage("record_too_large", "the enriched event exceeds a record")
                )
                continue
            metrics.ENRICHED.labels(enrichment.light.colour.value).inc()
            metrics.FRESHNESS.observe(_age(enrichment).total_seconds())
            results.append([record])
        return results


def record_of(delivery: Delivery, enrichment: Enrichment) -> Outgoing:
    """The record of an enrichment, under the key of the event that it was made from."""
    event = delivery.event
    return to_record(
        FEEDBACK_ENRICHED,
        enrichment,
        id=enrichment.id,
        source=f"/{enrichment.tenant}/nlp",
        key=_key(delivery) or enrichment.id,
        time=enrichment.enriched_at,
        traceparent=event.extensions.get("traceparent"),
    )


def _age(enrichment: Enrichment) -> timedelta:
    return enrichment.enriched_at - enrichment.feedback.received_at


def _key(delivery: Delivery) -> str | None:
    """The key of what came in: it keeps the order of what one customer says.

    A producer of others may set the record's key without the attribute `partitionkey`.
    """
    key = delivery.record.key
    return delivery.event.partition_key or (None if key is None else key.decode(errors="replace"))
