"""feedback.received, feedback.enriched and interaction.recorded in; cases and clocks out."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import matching, mentions, store_intake, store_topic_days
from heedful.alerting.batch import Batch, living
from heedful.alerting.corrections import Corrected, Corrections, light_of
from heedful.alerting.database import Database
from heedful.alerting.openings import Classified, Openings
from heedful.alerting.records import (
    Contact,
    FeedbackKey,
    Opening,
    Tally,
    Watched,
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
            await self._take(connection, now, read, tally)
        self._committed(tally)
        cases = sorted({key.case_id for key in read.red})
        if cases or read.contacts:
            tally = Tally()
            async with self._database.intake() as (connection, now):
                await self._responses.match(connection, now, cases, read.contacts, tally)
            self._committed(tally)
        return [[] for _ in batch]

    def _committed(self, tally: Tally) -> None:
        tally.publish()
        if tally.events:
            self._woken()

    async def _take(
        self, connection: AsyncConnection, now: datetime, batch: Batch, tally: Tally
    ) -> None:
        news: set[FeedbackKey] = set()
        if batch.contacts:
            await store_intake.keep_contacts(connection, batch.contacts)
        if batch.classified:
            keys = sorted(batch.classified, key=lambda key: (key.tenant, key.source, key.id))
            news = await store_intake.remember_enriched(connection, now, keys)
            await self._openings.open(connection, now, list(batch.red.values()), tally)
            await self._openings.classify(connection, now, list(batch.classified.values()), tally)
        if batch.corrected:
            await self._corrections.record(connection, now, list(batch.corrected.values()), tally)
        waiting = [item for key, item in batch.watched.items() if key not in batch.classified]
        if waiting:
            await store_intake.watch(connection, waiting, self._patience)
        counted = mentions.summed(batch.counted[key] for key in news)
        await store_topic_days.add(connection, counted)

    def _read(self, deliveries: Sequence[Delivery]) -> Batch:
        batch = Batch()
        for delivery in deliveries:
            payload = delivery.payload
            if isinstance(payload, Interaction):
                if answers(payload):
                    batch.contacts.append(self._contact(payload))
            elif isinstance(payload, Feedback):
                if not payload.backfill:
                    watched = self._watched(payload)
                    batch.watched[watched.key] = watched
            elif isinstance(payload, Enrichment) and not _is_history(payload):
                self._read_enrichment(payload, batch)
        return batch

    def _read_enrichment(self, enrichment: Enrichment, batch: Batch) -> None:
        key = FeedbackKey.of(enrichment.feedback)
        light = light_of(enrichment)
        if light is not None:
            batch.corrected[light.id] = Corrected(key, light)
        batch.counted.setdefault(key, mentions.counts(enrichment, self._zone))
        if key in batch.red:
            return
        reasons = reasons_of(enrichment)
        colour = enrichment.light.colour
        batch.classified[key] = Classified(key, colour, reasons)
        if colour is Colour.RED:
            batch.red[key] = Opening(
                self._watched(enrichment.feedback), colour, reasons, classified=True
            )

    def _watched(self, feedback: Feedback) -> Watched:
        return Watched(
            FeedbackKey.of(feedback),
            feedback.channel.value,
            feedback.received_at,
            matching.match_keys(
                self._key(), feedback.tenant, feedback.conversation_id, feedback.identifiers
            ),
            matching.anonymous(feedback.identifiers),
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
