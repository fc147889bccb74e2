"""An import of a file that was uploaded: what it is, and its life."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from heedful.ingest.importing.plan import Plan
from heedful.ingest.importing.report import Counts

ADAPTER: Final = "import"
ADAPTER_VERSION: Final = "1"

CHUNK_BYTES: Final = 1 << 20
"""A file is kept in pieces of this size; the last one is smaller."""

LEASE: Final = timedelta(seconds=60)
ABANDONED_AFTER: Final = timedelta(hours=1)
"""An upload that was never completed is deleted then."""


def new_import_id() -> str:
    """Of an import, whoever reads its file."""
    return f"im-{uuid.uuid4().hex}"


class ImportState(StrEnum):
    """receiving → waiting → running → done, or failed, or cancelled."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Import:
    """One import.

    Attributes:
        fraction: how much of the file was read, 0 to 1.
        failure: why the file could not be read to its end; the rows before that are in.
        created_by: the id of the API key.
    """

    id: str
    tenant: str
    state: ImportState
    file_name: str
    file_bytes: int
    plan: Plan | None
    counts: Counts
    fraction: float
    failure: str | None
    created_at: datetime
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """An import that is this process's for a while; `owner` names the lease."""

    one: Import
    plan: Plan
    owner: str
