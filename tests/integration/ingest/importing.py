"""Files for `/v1/imports`, and what the tests do with them."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx

from tests.integration.ingest.world import Ingest
from tests.patience import until

PATH = "/v1/imports"
WORKER = "ingest.imports"
HEAD = "评价内容,评价时间,星级,手机号"
GIVEN = {"source": "shop", "channel": "review"}
ENDED = ("done", "failed", "cancelled")


def csv_of(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *rows)).encode()


def rows(count: int, start: int = 0) -> list[str]:
    return [
        f"第{number}条意见,2026-11-{number % 28 + 1} 08:15,{number % 5 + 1},139{number:08}"
        for number in range(start, start + count)
    ]


async def upload(
    ingest: Ingest,
    content: bytes,
    *,
    dry_run: bool = False,
    name: str = "reviews.csv",
    headers: dict[str, str] | None = None,
    **fields: str | list[str],
) -> httpx.Response:
    """POST the file, with the fields of the form beside `GIVEN`; one that is empty is left out."""
    form: dict[str, Any] = {key: value for key, value in {**GIVEN, **fields}.items() if value}
    return await ingest.client.post(
        PATH,
        params={"dry_run": "true"} if dry_run else {},
        data=form,
        files={"file": (name, content)},
        headers=headers,
    )


async def accepted(ingest: Ingest, content: bytes, **fields: Any) -> str:
    """The id of an import that was taken."""
    answer = await upload(ingest, content, **fields)
    assert answer.status_code == 202, answer.text
    found = answer.json()["id"]
    assert answer.headers["location"] == f"{PATH}/{found}"
    return str(found)


async def look(ingest: Ingest, import_id: str) -> dict[str, Any]:
    answer = await ingest.client.get(f"{PATH}/{import_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ended(ingest: Ingest, import_id: str) -> dict[str, Any]:
    """The import at its end; the worker must be running."""

    async def over() -> bool:
        return (await look(ingest, import_id))["state"] in ENDED

    await until(over)
    return await look(ingest, import_id)


async def imported(ingest: Ingest, content: bytes, **fields: Any) -> dict[str, Any]:
    """Take a file in and wait for its end; the worker must be running."""
    return await ended(ingest, await accepted(ingest, content, **fields))


async def report(ingest: Ingest, import_id: str) -> list[list[str]]:
    """The lines of the report, without its header."""
    answer = await ingest.client.get(f"{PATH}/{import_id}/report")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert lines[0] == ["row", "status", "id", "detail"]
    return lines[1:]


def counts(one: dict[str, Any]) -> Sequence[int]:
    return [one["rows"][name] for name in ("imported", "duplicate", "rejected")]
