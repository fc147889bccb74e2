"""What the metrics say of tables: looked up now and then."""

from heedful.common.db.passing import MAY_PASS, passing
from heedful.ingest import metrics
from heedful.ingest.store_lines import LineStore
from heedful.ingest.store_quarantine import QuarantineStore

MEASURE_EVERY_S = 15.0


class Gauges:
    def __init__(self, kept: QuarantineStore, lines: LineStore) -> None:
        self._kept = kept
        self._lines = lines

    async def measure(self) -> float:
        """Step of a loop. Returns seconds until the next."""
        try:
            waiting, failing = await self._kept.open_by_channel(), await self._lines.failing()
        except MAY_PASS as error:
            if not passing(error):
                raise
            return MEASURE_EVERY_S
        metrics.QUARANTINE_OPEN.clear()
        for labels, number in waiting.items():
            metrics.QUARANTINE_OPEN.labels(*labels).set(number)
        metrics.LINES_FAILING.clear()
        for channel, number in failing.items():
            metrics.LINES_FAILING.labels(channel).set(number)
        return MEASURE_EVERY_S
