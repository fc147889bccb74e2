"""What was measured a while ago, so that counters have a speed. In this process's memory only."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from heedful.console.vitals.samples import Samples, Window

KEPT: Final = timedelta(minutes=15)
_APART: Final = timedelta(seconds=30)
"""Looks that are nearer to each other are one: a page that is open keeps no more than these."""
_MOST_PROCESSES: Final = 50

Process = tuple[str, float | None]


@dataclass
class History:
    """Of each process (its address, and when it started) the last quarter of an hour."""

    _seen: dict[Process, deque[tuple[datetime, Samples]]] = field(default_factory=dict)

    def window(self, address: str, samples: Samples, now: datetime) -> Window:
        """From the oldest look at this process to this one, which is remembered."""
        process = (address, samples.started)
        looks = self._seen.setdefault(process, deque())
        while looks and now - looks[0][0] > KEPT:
            looks.popleft()
        oldest = looks[0] if looks else None
        if not looks or now - looks[-1][0] >= _APART:
            looks.append((now, samples))
        self._forget()
        if oldest is None or now <= oldest[0]:
            return Window(samples, None, _up(samples, now))
        return Window(samples, oldest[1], now - oldest[0])

    def _forget(self) -> None:
        while len(self._seen) > _MOST_PROCESSES:
            del self._seen[next(iter(self._seen))]


def _up(samples: Samples, now: datetime) -> timedelta:
    started = samples.started
    if started is None:
        return timedelta()
    return max(timedelta(), timedelta(seconds=now.timestamp() - started))
