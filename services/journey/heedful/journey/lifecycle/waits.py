"""How long a customer waited for somebody. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from heedful.journey.lifecycle.events import Happened, Key


@dataclass(frozen=True, slots=True)
class Wait:
    """From the first contact that nobody had answered to the answer; None while it lasts."""

    asked: Key
    asked_at: datetime
    answered_at: datetime | None

    @property
    def seconds(self) -> float | None:
        if self.answered_at is None:
            return None
        return (self.answered_at - self.asked_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Waiting:
    """All waits of a customer.

    Attributes:
        mean_seconds, longest_seconds: of those that ended; None without one.
        since: they wait since then; None: nobody owes them an answer.
    """

    answered: int
    mean_seconds: float | None
    longest_seconds: float | None
    since: datetime | None


def waits(events: Iterable[Happened]) -> list[Wait]:
    """The waits among events that are in the order of time.

    Who asks again while they wait does not begin to wait anew.
    """
    found: list[Wait] = []
    asked: Happened | None = None
    for event in events:
        if asked is not None and event.answers:
            found.append(Wait(asked.key, asked.occurred_at, event.occurred_at))
            asked = None
        elif asked is None and event.asks:
            asked = event
    if asked is not None:
        found.append(Wait(asked.key, asked.occurred_at, None))
    return found


def waiting(found: Sequence[Wait]) -> Waiting:
    ended = [one.seconds for one in found if one.seconds is not None]
    open_since = found[-1].asked_at if found and found[-1].answered_at is None else None
    return Waiting(
        answered=len(ended),
        mean_seconds=sum(ended) / len(ended) if ended else None,
        longest_seconds=max(ended, default=None),
        since=open_since,
    )
