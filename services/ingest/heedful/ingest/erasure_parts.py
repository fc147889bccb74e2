"""The parts of ingest that obey erasures and delete what is too old, wired."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from heedful.common.erasure import ErasureSubscriber, Tombstones, memory
from heedful.common.outbox import Relay
from heedful.common.retention import Kept, Retention
from heedful.common.runtime import Subscription
from heedful.common.service import Background, Platform
from heedful.ingest import store, store_quarantine_forgetting
from heedful.ingest.erasing import QuarantineEraser, erasers, remaining
from heedful.ingest.people import People
from heedful.ingest.settings import IngestSettings

SERVICE: Final = "ingest"
LEAST_ACCEPTED_DAYS: Final = 30
"""Whatever a tenant wants: a sender that repeats an item within this time is told so, and no record
of it is in the log any more when it is forgotten."""


@dataclass(frozen=True, slots=True)
class ErasureParts:
    """`start` comes before the first request, `stop` after the last."""

    subscription: Subscription
    background: Sequence[Background]
    quarantine: QuarantineEraser
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]

    def know_people(self, people: People) -> None:
        """What hashes whom something is about; before the first erasure."""
        self.quarantine.know_people(people)


def utc_now() -> datetime:
    return datetime.now(UTC)


def erasure_parts(
    platform: Platform,
    settings: IngestSettings,
    tombstones: Tombstones,
    clock: Callable[[], datetime] = utc_now,
) -> ErasureParts:
    """Wired, not started."""
    engine = platform.engine
    # Receipts may wait for a database that is away; intake does not.
    relay = Relay(
        SERVICE,
        engine,
        lambda: platform.bus.producer,
        platform.settings.consumer,
        patient=True,
    )
    quarantine = QuarantineEraser()
    subscriber = ErasureSubscriber(
        SERVICE,
        engine,
        platform.secrets,
        tombstones,
        erasers(quarantine),
        lambda now: remaining(now, settings.quarantine_days, settings.import_days),
        relay.wake,
        clock,
    )
    kept = [
        Kept("accepted", settings.accepted_days, store.forget, least=LEAST_ACCEPTED_DAYS),
        Kept("quarantine", settings.quarantine_days, store_quarantine_forgetting.forget),
        *memory(tombstones, platform.settings.privacy.tombstone_days),
    ]
    return ErasureParts(
        subscription=subscriber.subscription,
        background=[relay, Retention(SERVICE, engine, kept, clock).loop()],
        quarantine=quarantine,
        start=subscriber.start,
        stop=relay.close,
    )
