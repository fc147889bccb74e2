"""The figures of the wall as gauges, over all tenants, for Grafana."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from heedful.alerting.database import Database
from heedful.alerting.figures.measures import MEASURES, Measure
from heedful.alerting.figures.model import LAND

EVERY_S: Final = 60.0
_EVERY: Final = timedelta(minutes=5)
PERIOD: Final = timedelta(days=30)


class Measuring:
    """One step sets the gauges, every five minutes; every replica shows the same numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._at: datetime | None = None

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            if self._at is not None and now - self._at < _EVERY:
                return EVERY_S
            values = {"now": now, "since": now - PERIOD, "limit": LAND}
            found = [
                (await connection.execute(measure.statement, values)).all() for measure in MEASURES
            ]
        self._at = now
        for measure, rows in zip(MEASURES, found, strict=True):
            _show(measure, rows)
        return EVERY_S


def _show(measure: Measure, rows: Sequence[Row[Any]]) -> None:
    by_labels = {tuple(getattr(row, name) for name in measure.labels): row for row in rows}
    for labels in measure.shown:
        row = by_labels.get(labels)
        for column, gauge in measure.gauges.items():
            gauge.labels(*labels).set(0 if row is None else getattr(row, column))
