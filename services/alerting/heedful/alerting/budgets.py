"""What a robot takes in a minute, shared by all replicas: a token bucket. Pure.

A bucket of `burst` that fills at `per_minute` lets no more than the sum of both through in any
minute, so the sum stays within what the vendor takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from heedful.alerting.formats.base import Budget

_ROUNDING = 1e-6


class Waiting(Protocol):
    """What waits for a robot."""

    @property
    def endpoint_id(self) -> str: ...


T = TypeVar("T", bound=Waiting)


@dataclass(frozen=True, slots=True)
class Bucket:
    """The tokens of one robot as they were at `filled_at`."""

    tokens: float
    filled_at: datetime
    muted_until: datetime | None = None

    def filled(self, budget: Budget, now: datetime) -> "Bucket":
        """As it is now; a clock that goes back fills nothing."""
        start = max(self.filled_at, self.muted_until or self.filled_at)
        spent = max(timedelta(0), now - start).total_seconds()
        tokens = min(float(budget.burst), self.tokens + spent * budget.per_second)
        return replace(self, tokens=tokens, filled_at=max(now, self.filled_at))

    def free(self, now: datetime) -> int:
        """How many messages may go out now, of a bucket that is filled."""
        if self.muted_until is not None and now < self.muted_until:
            return 0
        return int(self.tokens + _ROUNDING)

    def take(self, count: int) -> "Bucket":
        return replace(self, tokens=max(0.0, self.tokens - count))

    def mute(self, until: datetime) -> "Bucket":
        """Empty, and so for a while: the vendor counts on."""
        latest = until if self.muted_until is None else max(until, self.muted_until)
        return replace(self, tokens=0.0, muted_until=latest)


def allot(waiting: Sequence[T], free: int, digest: int) -> list[tuple[T, ...]]:
    """The messages to send, each with what it carries; the rest waits for the next tokens.

    Args:
        waiting: in order, red first.
        free: messages that may go out now.
        digest: how many notices one message lists; 0: none, each waits for its turn.
    """
    if len(waiting) <= free or digest == 0:
        return [(one,) for one in waiting[:free]]
    if free == 0:
        return []
    singles, rest = waiting[: free - 1], waiting[free - 1 :]
    # A message has one endpoint: its language and its template.
    together = tuple(one for one in rest if one.endpoint_id == rest[0].endpoint_id)[:digest]
    return [*((one,) for one in singles), together]
