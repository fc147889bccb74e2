"""journey.signal in; cases, and more about them, out."""

from collections.abc import Callable, Sequence

from heedful.alerting import metrics
from heedful.alerting.announcing import SERVICE
from heedful.alerting.database import Database
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import Tally
from heedful.alerting.responses import Responses
from heedful.alerting.signals.signal import Signal, SignalOutcome, signal_of
from heedful.alerting.signals.taking import Signals
from heedful.common import metrics as common_metrics
from heedful.common.contracts import JourneySignal, SignalKind
from heedful.common.errors import Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import Handled

ERASED = "erased"
"""What came of a signal of a customer who was erased, beside `SignalOutcome`."""
_MOVING = (SignalOutcome.OPENED, SignalOutcome.REOPENED, SignalOutcome.JOINED)

for _kind in SignalKind:
    for _outcome in (*SignalOutcome, ERASED):
        metrics.SIGNALS.labels(_kind.value, str(_outcome))


class SignalHandler:
    """Each signal in a transaction of its own, and contacts that answer its case in a second, as of
    feedback. A batch that is repeated finds that its signals were taken.

    Args:
        woken: called after a commit that others may act on.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        responses: Responses,
        woken: Callable[[], None],
    ) -> None:
        self._database = database
        self._signals = Signals(database, ledger)
        self._responses = responses
        self._woken = woken
        self._secret: bytes | None = None

    def use_match_secret(self, secret: bytes) -> None:
        """The key of match keys; must be set before the first batch."""
        self._secret = secret

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        if self._secret is None:
            raise Retryable("alerting has not started yet")
        for delivery in batch:
            if isinstance(delivery.payload, JourneySignal):
                await self._take(signal_of(delivery.payload, self._secret))
        return [[] for _ in batch]

    async def _take(self, signal: Signal) -> None:
        kind, tally = signal.shown.facts.kind.value, Tally()
        async with self._database.intake() as (connection, now):
            if await self._signals.erased(connection, signal):
                common_metrics.ERASED_AGAIN.labels(SERVICE).inc()
                metrics.SIGNALS.labels(kind, ERASED).inc()
                return
            taken = await self._signals.take(connection, now, signal, tally)
        if taken is None:
            return
        metrics.SIGNALS.labels(kind, taken.outcome.value).inc()
        tally.committed(self._woken)
        if taken.case_id is not None and taken.outcome in _MOVING:
            tally = Tally()
            async with self._database.intake() as (connection, now):
                await self._responses.match(connection, now, [taken.case_id], (), tally)
            tally.committed(self._woken)
