"""SQL of how right nlp was: counts of what it said beside what people said."""

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.nlp.quality import Judged

_RED: Final = "red"

_JUDGED = text("SELECT count(*) FROM nlp.verdict WHERE at >= :since")

# All topics are one label here: each alone has too few verdicts to say anything.
_VERDICTS = text(
    """
    SELECT split_part(l.label, ':', 1) AS label, l.was, l.value, count(*) AS items
    FROM nlp.verdict v, jsonb_to_recordset(v.labels) AS l (label text, was text, value text)
    WHERE v.at >= :since GROUP BY 1, 2, 3
    """
)

# What nobody corrected counts as right. What the audit found is left out: it is counted apart.
_REDS = text(
    """
    SELECT e.colour = 'red' AS was, coalesce(c.value, e.colour) = 'red' AS value,
        count(*) AS items
    FROM nlp.enrichment e
    LEFT JOIN (
        SELECT DISTINCT ON (tenant, source, feedback_id) tenant, source, feedback_id, value
        FROM nlp.correction WHERE label = 'light' AND basis = 'correction'
        ORDER BY tenant, source, feedback_id, at DESC, id DESC
    ) c USING (tenant, source, feedback_id)
    WHERE NOT e.backfill AND (e.colour = 'red' OR c.value = 'red')
    GROUP BY 1, 2
    """
)


async def judged(connection: AsyncConnection, since: datetime) -> int:
    """Verdicts since then."""
    found: int = (await connection.execute(_JUDGED, {"since": since})).scalar_one()
    return found


async def verdicts(connection: AsyncConnection, since: datetime) -> list[Judged]:
    """Of the random sample."""
    rows = await connection.execute(_VERDICTS, {"since": since})
    return [Judged(row.label, row.was, row.value, row.items) for row in rows]


async def corrected_reds(connection: AsyncConnection) -> list[Judged]:
    """Of the red lights that can still be corrected, and those that people made red."""
    rows = await connection.execute(_REDS)
    return [Judged("light", _red(row.was), _red(row.value), row.items) for row in rows]


def _red(light: bool) -> str:
    return _RED if light else "other"
