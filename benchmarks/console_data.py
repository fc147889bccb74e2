"""A data folder as an installation of years has it: what the services wrote, many times over.

Not a benchmark. The services take in the example feedback and people work on its cases; then every
row that this left is copied in PostgreSQL: each copy has customers, feedback and cases of its own,
and lies somewhat further back. Times and ids inside of JSON stay those of the first.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
from pydantic import SecretStr

from heedful.cli.postgres import embedded_postgres
from heedful.common.db import create_engine
from heedful.common.settings import Settings
from heedful.journey.insights_reading import store_packs
from heedful.journey.insights_reading.day_packing import EVERY_S, QUIET, DayPacking

YEAR: Final = "285 days"
"""The examples span 80 days: with these copies, a year."""
_NEW: Final = "md5({0}::text || '~' || k)::uuid"
_TEXT: Final = "{0} || '~' || k"
_LONG_AGO: Final = f"{{0}} - k * (interval '{YEAR}' / {{copies}})"
_RECENTLY: Final = "{0} - k * (interval '20 days' / {copies})"
_CASE: Final = "md5({0} || '~' || k)::uuid::text"
_AHEAD: Final = "greatest(" + _RECENTLY + ", now() + interval '2 days')"

Rules = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Copied:
    """A table whose rows are copied.

    Attributes:
        rules: how a column of a copy follows from the row that it is a copy of, where it is not
            the same; {0} is the column, k the number of the copy, {copies} how many there are.
        where: which rows; None: all.
        shuffled: its indexes are made anew when all is in it: it is large.
    """

    table: str
    rules: Rules
    where: str | None = None
    shuffled: bool = False


_OF_EVENT: Final[Rules] = {"source": "{0}", "id": _TEXT}
JOURNEY: Final = (
    Copied(
        "journey.identifier",
        {
            "id": _NEW,
            "customer_id": _NEW,
            "value": _TEXT,
            "first_seen": _LONG_AGO,
            "evidence_id": _TEXT,
        },
        shuffled=True,
    ),
    Copied("journey.link", {"a": _NEW, "b": _NEW}, shuffled=True),
    Copied("journey.conversation", {"id": _TEXT}),
    Copied(
        "journey.journey",
        {
            "customer_id": _NEW,
            **dict.fromkeys(
                ("entered_at", "first_at", "last_at", "waiting_since", "stuck_at", "left_at"),
                _LONG_AGO,
            ),
        },
        shuffled=True,
    ),
    Copied(
        "journey.event",
        {
            **_OF_EVENT,
            "occurred_at": _LONG_AGO,
            # Received as it happened, and not when the examples were replayed.
            "received_at": _LONG_AGO.replace("{0}", "occurred_at") + " + interval '2 minutes'",
            "enriched_at": _LONG_AGO.replace("{0}", "occurred_at") + " + interval '3 minutes'",
            "conversation_id": _TEXT,
            "customer_id": _NEW,
            "identifiers": "ARRAY(SELECT md5(i::text || '~' || k)::uuid FROM unnest({0}) AS i)",
            "payload": "CASE kind WHEN 'feedback' THEN"
            " jsonb_set({0}, '{{feedback,id}}', to_jsonb(id || '~' || k)) ELSE {0} END",
        },
        # Half as many interactions as feedback.
        "kind = 'feedback' OR k % 3 = 0",
        shuffled=True,
    ),
    Copied("journey.feedback_text", _OF_EVENT, shuffled=True),
)
VECTORS: Final = Copied("journey.feedback_vector", _OF_EVENT)
_OF_CASE: Final[Rules] = {"case_id": _CASE}
ALERTING: Final = (
    Copied(
        "alerting.cases",
        {
            "id": _CASE,
            "feedback_id": _TEXT,
            "merged_into": _CASE,
            "owner": "CASE WHEN {0} IS NOT NULL THEN 'agent-' || k % 40 END",
            "action_owner": "CASE WHEN {0} IS NOT NULL THEN 'agent-' || k % 40 END",
            **dict.fromkeys(
                (
                    "received_at",
                    "opened_at",
                    "action_due",
                    "paused_at",
                    "over_at",
                    "due_at",
                    "seen_at",
                    "owned_at",
                    "landed_at",
                ),
                _RECENTLY,
            ),
            "waits": "ARRAY(SELECT w - k * (interval '20 days' / {copies}) FROM unnest({0}) AS w)",
        },
        shuffled=True,
    ),
    Copied(
        "alerting.clock",
        {
            **_OF_CASE,
            "started_at": _RECENTLY,
            "due_at": _RECENTLY,
            "fulfilled_at": _RECENTLY,
            # What ran out long ago was told long ago.
            "breached_at": "coalesce({0}, CASE WHEN fulfilled_at IS NULL AND ended IS NULL AND "
            + _RECENTLY.replace("{0}", "due_at")
            + " < now() THEN due_at END)"
            + " - k * (interval '20 days' / {copies})",
        },
        shuffled=True,
    ),
    Copied(
        "alerting.case_event",
        {
            **_OF_CASE,
            "id": _CASE,
            "feedback_id": _TEXT,
            "at": _RECENTLY,
            "recorded_at": _RECENTLY,
            "since": _RECENTLY,
        },
        shuffled=True,
    ),
    Copied(
        "alerting.case_feedback",
        {**_OF_CASE, "feedback_id": _TEXT, "received_at": _RECENTLY, "occurred_at": _RECENTLY},
    ),
    Copied("alerting.case_key", {**_OF_CASE, "key": _TEXT}),
    Copied(
        "alerting.signal",
        {
            **_OF_CASE,
            "id": _TEXT,
            "customer_id": "md5({0} || '~' || k)::uuid::text",
            "detected_at": _RECENTLY,
            "taken_at": _RECENTLY,
        },
    ),
    # None is due while pages are measured.
    Copied("alerting.timer", {**_OF_CASE, "due_at": _AHEAD}),
    Copied(
        "alerting.delivery",
        {**_OF_CASE, "id": _CASE, "created_at": _RECENTLY, "finished_at": _RECENTLY},
        "state = 'delivered' OR state = 'failed'",
        shuffled=True,
    ),
    Copied("alerting.attempt", {"delivery_id": _CASE, "at": _RECENTLY}),
    Copied(
        "ingest.quarantine",
        {"id": _TEXT, "received_at": _RECENTLY, "digest": "sha256({0} || k::text::bytea)"},
    ),
)

_COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema || '.' || table_name = $1 AND is_identity = 'NO' AND is_generated = 'NEVER'
    ORDER BY ordinal_position
"""
_INDEXES = """
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
    FROM pg_index i WHERE i.indrelid = $1::regclass AND NOT i.indisunique
"""
_AT_ONCE: Final = 250


def many(data: Path, feedback: int, open_cases: int, embedded: float) -> None:
    """Copy what is in the folder, until there is so much of it. Nothing else may use the folder.

    Args:
        embedded: share of the feedback that has an embedding.
    """
    with embedded_postgres(data) as url:
        asyncio.run(_many(url, feedback, open_cases, embedded))
        asyncio.run(pack(url))


async def pack(url: str) -> None:
    """Days that are over, as journey packs them when they rest; the copies ran no trigger."""
    engine = create_engine(Settings(database_url=SecretStr(url)), "console-data")
    async with engine.begin() as connection:
        await store_packs.touch_all(connection, None)
    packing = DayPacking(engine, lambda: datetime.now(UTC) + 2 * QUIET)
    while await packing.step() != EVERY_S:
        pass
    await engine.dispose()


async def _many(url: str, feedback: int, open_cases: int, embedded: float) -> None:
    sql = await asyncpg.connect(url)
    for setting in (
        "session_replication_role = replica",
        "synchronous_commit = off",
        "maintenance_work_mem = '1GB'",
    ):
        await sql.execute(f"SET {setting}")
    said = await sql.fetchval("SELECT count(*) FROM journey.event WHERE kind = 'feedback'")
    cases = await sql.fetchval("SELECT count(*) FROM alerting.cases WHERE over_at IS NULL")
    copies = feedback // said
    for one in JOURNEY:
        await _copy(sql, one, copies)
    await _copy(sql, VECTORS, copies, int(copies * embedded))
    for one in ALERTING:
        await _copy(sql, one, -(-open_cases // cases))
    await sql.execute("VACUUM ANALYZE")
    await sql.close()


async def _copy(
    sql: "asyncpg.Connection[Any]", what: Copied, copies: int, made: int | None = None
) -> None:
    began = time.perf_counter()
    columns = [row[0] for row in await sql.fetch(_COLUMNS, what.table)]
    indexes = await sql.fetch(_INDEXES, what.table) if what.shuffled else []
    for index in indexes:
        await sql.execute(f"DROP INDEX {index['name']}")
    await sql.execute(f"CREATE TEMP TABLE first AS SELECT * FROM {what.table}")  # noqa: S608  # a constant
    statement = _statement(what, columns, copies)
    last = copies if made is None else made
    for start in range(1, last + 1, _AT_ONCE):
        # So that the server plans it for these numbers.
        await sql.execute(
            statement.replace("$1", str(start)).replace("$2", str(min(last, start + _AT_ONCE - 1)))
        )
    await sql.execute("DROP TABLE first")
    for index in indexes:
        await sql.execute(index["definition"])
    rows = await sql.fetchval(f"SELECT count(*) FROM {what.table}")  # noqa: S608  # a constant
    print(f"{what.table}: {rows:,} rows, {time.perf_counter() - began:.0f} s", flush=True)


def _statement(what: Copied, columns: Sequence[str], copies: int) -> str:
    unknown = what.rules.keys() - set(columns)
    assert not unknown, f"{what.table} has no {unknown}"
    made = [
        what.rules.get(name, "{0}").format(f'first."{name}"', copies=copies) for name in columns
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {what.table} ({names}) SELECT {', '.join(made)}"  # noqa: S608  # constants
        f" FROM first, generate_series($1, $2) AS k WHERE {what.where or 'true'}"
    )
