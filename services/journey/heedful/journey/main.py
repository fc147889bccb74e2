"""Wiring of journey."""

from heedful.common.db import Migrations
from heedful.common.environment import load
from heedful.common.runtime import Subscription
from heedful.common.serve import main as run
from heedful.common.service import Platform, Service
from heedful.common.topics import FEEDBACK_ENRICHED, INTERACTION_RECORDED
from heedful.journey.api import customers, touchpoints
from heedful.journey.consumer import GROUP, Handler
from heedful.journey.queries import Queries
from heedful.journey.settings import JourneySettings
from heedful.journey.store import Store

MIGRATIONS = Migrations(schema="journey", package="heedful.journey.migrations")


def build(platform: Platform) -> Service:
    """Journey on this platform; not started."""
    settings = load(JourneySettings)
    queries = Queries(platform.engine)
    handler = Handler(Store(platform.engine), settings.phone_region)
    return Service(
        name="journey",
        routers=[
            customers.router(queries, platform.auth, settings.phone_region),
            touchpoints.router(queries, platform.auth),
        ],
        migrations=MIGRATIONS,
        subscriptions=[Subscription(GROUP, (FEEDBACK_ENRICHED, INTERACTION_RECORDED), handler)],
    )


def main() -> None:
    run("heedful-journey", [build])
