"""What the benchmarks of alerting share: its parts, red feedback, tables full of others' cases.

Not a benchmark.
"""

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.alerting import store_endpoints
from heedful.alerting.announcing import SERVICE
from heedful.alerting.consumer import AlertingHandler
from heedful.alerting.corrections import Corrections
from heedful.alerting.database import Database, ReadClock, database_now
from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoint_rows import Sealed
from heedful.alerting.ledger import Ledger
from heedful.alerting.main import MIGRATIONS
from heedful.alerting.openings import Openings
from heedful.alerting.responses import Responses
from heedful.alerting.rulebook import Rulebook
from heedful.alerting.settings import AlertingSettings
from heedful.alerting.timers import TimerLoop
from heedful.common.bus.base import LogRecord, Outgoing
from heedful.common.contracts import (
    Channel,
    Colour,
    Enrichment,
    Feedback,
    Identifier,
    IdentifierType,
    Light,
    Reason,
    Versions,
)
from heedful.common.db import create_engine, migrate
from heedful.common.db.migrate import COMMON
from heedful.common.erasure import Tombstones
from heedful.common.events import Delivery, from_record, partition_key, to_record
from heedful.common.settings import Settings
from heedful.common.topics import FEEDBACK_ENRICHED

TENANT = "benchmark"
SECRET = b"benchmark"
_VERSIONS = Versions(model="m", lexicon="l", taxonomy="t", policy="p")
_LIGHT = Light(colour=Colour.RED, reasons=(Reason(code="fire", label_zh="起火", label_en="Fire"),))

# Three clocks that run for long on each of the cases, as an installation of years has them.
_OTHERS = """
    SET session_replication_role = replica;
    INSERT INTO alerting.cases (id, tenant, state, colour, sequence, source, feedback_id, channel,
        received_at, opened_at, reasons, policy, rule)
    SELECT gen_random_uuid(), 'other', 'new', 'red', 1, 'calls', 'other-' || n, 'call', now(),
        now(), '[]', 'builtin@1', 'red'
    FROM generate_series(1, {cases}) AS n;
    INSERT INTO alerting.case_event (case_id, sequence, id, tenant, kind, at, recorded_at,
        actor_type, colour, detail)
    SELECT id, 1, gen_random_uuid(), tenant, 'opened', now(), now(), 'system', 'red', '{{}}'
    FROM alerting.cases WHERE tenant = 'other';
    INSERT INTO alerting.clock (case_id, tenant, number, metric, target, started_at, due_at)
    SELECT c.id, c.tenant, m.number, m.metric, '1000 days', now(), now() + interval '1000 days'
    FROM alerting.cases c, (VALUES (0, 'respond'), (1, 'plan'), (2, 'land')) AS m (number, metric)
    WHERE c.tenant = 'other';
    INSERT INTO alerting.timer (kind, case_id, metric, cycle, due_at)
    SELECT 'clock', case_id, metric, cycle, due_at + random() * interval '1 day'
    FROM alerting.clock WHERE tenant = 'other'
"""


class Alerting:
    """The parts that open cases and fire timers, wired as the service does.

    Args:
        read_clock: gives the time; None: the database's.
    """

    def __init__(self, engine: AsyncEngine, read_clock: ReadClock = database_now) -> None:
        tombstones = Tombstones(SERVICE)
        tombstones.use_secret(SECRET)
        self.database = Database(engine, tombstones, read_clock)
        self._ledger = Ledger(Rulebook(AlertingSettings().policy), "https://heedful.example.com")
        self._ledger.use_key_secret(SECRET)
        self._responses = Responses(self._ledger)
        self.handler = AlertingHandler(
            self.database,
            Openings(self._ledger),
            Corrections(self._ledger),
            self._responses,
            timedelta(minutes=15),
            lambda: None,
        )
        self.handler.use_match_secret(SECRET)

    def timers(self, worker: str) -> TimerLoop:
        return TimerLoop(self.database, self._ledger, self._responses, worker, lambda: None)


@dataclass(slots=True)
class Clock:
    """Asks the database as the service does, and says what it is told to."""

    now: datetime

    async def read(self, connection: AsyncConnection) -> datetime:
        await database_now(connection)
        return self.now


def connect(url: str, folder: Path, application: str) -> AsyncEngine:
    return create_engine(Settings(database_url=SecretStr(url), data_dir=folder), application)


async def prepare(engine: AsyncEngine) -> None:
    """The tables, and an endpoint that hears of everything."""
    await migrate(engine, [COMMON, MIGRATIONS])
    now = datetime.now(UTC)
    made = Endpoint("ep", TENANT, "https://example.com/", None, (), True, now)
    async with engine.begin() as connection:
        await store_endpoints.insert(connection, made, Sealed(b"", None))


def reds(run: str, received_at: datetime) -> Iterator[Enrichment]:
    """Endless red feedback under the ids `<run>-<number>`, each of another customer."""
    first = zlib.crc32(run.encode())
    for number in itertools.count():
        phone = f"+86139{(first + number) % 10**8:08}"
        feedback = Feedback(
            tenant=TENANT,
            source="calls",
            id=f"{run}-{number}",
            channel=Channel.CALL,
            text="充电宝放在桌上自己冒烟着火了，沙发烧了一个洞，家里老人吓坏了，麻烦尽快回复。",
            occurred_at=received_at,
            received_at=received_at,
            identifiers=(
                Identifier(type=IdentifierType.CUSTOMER_ID, value=f"{run}-c{number}"),
                Identifier(type=IdentifierType.PHONE, value=phone),
            ),
            conversation_id=f"{run}-talk-{number}",
            touchpoint="support.call",
        )
        yield Enrichment(
            tenant=TENANT,
            id=f"en-{feedback.id}",
            feedback=feedback,
            enriched_at=received_at,
            language="zh",
            light=_LIGHT,
            versions=_VERSIONS,
        )


def record(of: Enrichment) -> Outgoing:
    """What nlp writes to the log."""
    feedback = of.feedback
    return to_record(
        FEEDBACK_ENRICHED,
        of,
        id=of.id,
        source=f"/{TENANT}/nlp",
        key=partition_key(SECRET, TENANT, None, feedback.identifiers, feedback.id),
        time=of.enriched_at,
    )


def delivery(of: Enrichment) -> Delivery:
    """The same as the consumer's handler sees it."""
    out = record(of)
    return from_record(
        LogRecord(out.topic, 0, 0, 0, out.key, out.value, out.headers), FEEDBACK_ENRICHED
    )


async def add_others(url: str, timers: int) -> None:
    """So many open timers that are due in a thousand days, with their clocks and cases."""
    await _run(url, _OTHERS.format(cases=-(-timers // 3)))
    await analyze(url)


async def analyze(url: str) -> None:
    """What autovacuum does in its own time."""
    await _run(url, "VACUUM ANALYZE")


async def _run(url: str, statements: str) -> None:
    # A connection of its own: those of heedful end a statement that takes so long.
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()
