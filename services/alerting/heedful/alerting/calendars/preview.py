"""Which deadlines a change of calendars moves, before anything is changed. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from heedful.alerting.calendars.arithmetic import BeyondLookAhead
from heedful.alerting.calendars.model import Calendar
from heedful.common.contracts import ClockMetric

_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class RunningClock:
    """A clock that can still be fulfilled.

    Attributes:
        calendar: ref of the one it runs under.
        under: when it would be due under another one, pauses and all; raises BeyondLookAhead.
    """

    case_id: str
    metric: ClockMetric
    cycle: int
    calendar: str
    due_at: datetime
    under: Callable[[Calendar], datetime]


@dataclass(frozen=True)
class Move:
    """A deadline that would be another; None: there would be none within the look-ahead."""

    clock: RunningClock
    due_at: datetime | None

    @property
    def by(self) -> timedelta | None:
        """Negative: earlier."""
        return None if self.due_at is None else self.due_at - self.clock.due_at


@dataclass(frozen=True)
class Preview:
    """What would become of clocks.

    Attributes:
        looked_at: how many there are.
        overdue: of those that are not due yet, how many would be.
        moves: those without a deadline first, then by the new one.
    """

    looked_at: int
    earlier: int
    later: int
    out_of_reach: int
    overdue: int
    moves: tuple[Move, ...]


def preview(clocks: Iterable[RunningClock], calendar: Calendar, now: datetime) -> Preview:
    """What would become of running clocks if they went on under this calendar."""
    looked_at, moves = 0, []
    for clock in clocks:
        looked_at += 1
        due_at = _due(clock, calendar)
        if due_at != clock.due_at:
            moves.append(Move(clock, due_at))
    moves.sort(key=lambda move: (move.due_at or _FIRST, move.clock.case_id, move.clock.metric))
    found = [(move.clock.due_at, move.due_at) for move in moves if move.due_at is not None]
    return Preview(
        looked_at=looked_at,
        earlier=sum(after < before for before, after in found),
        later=sum(after > before for before, after in found),
        out_of_reach=len(moves) - len(found),
        overdue=sum(after <= now < before for before, after in found),
        moves=tuple(moves),
    )


def _due(clock: RunningClock, calendar: Calendar) -> datetime | None:
    try:
        return clock.under(calendar)
    except BeyondLookAhead:
        return None
