"""feedback.received, feedback.enriched and interaction.recorded in; cases and clocks out."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import matching, mentions, store_facts, store_intake, store_topic_days
from heedful.alerting.batch import Batch, living
from heedful.alerting.corrections import Corrected, Corrections, light_of
from heedful.alerting.database import Database
from heedful.alerting.openings import Openings
from heedful.alerting.policies.matching import Item, item_of, item_of_feedback
from heedful.alerting.records import (
    Classified,
    Contact,
    FeedbackKey,
    Heard,
    Tally,
    reasons_of,
)
from heedful.alerting.responses import Responses, answers
from heedful.common.contracts import Colour, Enrichment, Feedback, Interaction
from heedful.common.errors import Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import Handled


class AlertingHandler:
    """Effects of a batch in one transaction, then the matching of contacts in a second.

    A contact and a red item about one customer can be handled at one time by two replicas,
    neither of which sees what the other has not committed. Each matches after its own commit,
    so the later of the two sees both. A crash in between repeats the batch, and a timer looks
    once more before it fires.

    Args:
        woken: called after a commit that others may act on.
        zone: whose days feedback is counted by.
    """

    def __init__(
        self,
        database: Database,
        openings: Openings,
        corrections: Corrections,
        responses: Responses,
        patience: timedelta,
        woken: Callable[[], None],
        zone: tzinfo = UTC,
    ) -> None:
        self._database = database
        self._openings = openings
        self._corrections = corrections
        self._responses = responses
        self._patience = patience
        self._woken = woken
        self._zone = zone
        self._secret: bytes | None = None

    def use_match_secret(self, secret: bytes) -> None:
        """The key of match keys; must be set before the first batch."""
        self._secret = secret

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        read = self._read(batch)
        tally = Tally()
        async with self._database.intake() as (connection, now):
            read = await living(connection, self._database.tombstones, read)
            cases = await self._take(connection, now, read, tally)
        tally.committed(self._woken)
        if cases or read.contacts:
            tally = Tally()
            async with self._database.intake() as (connection, now):
                await self._responses.match(connection, now, sorted(cases), read.contacts, tally)
            tally.committed(self._woken)
        return [[] for _ in batch]

    async def _take(
        self, connection: AsyncConnection, now: datetime, batch: Batch, tally: Tally
    ) -> set[str]:
        """Gives the cases that were opened or grew."""
        touched: set[str] = set()
        news: set[FeedbackKey] = set()
        if batch.contacts:
            await store_intake.keep_contacts(connection, batch.contacts)
        if batch.classified:
            found = list(batch.classified.values())
            news = await store_facts.remember(connection, now, [one.feedback for one in found])
            await store_intake.unwatch(connection, list(batch.classified))
            touched = await self._openings.take(connection, now, found, tally)
        if batch.corrected:
            await self._corrections.record(connection, now, list(batch.corrected.values()), tally)
        waiting = [item for key, item in batch.watched.items() if key not in batch.classified]
        if waiting:
            await store_intake.watch(connection, waiting, self._patience)
        counted = mentions.summed(batch.counted[key] for key in news)
        await store_topic_days.add(connection, counted)
        return touched

    def _read(self, deliveries: Sequence[Delivery]) -> Batch:
        batch = Batch()
        for delivery in deliveries:
            payload = delivery.payload
            if isinstance(payload, Interaction):
                if answers(payload):
                    batch.contacts.append(self._contact(payload))
            elif isinstance(payload, Feedback):
                if not payload.backfill:
                    heard = self._heard(payload, item_of_feedback(payload))
                    batch.watched[heard.key] = heard
            elif isinstance(payload, Enrichment) and not _is_history(payload):
                self._read_enrichment(payload, batch)
        return batch

    def _read_enrichment(self, enrichment: Enrichment, batch: Batch) -> None:
        key = FeedbackKey.of(enrichment.feedback)
        light = light_of(enrichment)
        if light is not None:
            batch.corrected[light.id] = Corrected(key, light)
        batch.counted.setdefault(key, mentions.counts(enrichment, self._zone))
        earlier = batch.classified.get(key)
        if earlier is not None and earlier.colour is Colour.RED:
            return
        heard = self._heard(enrichment.feedback, item_of(enrichment))
        colour = enrichment.light.colour
        batch.classified[key] = Classified(heard, colour, reasons_of(enrichment))

    def _heard(self, feedback: Feedback, item: Item) -> Heard:
        return Heard(
            key=FeedbackKey.of(feedback),
            item=item,
            occurred_at=feedback.occurred_at,
            received_at=feedback.received_at,
            customer=matching.Named(
                self._key(),
                feedback.tenant,
                feedback.source,
                feedback.conversation_id,
                feedback.identifiers,
            ),
        )

    def _contact(self, interaction: Interaction) -> Contact:
        return Contact(
            tenant=interaction.tenant,
            source=interaction.source,
            id=interaction.id,
            occurred_at=interaction.occurred_at,
            received_at=interaction.received_at,
            actor_id=interaction.actor.id if interaction.actor else None,
            keys=matching.match_keys(
                self._key(),
                interaction.tenant,
                interaction.source,
                interaction.conversation_id,
                interaction.identifiers,
            ),
            anonymous=matching.anonymous(interaction.identifiers),
        )

    def _key(self) -> bytes:
        if self._secret is None:
            raise Retryable("alerting has not started yet")
        return self._secret


def _is_history(enrichment: Enrichment) -> bool:
    """Whether it opens nothing. Somebody who sets the light now asks for what follows from it."""
    if light_of(enrichment) is not None:
        return False
    return enrichment.reprocessed or enrichment.feedback.backfill
