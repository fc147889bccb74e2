"""A customer's journey, folded from all of their events at once. Pure.

A function of the set of events and the lifecycle alone: whatever order they came in, and whoever
they belonged to meanwhile, the same events give the same journey.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from heedful.common.contracts import InteractionKind
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.sessions import Session, sessions
from heedful.journey.lifecycle.stages import Lifecycle
from heedful.journey.lifecycle.stays import StageTime, Stay, stage_times, walk
from heedful.journey.lifecycle.stuck import Stuck, stuck
from heedful.journey.lifecycle.waits import Wait, Waiting, waiting, waits


@dataclass(frozen=True, slots=True)
class Journey:
    """Attributes:
    events: in the order of time.
    after: where the customer stands after each event; None: nothing has led to a stage yet.
    left_at: they left and have not bought since.
    """

    events: Sequence[Happened]
    after: Sequence[str | None]
    stays: Sequence[Stay]
    stages: Sequence[StageTime]
    sessions: Sequence[Session]
    waits: Sequence[Wait]
    waiting: Waiting
    stuck: Stuck | None
    left_at: datetime | None

    @property
    def stage(self) -> str | None:
        return self.stays[-1].stage if self.stays else None

    @property
    def entered_at(self) -> datetime | None:
        return self.stays[-1].entered_at if self.stays else None

    @property
    def first_at(self) -> datetime:
        return self.events[0].occurred_at

    @property
    def last_at(self) -> datetime:
        return self.events[-1].occurred_at


def journey(happened: Iterable[Happened], lifecycle: Lifecycle) -> Journey | None:
    """The journey of one customer; None without an event."""
    # As the timeline orders them: by when it happened, then when it came, then its id.
    events = sorted(
        happened, key=lambda one: (one.occurred_at, one.received_at, one.key[2], *one.key[:2])
    )
    if not events:
        return None
    stays, after = walk(events, lifecycle)
    found = waits(events)
    return Journey(
        events=events,
        after=after,
        stays=stays,
        stages=stage_times(stays, lifecycle),
        sessions=sessions(events, after, lifecycle.session_gap),
        waits=found,
        waiting=waiting(found),
        stuck=stuck(events, after, lifecycle),
        left_at=_left_at(events),
    )


def _left_at(events: Iterable[Happened]) -> datetime | None:
    left: datetime | None = None
    for event in events:
        if event.interaction == InteractionKind.CHURN:
            left = event.occurred_at
        elif event.interaction == InteractionKind.ORDER:
            left = None
    return left
