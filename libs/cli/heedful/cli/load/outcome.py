"""What a run showed, and whether it may be believed."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict

from heedful.cli.load.connection import Lost
from heedful.cli.load.histogram import RELATIVE_ERROR, Histogram
from heedful.cli.load.schedule import Phase

PERCENTILES: Final = (50.0, 90.0, 95.0, 99.0, 99.9)
_TAKEN: Final = (202, 207)
_MS: Final = 1000


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class Times(_Told):
    """A distribution, in milliseconds; null of nothing."""

    count: int
    mean: float
    percentiles: dict[str, float]
    max: float

    @classmethod
    def of(cls, seen: Histogram) -> "Times":
        return cls(
            count=seen.count,
            mean=round(seen.mean * _MS, 3),
            percentiles={f"{p:g}": round(seen.percentile(p) * _MS, 3) for p in PERCENTILES},
            max=round(seen.max * _MS, 3),
        )


class PhaseOutcome(_Told):
    """One stretch of the run.

    Attributes:
        offered, answered: requests a second: that were due, and that were taken by the server.
        items: taken by the server, a second.
        latency: from when a request was due to its answer, of those that were taken.
        failures: requests by what came instead: a status, `closed`, `refused`, `timeout`.
    """

    name: str
    counts: bool
    seconds: float
    requests: int
    offered: float
    answered: float
    items: float
    latency: Times
    failures: dict[str, int]
    rejected_items: int


class Freshness(_Told):
    """How long until what was posted could be read, of a sample.

    Attributes:
        missing: not there when there was no more patience.
        resolution_ms: the longest time between two looks, by which a figure may be too high.
    """

    what: str
    times: Times
    missing: int
    resolution_ms: float


class Outcome(_Told):
    """A whole run.

    Attributes:
        lag: the generator's own lateness: from when a request was due until it turned to it.
        held: requests that waited because as many connections were busy as there may be.
        invalid: why the figures say nothing about the server; empty: they do.
    """

    command: dict[str, str | float | int | None]
    phases: list[PhaseOutcome]
    freshness: list[Freshness]
    lag: Times
    held: int
    relative_error: float = RELATIVE_ERROR
    invalid: list[str]

    @property
    def failures(self) -> Counter[str]:
        """Over all phases, the ramp too."""
        found: Counter[str] = Counter()
        for one in self.phases:
            found.update(one.failures)
        return found


@dataclass
class PhaseTally:
    """What was seen of a phase until now."""

    phase: Phase
    latency: Histogram = field(default_factory=Histogram)
    requests: int = 0
    items: int = 0
    rejected: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def count(self, status: int, latency: float, taken: int, rejected: int) -> None:
        """
        Args:
            taken, rejected: items of the request.
        """
        self.requests += 1
        if status not in _TAKEN:
            self.failures[named(status)] += 1
            return
        self.latency.record(latency)
        self.items += taken
        self.rejected += rejected

    def outcome(self, seconds: float) -> PhaseOutcome:
        """
        Args:
            seconds: that it lasted.
        """
        return PhaseOutcome(
            name=self.phase.name,
            counts=self.phase.counts,
            seconds=round(seconds, 3),
            requests=self.requests,
            offered=_each(self.requests, seconds),
            answered=_each(self.latency.count, seconds),
            items=_each(self.items, seconds),
            latency=Times.of(self.latency),
            failures=dict(sorted(self.failures.items())),
            rejected_items=self.rejected,
        )


def _each(count: int, seconds: float) -> float:
    return round(count / seconds, 3) if seconds else 0.0


def named(status: int) -> str:
    """A status, or what came instead of one, in words."""
    return Lost(status).name.lower() if status <= 0 else str(status)


def judged(lag: Histogram, most_s: float) -> list[str]:
    """Why a run says nothing: a generator that is late offers less than it was asked to, and part
    of what it measures is itself."""
    late = lag.percentile(99)
    if late <= most_s:
        return []
    return [
        f"the generator itself was late: 1 % of the requests by more than {late * _MS:.0f} ms "
        f"(most: {most_s * _MS:g} ms); lower --rate, post in larger batches, or give it a core"
    ]
