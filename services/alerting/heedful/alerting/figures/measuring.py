"""The shares of the board as gauges, over all tenants, for Grafana."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from heedful.alerting import metrics
from heedful.alerting.database import Database
from heedful.alerting.figures.facts import CASES, CLOCKS
from heedful.alerting.figures.model import LAND
from heedful.common.contracts import ClockMetric

EVERY_S: Final = 60.0
_EVERY: Final = timedelta(minutes=5)
PERIOD: Final = timedelta(days=30)
RESULTS: Final = ("met", "breached")
LANDINGS: Final = ("within", "above", "young", "excluded")

_KEPT = text(
    f"""
    SELECT metric, CASE WHEN fulfilled_at <= due_at THEN 'met' ELSE 'breached' END AS result,
        count(*) AS n
    FROM ({CLOCKS}) AS k
    WHERE counts AND due_at <= :now AND started_at > :since GROUP BY 1, 2
    """  # noqa: S608  # constants
)
_LANDED = text(
    f"""
    SELECT CASE WHEN excluded IS NOT NULL THEN 'excluded'
            WHEN coalesce(landed_at, :now) - received_at > :limit THEN 'above'
            WHEN landed_at IS NULL THEN 'young' ELSE 'within' END AS result,
        count(*) AS n
    FROM ({CASES}) AS c WHERE received_at > :since AND received_at <= :now GROUP BY 1
    """  # noqa: S608  # constants
)


class Measuring:
    """One step sets the gauges, every five minutes; every replica shows the same numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._at: datetime | None = None

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            if self._at is not None and now - self._at < _EVERY:
                return EVERY_S
            values = {"now": now, "since": now - PERIOD}
            kept = (await connection.execute(_KEPT, values)).all()
            landed = (await connection.execute(_LANDED, {**values, "limit": LAND})).all()
        self._at = now
        clocks = {(row.metric, row.result): row.n for row in kept}
        for metric in ClockMetric:
            for result in RESULTS:
                n = clocks.get((metric.value, result), 0)
                metrics.RECENT_CLOCKS.labels(metric.value, result).set(n)
        cases = {row.result: row.n for row in landed}
        for result in LANDINGS:
            metrics.RECENT_LANDINGS.labels(result).set(cases.get(result, 0))
        return EVERY_S
