"""Which steps of the ladder are reached, and when the next one is. Pure: time is passed in.

Stands on reference/sla.md §4.8. A step is taken once in each run of a clock, under its name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile

from heedful.alerting import calendars as business
from heedful.alerting.calendars import BeyondLookAhead, Calendar
from heedful.alerting.clocks import Calendars, Clock, moment
from heedful.alerting.policies.document import Ladder, Rung
from heedful.alerting.recipients import Recipient
from heedful.common.contracts import CaseEventKind

Climb = Sequence[tuple[timedelta, Rung]]
"""Rungs, each with how much working time is spent when it is reached."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a case of some rule climbs.

    Attributes:
        hours: when people may be told; None: at any time.
    """

    ladder: Ladder
    hours: Calendar | None = None
    _climbs: dict[timedelta, Climb] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def climb(self, target: timedelta) -> Climb:
        """The rungs in the order of time, for a target."""
        if target not in self._climbs:
            rungs = [(rung.spent(target), rung) for rung in self.ladder.rungs]
            self._climbs[target] = sorted(rungs, key=lambda one: one[0])
        return self._climbs[target]


@dataclass(frozen=True, slots=True)
class Reached:
    """A step with its moment.

    Attributes:
        at: when it is taken; a breach is taken when the clock runs out.
        tell_at: when people are told of it, not before `at`.
    """

    name: str
    kind: CaseEventKind
    at: datetime
    tell_at: datetime
    notify: tuple[Recipient, ...]


def reached(clock: Clock, pace: Pace, calendars: Calendars, now: datetime) -> list[Reached]:
    """The steps that are due by now and were not taken, in the order of their time."""
    return list(takewhile(lambda one: one.at <= now, ahead(clock, pace, calendars)))


def next_at(clock: Clock, pace: Pace, calendars: Calendars) -> datetime | None:
    """When the next step is due; None when there is none, or as long as the clock stands still."""
    coming = next(ahead(clock, pace, calendars), None)
    return coming.at if coming else None


def ahead(clock: Clock, pace: Pace, calendars: Calendars) -> Iterator[Reached]:
    """The steps that are still to be taken, soonest first."""
    if not clock.terms.enforced or clock.ended is not None or clock.paused_at is not None:
        return iter(())
    if clock.fulfilled_at is not None:
        return _late(clock, pace)
    climb = _climb(clock, pace, calendars)
    # Working hours may pull a later rung before the minute of an earlier one.
    return climb if pace.hours is None else iter(sorted(climb, key=lambda one: one.at))


def _climb(clock: Clock, pace: Pace, calendars: Calendars) -> Iterator[Reached]:
    """In order as long as people may be told at any time. Made one by one: whoever fires a timer
    looks at the first or two of them.

    An escalation that the calendar has no moment for within the look-ahead comes never, nor do
    those behind it: policies/faults.py refuses such a policy, and one of before must not keep a
    case from being opened."""
    steps, climb = pace.ladder, pace.climb(clock.terms.target)
    for spent, rung in climb:
        if rung.name in clock.taken:
            continue
        try:
            at = moment(clock, spent, calendars)
        except BeyondLookAhead:
            return
        if rung is steps.breach:
            yield _breach(clock, pace, rung)
        elif at < clock.due_at:
            at = _in_hours(at, clock, pace.hours)
            yield Reached(rung.name, CaseEventKind.WARNED, at, at, rung.notify)
        else:
            at = _from_open(at, pace.hours)
            yield Reached(rung.name, CaseEventKind.ESCALATED, at, at, rung.notify)
    names = {count: f"repeat-{count}" for count in range(1, steps.repeats + 1)}
    if clock.taken.issuperset(names.values()):
        return
    last = moment(clock, climb[-1][0], calendars)
    for count, name in names.items():
        if name not in clock.taken:
            at = _from_open(last + count * steps.repeat_every, pace.hours)
            yield Reached(name, CaseEventKind.ESCALATED, at, at, steps.repeat_to)


def _late(clock: Clock, pace: Pace) -> Iterator[Reached]:
    """A clock that was fulfilled too late did run out, even if that is noticed after it."""
    late = clock.fulfilled_at is not None and clock.fulfilled_at > clock.due_at
    if late and clock.breached_at is None:
        yield _breach(clock, pace, pace.ladder.breach)


def _breach(clock: Clock, pace: Pace, rung: Rung) -> Reached:
    tell_at = _from_open(clock.due_at, pace.hours)
    return Reached(rung.name, CaseEventKind.BREACHED, clock.due_at, tell_at, rung.notify)


def _in_hours(at: datetime, clock: Clock, hours: Calendar | None) -> datetime:
    """In working hours; when they come again only after the clock runs out, in the last before."""
    opens = _from_open(at, hours)
    if hours is None or opens < clock.due_at:
        return opens
    return max(business.last_open(hours, clock.due_at), clock.started_at)


def _from_open(at: datetime, hours: Calendar | None) -> datetime:
    return at if hours is None else business.next_open(hours, at)
