"""A clock of a case: what it is measured by, when it runs out, what became of it. Pure.

Stands on reference/sla.md §4.3 to §4.6. `due_at` always follows from the start, the target, the
calendar and the pauses: whoever stores it stores a cache.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from heedful.alerting import calendars as business
from heedful.alerting.calendars import Calendar
from heedful.alerting.states import State
from heedful.common.contracts import ClockMetric

Calendars = Mapping[str, Calendar]
"""By their `ref`."""


ANSWERED = frozenset({ClockMetric.RESPOND, ClockMetric.NEXT_REPLY})
"""Fulfilled by a person's contact."""


class Result(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    NOT_ENFORCED = "not_enforced"
    DISMISSED = "dismissed"
    MERGED = "merged"
    NOT_NEEDED = "not_needed"


class Ended(StrEnum):
    """Why a clock stopped without being fulfilled. `not_needed`: labels that came late, or a policy
    that was applied, ask for no such clock."""

    DISMISSED = "dismissed"
    MERGED = "merged"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a clock is measured by, as the policy had it when the clock started.

    Attributes:
        target: working time of the calendar.
        calendar: its ref.
        pauses: in which states of the case the clock stands still.
        enforced: false for what is only shown: nobody is warned, nothing counts.
    """

    metric: ClockMetric
    target: timedelta
    calendar: str
    pauses: frozenset[State] = frozenset()
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Clock:
    """One run of a clock: its metric and `cycle` name it within the case.

    Attributes:
        pauses: half-open, in order; the last may have no end yet.
        taken: the ladder's steps that were taken.
        breached_at: when it ran out, once that was noticed.
    """

    terms: Terms
    cycle: int
    started_at: datetime
    due_at: datetime
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    taken: frozenset[str] = frozenset()
    fulfilled_at: datetime | None = None
    fulfilled_by: str | None = None
    breached_at: datetime | None = None
    ended: Ended | None = None

    @property
    def metric(self) -> ClockMetric:
        return self.terms.metric

    @property
    def paused_at(self) -> datetime | None:
        """Since when it stands still."""
        return self.pauses[-1][0] if self.pauses and self.pauses[-1][1] is None else None

    @property
    def open(self) -> bool:
        """Whether it can still be fulfilled."""
        return self.fulfilled_at is None and self.ended is None

    @property
    def running(self) -> bool:
        """Whether its time is being spent."""
        return self.open and self.paused_at is None

    @property
    def result(self) -> Result:
        """When it was fulfilled decides, not when we heard of it: a contact in time that was
        reported after the breach had been announced makes the clock met; `breached_at` stays as
        the record of the announcement."""
        if not self.terms.enforced:
            return Result.NOT_ENFORCED
        if self.fulfilled_at is not None:
            return Result.MET if self.fulfilled_at <= self.due_at else Result.BREACHED
        if self.breached_at is not None:
            return Result.BREACHED
        if self.ended is not None:
            return Result(self.ended.value)
        return Result.RUNNING if self.paused_at is None else Result.PAUSED


def start(
    terms: Terms,
    at: datetime,
    cycle: int,
    calendars: Calendars,
    pauses: Sequence[tuple[datetime, datetime | None]] = (),
) -> Clock:
    """A clock that begins to run.

    Args:
        pauses: in which it would have stood still, of one that should have begun earlier.
    """
    due_at = business.due(calendars[terms.calendar], at, terms.target)
    clock = Clock(terms, cycle, at, due_at)
    return _timed(replace(clock, pauses=tuple(pauses)), calendars) if pauses else clock


def moment(clock: Clock, spent: timedelta, calendars: Calendars) -> datetime:
    """When so much working time of the clock is spent.

    A pause that begins when that moment has passed moves it no more: what ran out stays so. What is
    left is counted from the end of each pause, so that however long they are, a target that the
    calendar can meet from any day on has its deadline.
    """
    calendar = calendars[clock.terms.calendar]
    since, left = clock.started_at, spent
    at = business.due(calendar, since, left)
    for begin, end in clock.pauses:
        if end is None or begin >= at:
            break
        left -= business.elapsed(calendar, since, begin)
        since = end
        at = business.due(calendar, since, left)
    return at


def entered(clock: Clock, state: State, at: datetime, calendars: Calendars) -> Clock:
    """The clock after the case came into a state: it stands still, runs on, or does not care.

    From one pausing state to another is one pause.
    """
    still = state in clock.terms.pauses
    if not clock.open or still == (clock.paused_at is not None):
        return clock
    if still:
        return replace(clock, pauses=(*clock.pauses, (at, None)))
    return _running(clock, at, calendars)


def retarget(clock: Clock, terms: Terms, calendars: Calendars) -> Clock:
    """New terms, measured from the original start less the pauses (glpi#6902: they survive).

    What has run out stays so: its terms are part of the record.
    """
    if clock.breached_at is not None:
        return clock
    return _timed(replace(clock, terms=terms), calendars)


def fulfil(clock: Clock, at: datetime, by: str, calendars: Calendars) -> Clock:
    """Fulfilled then; a pause that lasts ends with it."""
    ended = _running(clock, max(at, clock.paused_at), calendars) if clock.paused_at else clock
    return replace(ended, fulfilled_at=at, fulfilled_by=by)


def end(clock: Clock, why: Ended, at: datetime, calendars: Calendars) -> Clock:
    """Stopped without being fulfilled; what has ended already keeps its result."""
    if not clock.open:
        return clock
    ended = _running(clock, at, calendars) if clock.paused_at else clock
    return replace(ended, ended=why)


def revive(clock: Clock) -> Clock:
    """The clock as if the merge had never been: its time went on."""
    return replace(clock, ended=None) if clock.ended is Ended.MERGED else clock


def _running(clock: Clock, at: datetime, calendars: Calendars) -> Clock:
    begin, _ = clock.pauses[-1]
    return _timed(replace(clock, pauses=(*clock.pauses[:-1], (begin, at))), calendars)


def _timed(clock: Clock, calendars: Calendars) -> Clock:
    return replace(clock, due_at=moment(clock, clock.terms.target, calendars))
