"""Wiring of ingest."""

from heedful.common.db import Migrations
from heedful.common.environment import load
from heedful.common.security import instance_secret
from heedful.common.serve import main as run
from heedful.common.service import Platform, Service
from heedful.ingest.accept import Acceptor
from heedful.ingest.api import events, items
from heedful.ingest.settings import IngestSettings
from heedful.ingest.store import AcceptedStore

MIGRATIONS = Migrations(schema="ingest", package="heedful.ingest.migrations")


def build(platform: Platform) -> Service:
    """Ingest on this platform; not started."""
    settings = load(IngestSettings)
    acceptor = Acceptor(platform.bus, AcceptedStore(platform.engine), settings.max_pending_items)

    async def start() -> None:
        secret = await instance_secret(platform.engine, platform.secrets, "partition-key")
        acceptor.use_key_secret(secret)

    return Service(
        name="ingest",
        routers=[
            items.router(acceptor, platform.auth, settings.max_batch_items),
            events.router(acceptor, platform.auth, settings.max_batch_items),
        ],
        migrations=MIGRATIONS,
        start=start,
    )


def main() -> None:
    run("heedful-ingest", [build])
