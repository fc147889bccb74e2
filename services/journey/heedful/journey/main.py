"""Wiring of journey."""

from collections.abc import Callable
from datetime import datetime

from heedful.common import identifiers
from heedful.common.db import Migrations
from heedful.common.environment import load
from heedful.common.erasure import Tombstones, memory
from heedful.common.erasure.tombstones import SECRET
from heedful.common.outbox import Relay
from heedful.common.retention import Kept, Retention
from heedful.common.runtime import Subscription
from heedful.common.security.keys import parse
from heedful.common.security.secrets import instance_secret
from heedful.common.serve import main as run
from heedful.common.service import Platform, Service
from heedful.common.settings import Settings
from heedful.common.topics import FEEDBACK_ENRICHED, INTERACTION_RECORDED, PRIVACY_RECEIPT
from heedful.journey import receipts, record
from heedful.journey.admission import Admission
from heedful.journey.ageing import Ageing
from heedful.journey.api import (
    alignment,
    customers,
    decisions,
    erasures,
    insights,
    journeys,
    outlook,
    priorities,
    records,
    search,
    suggestions,
    touchpoints,
)
from heedful.journey.api.current import Current
from heedful.journey.consumer import GROUP, Handler, utc_now
from heedful.journey.deciding import Decisions
from heedful.journey.embedder import Embedder
from heedful.journey.erasures import Erasures
from heedful.journey.folding import Folding
from heedful.journey.insights_computing import Insights
from heedful.journey.insights_reading.day_packing import DayPacking
from heedful.journey.insights_stored import stored
from heedful.journey.lifecycle.stages import Lifecycles
from heedful.journey.lookup import Lookup
from heedful.journey.open_erasures import OpenErasures
from heedful.journey.publishing import SERVICE, Publisher
from heedful.journey.queries import Queries
from heedful.journey.receipts import ReceiptHandler
from heedful.journey.searching import Search
from heedful.journey.settings import JourneySettings
from heedful.journey.store import Store
from heedful.journey.suggestions import Suggestions

MIGRATIONS = Migrations(schema="journey", package="heedful.journey.migrations")


def build(platform: Platform, clock: Callable[[], datetime] = utc_now) -> Service:
    """Journey on this platform; not started."""
    settings = load(JourneySettings)
    engine, region = platform.engine, settings.phone_region
    queries, lookup = Queries(engine), Lookup(region)
    relay = Relay(SERVICE, engine, lambda: platform.bus.producer, platform.settings.consumer)
    tombstones = Tombstones(SERVICE)
    publisher = Publisher(platform.secrets)
    asked = Erasures(engine, tombstones, publisher, region, clock, relay.wake)
    store = Store(engine, Admission(tombstones, asked, region))
    handler = Handler(store, region, clock)
    key = _embed_key(settings, platform.settings)
    searched = Search(engine, Embedder(settings.embed_url, key, settings.embed_timeout_s))
    lifecycles = Lifecycles(settings.lifecycle)
    folding = Folding(engine, tombstones, lifecycles, clock, relay.wake)
    computing = Insights(engine, settings, stored(engine))
    retention = Retention(
        SERVICE,
        engine,
        [
            Kept("events", settings.event_days, Ageing(tombstones, clock)),
            *memory(tombstones, platform.settings.privacy.tombstone_days),
        ],
        clock,
    )

    async def start() -> None:
        tombstones.use_secret(await instance_secret(engine, platform.secrets, SECRET))
        key_secret = await instance_secret(engine, platform.secrets, "partition-key")
        publisher.use_key_secret(key_secret)
        folding.use_key_secret(key_secret)
        lookup.use_secret(await instance_secret(engine, platform.secrets, identifiers.SECRET))
        asked.use_record_secret(await instance_secret(engine, platform.secrets, record.SECRET))
        await folding.start()
        if await searched.start():
            store.use_vectors()

    async def stop() -> None:
        await computing.close()
        await relay.close()

    current = Current(engine, queries, lifecycles)
    return Service(
        name=SERVICE,
        routers=[
            customers.router(queries, platform.auth, lookup),
            decisions.router(queries, Decisions(engine, tombstones, clock), platform.auth, lookup),
            suggestions.router(Suggestions(engine), platform.auth),
            erasures.router(engine, asked, platform.auth, clock),
            touchpoints.router(queries, platform.auth),
            records.router(queries, platform.auth),
            search.router(searched, queries, platform.auth),
            journeys.router(engine, current, platform.auth, clock),
            outlook.router(current, platform.auth, clock),
            insights.router(computing, platform.auth, clock),
            alignment.router(engine, platform.auth, clock),
            priorities.router(engine, platform.auth, clock),
        ],
        migrations=MIGRATIONS,
        subscriptions=[
            # While PostgreSQL stores one batch the next one is read.
            Subscription(GROUP, (FEEDBACK_ENRICHED, INTERACTION_RECORDED), handler, concurrency=2),
            Subscription(receipts.GROUP, (PRIVACY_RECEIPT,), ReceiptHandler(engine, asked, clock)),
        ],
        background=[
            relay,
            OpenErasures(engine, publisher, clock, relay.wake).loop(),
            folding.loop(),
            DayPacking(engine, clock).loop(),
            retention.loop(),
        ],
        start=start,
        stop=stop,
    )


def _embed_key(own: JourneySettings, shared: Settings) -> str | None:
    if own.embed_key is not None:
        return own.embed_key.get_secret_value()
    given = shared.api_keys
    return parse(given[0].get_secret_value())[0] if given else None


def main() -> None:
    run("heedful-journey", [build])
