"""Wiring of nlp."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from heedful.common.contracts import Remaining
from heedful.common.db import Migrations
from heedful.common.environment import load
from heedful.common.erasure import ErasureSubscriber, Tombstones, left_in_log, memory
from heedful.common.outbox import Relay
from heedful.common.retention import Kept, Retention
from heedful.common.runtime import Ordering, Subscription
from heedful.common.security.secrets import instance_secret
from heedful.common.serve import main as run
from heedful.common.service import Periodic, Platform, Service
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED
from heedful.nlp import store_corrections, upkeep
from heedful.nlp.api import audit, corrections, embed, enrich
from heedful.nlp.audit import Audit
from heedful.nlp.consumer import EnrichHandler
from heedful.nlp.corrections import SERVICE, Corrections
from heedful.nlp.erasing import FeedbackEraser
from heedful.nlp.keeping import KeepHandler
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.settings import NlpSettings
from heedful.nlp.upkeep import Upkeep
from heedful.nlp.workers import Workers

GROUP = "heedful.nlp"
KEEPING_GROUP = "heedful.nlp.keeping"
MIGRATIONS = Migrations(schema="nlp", package="heedful.nlp.migrations")


def utc_now() -> datetime:
    return datetime.now(UTC)


def remaining(now: datetime) -> Sequence[Remaining]:
    """What is left in the log of what nlp writes: what waits to be labelled is labelled still."""
    return left_in_log([FEEDBACK_ENRICHED], now, FEEDBACK_RECEIVED.retention)


def build(platform: Platform, clock: Callable[[], datetime] = utc_now) -> Service:
    """nlp on this platform; the model is loaded, nothing is started.

    Args:
        clock: of corrections and of the weeks of the audit.
    """
    settings = load(NlpSettings)
    pipeline = Pipeline.load(
        settings.backend.value,
        settings.cache_texts,
        settings.policy,
        taxonomy=settings.taxonomy,
        mask_names=settings.mask_names,
        embeddings=settings.embeddings,
    )
    topics = frozenset(topic.code for topic in pipeline.taxonomy.topics)
    workers = Workers(pipeline, settings.workers, settings.waiting_texts)
    relay = Relay(
        SERVICE, platform.engine, lambda: platform.bus.producer, platform.settings.consumer
    )
    tombstones = Tombstones(SERVICE)
    erasures = ErasureSubscriber(
        SERVICE,
        platform.engine,
        platform.secrets,
        tombstones,
        [FeedbackEraser(tombstones)],
        remaining,
        relay.wake,
        clock,
    )
    corrected = Corrections(platform.engine, topics, relay.wake)
    judged = Audit(platform.engine, tombstones, corrected, relay.wake)
    keeping = KeepHandler(platform.engine, tombstones, settings.audit_items, clock, relay.wake)
    kept = Upkeep(platform.engine, timedelta(days=settings.correction_days), clock)
    retention = Retention(
        SERVICE,
        platform.engine,
        [
            Kept("words", settings.words_days, store_corrections.forget_words),
            *memory(tombstones, platform.settings.privacy.tombstone_days),
        ],
        clock,
    )

    async def start() -> None:
        await erasures.start()
        keeping.use_sample_secret(
            await instance_secret(platform.engine, platform.secrets, "audit-sample")
        )

    async def stop() -> None:
        await workers.close()
        await relay.close()

    return Service(
        name=SERVICE,
        routers=[
            enrich.router(workers, pipeline.policy, pipeline.taxonomy, platform.auth),
            embed.router(workers, platform.auth),
            corrections.router(
                platform.engine, corrected, platform.auth, clock, settings.correction_days
            ),
            audit.router(platform.engine, judged, platform.auth, clock, settings.audit_items),
        ],
        migrations=MIGRATIONS,
        # Two at a time: one is labelled while the labels of the other are on their way to the log.
        # Each of whole partitions, so that a stop leaves no gap behind which finished work could
        # not be committed and would be done again.
        subscriptions=[
            Subscription(
                GROUP,
                (FEEDBACK_RECEIVED,),
                EnrichHandler(workers),
                ordering=Ordering.PARTITION,
                concurrency=2,
            ),
            Subscription(KEEPING_GROUP, (FEEDBACK_ENRICHED,), keeping),
            erasures.subscription,
        ],
        background=[
            relay,
            Periodic("nlp.upkeep", kept.step, upkeep.STALL_S),
            retention.loop(),
        ],
        start=start,
        stop=stop,
    )


def main() -> None:
    run("heedful-nlp", [build])
