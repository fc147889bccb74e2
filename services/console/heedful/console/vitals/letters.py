"""Dead letters by topic, group and reason, as the services count them."""

from collections.abc import Iterable
from dataclasses import dataclass

from heedful.console.vitals.samples import Window

NAME = "heedful_consumer_dlq_total"


@dataclass(frozen=True, slots=True)
class Letters:
    """`count`: since the process started; `fresh`: of these within the window."""

    topic: str
    group: str
    reason: str
    count: int
    fresh: int


def letters(windows: Iterable[Window]) -> list[Letters]:
    """The most first."""
    found = []
    for window in windows:
        for one in window.now.of(NAME):
            given = {label: one.labels.get(label, "") for label in ("topic", "group", "reason")}
            earlier = 0.0
            if window.before is not None:
                earlier = sum(
                    kept.value for kept in window.before.of(NAME) if kept.labels == one.labels
                )
            if one.value:
                fresh = 0.0 if window.before is None else max(0.0, one.value - earlier)
                found.append(Letters(**given, count=int(one.value), fresh=int(fresh)))
    return sorted(found, key=lambda letter: -letter.count)
