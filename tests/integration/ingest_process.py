"""`heedful-ingest` as a process of its own, on a database of this test's own."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from tests.e2e.processes import Process

KEY = "import-key"
SECRET_KEYS = "test:" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@contextmanager
def running_ingest(database_url: str, folder: Path) -> Iterator[Process]:
    env = {
        "HEEDFUL_API_KEYS": f"acme:{KEY}:feedback:write",
        "HEEDFUL_DATABASE_URL": database_url,
        "HEEDFUL_DATA_DIR": str(folder / "data"),
        "HEEDFUL_SECRET_KEYS": SECRET_KEYS,
    }
    process = Process("ingest", ("heedful-ingest",), env, folder / "out")
    process.start()
    process.wait_ready()
    yield process
    if process.running():
        process.terminate()


async def items_in_log(database_url: str) -> Counter[str]:
    """How often each feedback is in the log, by its id."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT convert_from(value, 'UTF8')::jsonb->>'id' AS id FROM bus.record"
            " WHERE topic = 'heedful.feedback.received.v1'"
        )
    finally:
        await connection.close()
    return Counter(row["id"] for row in rows)
