"""SQL of what happened to issues."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.storms.history import Happened

# The issue is locked, so its numbers have no gaps.
_APPEND = text(
    """
    INSERT INTO alerting.issue_event (issue_id, number, kind, at, actor_type, actor_id, detail)
    SELECT w.issue_id,
        (SELECT coalesce(max(e.number), 0) FROM alerting.issue_event e
         WHERE e.issue_id = w.issue_id) + row_number() OVER (PARTITION BY w.issue_id
            ORDER BY w.place),
        w.kind, w.at, w.actor_type, w.actor_id, CAST(w.detail AS jsonb)
    FROM unnest(
        CAST(:issues AS text[]), CAST(:kinds AS text[]), CAST(:times AS timestamptz[]),
        CAST(:actor_types AS text[]), CAST(:actor_ids AS text[]), CAST(:details AS text[])
    ) WITH ORDINALITY AS w (issue_id, kind, at, actor_type, actor_id, detail, place)
    """
)
_OF_ISSUE = text(
    """
    SELECT number, kind, at, actor_type, actor_id, detail FROM alerting.issue_event
    WHERE issue_id = :issue ORDER BY number DESC LIMIT :limit
    """
)


async def append(connection: AsyncConnection, happened: Sequence[Happened]) -> None:
    """Append events to locked issues, in the order given."""
    await connection.execute(
        _APPEND,
        {
            "issues": [one.issue_id for one in happened],
            "kinds": [one.kind.value for one in happened],
            "times": [one.at for one in happened],
            "actor_types": [one.actor.type.value for one in happened],
            "actor_ids": [one.actor.id for one in happened],
            "details": [orjson.dumps(dict(one.detail)).decode() for one in happened],
        },
    )


async def of_issue(connection: AsyncConnection, issue_id: str, limit: int) -> Sequence[Row[Any]]:
    """The latest events of an issue, the newest first."""
    return (await connection.execute(_OF_ISSUE, {"issue": issue_id, "limit": limit})).all()
