"""SQL of the daily counts of topics."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.mentions import EVERY, Counts
from heedful.alerting.verification.series import Count, Day, Window

# In the order of the key: two replicas that count the same topics cannot wait for each other.
_ADD = text(
    """
    INSERT INTO alerting.topic_day AS t (tenant, day, topic, touchpoint, n, negative, scored, score)
    SELECT w.tenant, w.day, w.topic, w.touchpoint, w.n, w.negative, w.scored, w.score
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:days AS date[]), CAST(:topics AS text[]),
        CAST(:touchpoints AS text[]), CAST(:ns AS int[]), CAST(:negatives AS int[]),
        CAST(:scoreds AS int[]), CAST(:scores AS double precision[])
    ) AS w (tenant, day, topic, touchpoint, n, negative, scored, score)
    ORDER BY w.tenant, w.day, w.topic, w.touchpoint
    ON CONFLICT (tenant, day, topic, touchpoint) DO UPDATE SET
        n = t.n + excluded.n, negative = t.negative + excluded.negative,
        scored = t.scored + excluded.scored, score = t.score + excluded.score
    """
)

_SERIES = text(
    """
    SELECT day, topic = :topic AS ours, sum(n) AS n, sum(negative) AS negative,
           sum(scored) AS scored, sum(score) AS score
    FROM alerting.topic_day
    WHERE tenant = :tenant AND day >= :start AND day < :end AND topic <> :every
        AND (CAST(:touchpoint AS text) IS NULL OR touchpoint = :touchpoint)
    GROUP BY day, topic = :topic ORDER BY day
    """
)

_PRUNE = text("DELETE FROM alerting.topic_day WHERE day < :before")


async def add(connection: AsyncConnection, counts: Counts) -> None:
    """Add to what was counted. The last statement of its transaction: everybody writes to these
    rows, and nobody should wait for more than a commit."""
    if not counts:
        return
    places = list(counts)
    await connection.execute(
        _ADD,
        {
            "tenants": [place.tenant for place in places],
            "days": [place.day for place in places],
            "topics": [place.topic for place in places],
            "touchpoints": [place.touchpoint for place in places],
            "ns": [counts[place].n for place in places],
            "negatives": [counts[place].negative for place in places],
            "scoreds": [counts[place].scored for place in places],
            "scores": [counts[place].score for place in places],
        },
    )


async def days(
    connection: AsyncConnection, tenant: str, topic: str, touchpoint: str | None, window: Window
) -> list[Day]:
    """Mentions of a topic and of all others by day, everywhere or at one touchpoint."""
    rows = await connection.execute(
        _SERIES,
        {
            "tenant": tenant,
            "topic": topic,
            "touchpoint": touchpoint,
            "start": window.start,
            "end": window.end,
            "every": EVERY,
        },
    )
    found: dict[date, dict[bool, Count]] = {}
    for row in rows:
        count = Count(int(row.n), int(row.negative), int(row.scored), float(row.score))
        found.setdefault(row.day, {})[row.ours] = count
    return [
        Day(day, sides.get(True, Count()), sides.get(False, Count()))
        for day, sides in found.items()
    ]


async def prune(connection: AsyncConnection, before: date) -> None:
    """Forget days that no verification reads any more."""
    await connection.execute(_PRUNE, {"before": before})
