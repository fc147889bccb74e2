"""SQL of the work on cases as their events say it: for cases whose row does not say it yet."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.progress import NO_PROGRESS, NO_WORK, Progress
from heedful.common.contracts import ActorType, CaseEventKind

WORK: Final = f"kind <> ALL ('{{{','.join(sorted(NO_WORK))}}}')"
"""What the index case_event_work has: all that was done, without what the clocks told."""

_READ: Final = text(
    f"""
    SELECT case_id, kind, at, actor_type FROM alerting.case_event
    WHERE case_id = ANY(CAST(:ids AS text[])) AND {WORK} ORDER BY case_id, sequence
    """  # noqa: S608  # constants
)


async def from_events(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Progress]:
    """The progress of each of these cases."""
    rows = await connection.execute(_READ, {"ids": list(ids)})
    return dict.fromkeys(ids, NO_PROGRESS) | {
        case_id: Progress.of(
            (CaseEventKind(row.kind), row.at, ActorType(row.actor_type)) for row in found
        )
        for case_id, found in groupby(rows, key=lambda row: str(row.case_id))
    }
