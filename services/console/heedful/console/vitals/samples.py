"""What a process measured at one moment. Pure."""

import math
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from prometheus_client.parser import text_string_to_metric_families

from heedful.common.errors import HeedfulError

STARTED: Final = "process_start_time_seconds"
_SERIES: Final = re.compile(r"[{ ]")


class NotMetrics(HeedfulError):
    """It is not the Prometheus text format."""


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Samples:
    """By name of the series."""

    by_name: Mapping[str, tuple[Sample, ...]]

    @classmethod
    def parsed(cls, text: str, names: Container[str]) -> Self:
        """
        Args:
            names: of the series that are wanted. The others are most of the text, and are not
                looked at: a service has thousands of lines.

        Raises:
            NotMetrics: it cannot be read, or has none of them.
        """
        lines = [line for line in text.splitlines() if _SERIES.split(line, 1)[0] in names]
        if not lines:
            raise NotMetrics("it has none of the metrics that are looked for")
        found: dict[str, list[Sample]] = {}
        try:
            for family in text_string_to_metric_families("\n".join(lines) + "\n"):
                for one in family.samples:
                    found.setdefault(one.name, []).append(Sample(one.labels, float(one.value)))
        except ValueError as error:
            raise NotMetrics(str(error)) from error
        return cls({name: tuple(of) for name, of in found.items()})

    def of(self, name: str, **labels: str) -> Iterator[Sample]:
        """Those with these labels, which are numbers; `group` fits what lies below it as well:
        `heedful.nlp` for `heedful.nlp.erasure`."""
        for one in self.by_name.get(name, ()):
            if not math.isnan(one.value) and all(
                _fits(label, one.labels.get(label, ""), value) for label, value in labels.items()
            ):
                yield one

    def total(self, name: str, **labels: str) -> float:
        return sum(one.value for one in self.of(name, **labels))

    def largest(self, name: str, **labels: str) -> float | None:
        """None: there is none."""
        return max((one.value for one in self.of(name, **labels)), default=None)

    @property
    def started(self) -> float | None:
        """Unix time at which the process started, by which it is known."""
        return self.largest(STARTED)


@dataclass(frozen=True, slots=True)
class Window:
    """Two moments of one process.

    Attributes:
        before: the earlier one; None: counters are counted from the start of the process.
        length: between the two, or since the start.
    """

    now: Samples
    before: Samples | None
    length: timedelta

    def increase(self, name: str, **labels: str) -> float:
        """Of a counter."""
        earlier = 0.0 if self.before is None else self.before.total(name, **labels)
        return max(0.0, self.now.total(name, **labels) - earlier)

    def per_minute(self, name: str, **labels: str) -> float:
        minutes = self.length.total_seconds() / 60
        return self.increase(name, **labels) / minutes if minutes > 0 else 0.0

    def share_within(self, name: str, limit: str) -> float | None:
        """Of a histogram's observations those at most `limit` (one of its buckets, as it is
        written); None: there were none."""
        count = self.increase(f"{name}_count")
        return self.increase(f"{name}_bucket", le=limit) / count if count else None


def _fits(label: str, found: str, wanted: str) -> bool:
    return found == wanted or (label == "group" and found.startswith(wanted + "."))
