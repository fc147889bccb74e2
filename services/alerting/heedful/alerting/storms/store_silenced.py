"""SQL of notices that cases leave to their issue."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.recipients import Mention, Recipient
from heedful.alerting.store_deliveries import stored_mentions
from heedful.alerting.storms.model import Issue, Silenced
from heedful.alerting.storms.pacing import moment
from heedful.alerting.webhook import EventType
from heedful.common.contracts import Colour
from heedful.common.retention import WHOSE, Rule

_NAMES = """
    tenant, issue_id, case_id, event_type, colour, clock, step, at, tell_at, latest, audience,
    mentions, endpoints
"""

_LEAVE = text(
    f"""
    WITH given AS (
        SELECT {_NAMES} FROM json_populate_recordset(
            NULL::alerting.issue_notice, CAST(:rows AS json))
    ), stored AS (
        INSERT INTO alerting.issue_notice ({_NAMES}) SELECT {_NAMES} FROM given
    )
    UPDATE alerting.issue i SET look_at = least(i.look_at, w.at)
    FROM unnest(CAST(:issues AS text[]), CAST(:looks AS timestamptz[])) AS w (id, at)
    WHERE i.id = w.id
    """  # noqa: S608  # constants
)

# A row that somebody is about to withdraw is not waited for: who has it may wait for the issue.
_WAITING = text(
    f"""
    WITH free AS (
        SELECT id FROM alerting.issue_notice
        WHERE issue_id = ANY(CAST(:issues AS text[])) AND flush IS NULL
        FOR UPDATE SKIP LOCKED
    )
    SELECT n.id, {_NAMES}, free.id IS NULL AS busy
    FROM alerting.issue_notice n LEFT JOIN free ON free.id = n.id
    WHERE n.issue_id = ANY(CAST(:issues AS text[])) AND n.flush IS NULL ORDER BY n.id
    """  # noqa: S608  # a constant
)

_MARK = text(
    """
    UPDATE alerting.issue_notice n SET flush = w.flush
    FROM unnest(CAST(:ids AS bigint[]), CAST(:flushes AS int[])) AS w (id, flush)
    WHERE n.id = w.id
    """
)

_OLD = text(
    f"""
    DELETE FROM alerting.issue_notice WHERE id IN (
        SELECT id FROM alerting.issue_notice
        WHERE flush IS NOT NULL AND at < :before AND {WHOSE} ORDER BY at LIMIT :limit)
    """  # noqa: S608  # a constant
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that nobody was told of, with its row. `busy`: somebody else has the row."""

    id: int
    issue_id: str
    notice: Silenced
    busy: bool


async def leave(connection: AsyncConnection, left: Sequence[tuple[Issue, Silenced]]) -> None:
    """Leave notices to their locked issues, which look at them in time."""
    looks: dict[str, datetime] = {}
    for issue, one in left:
        at = moment(one, issue)
        looks[issue.id] = min(at, looks.get(issue.id, at))
    values = {
        "rows": orjson.dumps([_row(issue, one) for issue, one in left]).decode(),
        "issues": list(looks),
        "looks": list(looks.values()),
    }
    await connection.execute(_LEAVE, values)


async def waiting(connection: AsyncConnection, issues: Collection[str]) -> dict[str, list[Waiting]]:
    """What waits to be told by these locked issues, in the order in which it came."""
    found: dict[str, list[Waiting]] = defaultdict(list)
    for row in await connection.execute(_WAITING, {"issues": sorted(issues)}):
        found[row.issue_id].append(Waiting(row.id, row.issue_id, _silenced(row), row.busy))
    return found


async def mark(connection: AsyncConnection, flushes: Mapping[int, int]) -> None:
    """These are told, by the flush of that number."""
    values = {"ids": list(flushes), "flushes": list(flushes.values())}
    await connection.execute(_MARK, values)


async def delete_old(connection: AsyncConnection, rule: Rule, limit: int) -> int:
    """Forget notices that were told so long ago; how many it was."""
    return (await connection.execute(_OLD, {**rule.values, "limit": limit})).rowcount


def _row(issue: Issue, one: Silenced) -> dict[str, Any]:
    return {
        "tenant": issue.tenant,
        "issue_id": issue.id,
        "case_id": one.case_id,
        "event_type": one.type,
        "colour": one.colour,
        "clock": one.clock,
        "step": one.step,
        "at": one.at,
        "tell_at": one.tell_at,
        "latest": one.latest,
        "audience": one.audience,
        "mentions": orjson.Fragment(stored_mentions(one.mentions)),
        "endpoints": sorted(one.endpoints),
    }


def _silenced(row: Row[Any]) -> Silenced:
    return Silenced(
        case_id=row.case_id,
        type=EventType(row.event_type),
        colour=Colour(row.colour),
        at=row.at,
        tell_at=row.tell_at,
        latest=row.latest,
        clock=row.clock,
        step=row.step,
        audience=tuple(Recipient(one) for one in row.audience),
        mentions=tuple(Mention(**one) for one in row.mentions),
        endpoints=frozenset(row.endpoints),
    )
