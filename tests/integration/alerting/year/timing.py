"""When what is drawn reaches alerting. Pure."""

from collections.abc import Sequence
from typing import Final

from tests.integration.alerting.year.scene import Downtime

QUIET: Final = 120
_POLLS: Final = 3
"""In a tick: what came in since the last one is handed over together."""


class Timing:
    """Between the looks of a year. A third of `tick` is more than the quiet behind a look."""

    def __init__(self, start: int, tick: int, downtimes: Sequence[Downtime]) -> None:
        assert tick % _POLLS == 0
        assert tick // _POLLS > QUIET
        self._start, self._tick = start, tick
        self._downtimes = downtimes

    def read(self, sent: int) -> int:
        """When a record of that moment is read from the log."""
        poll = self._tick // _POLLS
        at = sent + -(sent - self._start) % poll
        away = self._away(at)
        return at if away is None else away.until

    def asked(self, at: int) -> int | None:
        """When a request of about that moment is made; None while nobody would answer."""
        behind = (at - self._start) % self._tick
        if 0 < behind <= QUIET:
            at += QUIET - behind + 1
        return None if self._away(at) else at

    def _away(self, at: int) -> Downtime | None:
        found = (one for one in self._downtimes if one.since < at < one.until)
        return next(found, None)
