"""Wiring of ingest."""

from datetime import timedelta

from heedful.common import identifiers
from heedful.common.db import Migrations
from heedful.common.environment import load
from heedful.common.erasure import Tombstones
from heedful.common.http import key_routes
from heedful.common.security.secrets import instance_secret
from heedful.common.serve import main as run
from heedful.common.service import Periodic, Platform, Service
from heedful.ingest.accept import Acceptor
from heedful.ingest.api import (
    channels,
    connections,
    events,
    imports,
    items,
    notes,
    privacy,
    quarantine,
    quarantine_discard,
    quarantine_replay,
    rejected_rows,
    standards,
)
from heedful.ingest.assembly import LOOK_EVERY_S, Assembly
from heedful.ingest.bell import Bell
from heedful.ingest.channels.registry import adapters
from heedful.ingest.current_privacy import CurrentPrivacy
from heedful.ingest.directory import Directory
from heedful.ingest.erasure_parts import SERVICE, erasure_parts
from heedful.ingest.gauges import MEASURE_EVERY_S, Gauges
from heedful.ingest.import_parts import import_parts
from heedful.ingest.intake import Intake
from heedful.ingest.item_redaction import ItemRedactor
from heedful.ingest.known import WRITE_EVERY_S, Known
from heedful.ingest.lines import Lines
from heedful.ingest.outbound import Outbound
from heedful.ingest.people import People
from heedful.ingest.receiving import Receiver
from heedful.ingest.records import Encoder
from heedful.ingest.rejected_rows import RejectedRows
from heedful.ingest.replay import Replayer
from heedful.ingest.settings import IngestSettings
from heedful.ingest.store import AcceptedStore
from heedful.ingest.store_connections import ConnectionStore
from heedful.ingest.store_lines import LineStore
from heedful.ingest.store_parts import PartStore
from heedful.ingest.store_privacy import PrivacyStore
from heedful.ingest.store_quarantine import QuarantineStore
from heedful.ingest.store_standards import StandardStore

MIGRATIONS = Migrations(schema="ingest", package="heedful.ingest.migrations")


def build(platform: Platform) -> Service:
    """Ingest on this platform; not started."""
    settings = load(IngestSettings)
    engine, box, auth = platform.engine, platform.secrets, platform.auth
    installed = adapters()
    connection_store = ConnectionStore(engine, box, installed)
    standard_store = StandardStore(engine)
    line_store, kept = LineStore(engine), QuarantineStore(engine, box)
    directory = Directory(
        connection_store, standard_store, timedelta(seconds=settings.max_future_seconds)
    )
    tombstones = Tombstones(SERVICE)
    erasing = erasure_parts(platform, settings, tombstones)
    known = Known(AcceptedStore(engine, tombstones))
    privacy_store = PrivacyStore(engine)
    current_privacy = CurrentPrivacy.of_store(privacy_store)
    acceptor = Acceptor(platform.bus, known, directory, current_privacy, settings.max_pending_items)
    parts = PartStore(engine, box)
    intake = Intake(acceptor, kept, parts)
    assembly = Assembly(parts, directory, intake, installed)

    bell = Bell()
    receiver = Receiver(intake, platform.quota, bell)
    outbound = Outbound(settings.allow_private_targets, settings.vendor_urls)
    rejected = RejectedRows(engine, kept, settings.import_max_quarantined)
    importing = import_parts(platform, acceptor, intake, rejected, settings)
    lines = Lines(
        line_store, connection_store, directory, intake, receiver, installed, outbound, bell
    )
    gauges = Gauges(kept, line_store)

    async def start() -> None:
        await erasing.start()
        secret = await instance_secret(engine, box, "partition-key")
        hashing = await instance_secret(engine, box, identifiers.SECRET)
        redactor = ItemRedactor(
            await instance_secret(engine, box, "redaction"), hashing, settings.phone_region
        )
        acceptor.encode_with(Encoder(secret, redactor))
        people = People(secret, hashing, settings.phone_region)
        intake.know_people(people)
        erasing.know_people(people)

    return Service(
        name=SERVICE,
        routers=[
            items.router(acceptor, auth, platform.quota, settings.max_batch_items),
            events.router(acceptor, auth, platform.quota, settings.max_batch_items),
            notes.router(acceptor, auth, platform.quota),
            importing.router,
            connections.router(connection_store, line_store, directory, installed, auth),
            connections.channels_router(installed, auth),
            channels.router(directory, receiver),
            standards.router(standard_store, directory, auth),
            privacy.router(privacy_store, current_privacy, auth),
            key_routes.router(engine, auth, platform.settings.keys.max_per_tenant),
            # Before the entries: its path is not one of them.
            rejected_rows.router(rejected, intake, auth, platform.quota),
            quarantine_replay.router(kept, Replayer(kept, directory, intake, acceptor), auth),
            quarantine_discard.router(kept, auth),
            quarantine.router(kept, intake, auth),
        ],
        migrations=MIGRATIONS,
        bodies={imports.PATH: importing.body_bytes},
        subscriptions=[erasing.subscription],
        background=[
            *erasing.background,
            lines,
            importing.worker,
            Periodic("ingest.known", known.write_waiting, 60 * WRITE_EVERY_S),
            Periodic("ingest.assembly", assembly.step, 60 * LOOK_EVERY_S),
            Periodic("ingest.gauges", gauges.measure, 10 * MEASURE_EVERY_S),
        ],
        start=start,
        serves_without_database=True,
        stop=erasing.stop,
    )


def main() -> None:
    run("heedful-ingest", [build])
