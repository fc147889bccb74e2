"""kill -9 in the middle of an import: the process that comes after it goes on."""

import asyncio
import csv
import io
from pathlib import Path
from typing import Any

import httpx

from tests.databases import execute
from tests.e2e.processes import eventually
from tests.integration.ingest.importing import GIVEN, PATH, csv_of, rows
from tests.integration.ingest_process import KEY, items_in_log, running_ingest

ROWS = 6_000


def test_an_import_outlives_its_process(empty_database_url: str, tmp_path: Path) -> None:
    with (
        running_ingest(empty_database_url, tmp_path) as process,
        httpx.Client(base_url=process.url, headers={"X-API-Key": KEY}, timeout=30) as client,
    ):
        answer = client.post(PATH, data=GIVEN, files={"file": ("r.csv", csv_of(*rows(ROWS)))})
        assert answer.status_code == 202, answer.text
        place = answer.headers["location"]

        def look() -> dict[str, Any]:
            found: dict[str, Any] = client.get(place).json()
            return found

        eventually(lambda: look()["rows"]["imported"], "rows that are in")
        process.kill()
        process.start()
        process.wait_ready()
        assert look()["state"] == "running"
        # Nobody waits a minute in a test.
        over = "UPDATE ingest.import SET lease_until = now()"
        asyncio.run(execute(empty_database_url, over))
        eventually(lambda: look()["state"] == "done", "the end of the import")
        found = look()["rows"]
        lines = client.get(f"{place}/report").content.decode("utf-8-sig")
    assert found["imported"] + found["duplicate"] == ROWS
    assert found["duplicate"] <= 200
    told = [line[0] for line in csv.reader(io.StringIO(lines, newline=""))][1:]
    assert told == [str(number) for number in range(2, ROWS + 2)]
    assert len(asyncio.run(items_in_log(empty_database_url))) == ROWS
