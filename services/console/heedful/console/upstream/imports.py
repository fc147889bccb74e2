"""Files that somebody uploaded to ingest."""

from datetime import datetime
from typing import Final

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read

_PATH: Final = "/v1/imports"


class Rows(Read):
    imported: int = 0
    duplicate: int = 0
    rejected: int = 0


class Import(Read):
    """`fraction`: how far it is, of 1."""

    id: str
    file_name: str
    source: str
    state: str
    fraction: float
    rows: Rows
    failure: str | None = None
    created_at: datetime
    created_by: str
    ended_at: datetime | None = None


class ImportPage(Read):
    items: list[Import]
    next_cursor: str | None = None


async def listed(ingest: Caller, cursor: str | None) -> ImportPage:
    """The newest first."""
    return await ingest.get(ImportPage, _PATH, {"cursor": cursor, "limit": 50})
