"""Which steps of the ladder are reached, and when the next one is. Pure: time is passed in.

Stands on reference/sla.md §4.8. A step is taken once in each run of a clock, under its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from heedful.alerting import calendars as business
from heedful.alerting.calendars import Calendar
from heedful.alerting.clocks import Calendars, Clock, moment
from heedful.alerting.policies.document import Ladder, Rung
from heedful.alerting.recipients import Recipient
from heedful.common.contracts import CaseEventKind


@dataclass(frozen=True, slots=True)
class Pace:
    """How a case of some rule climbs.

    Attributes:
        hours: when people may be told; None: at any time.
    """

    ladder: Ladder
    hours: Calendar | None = None


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
    return [one for one in ahead(clock, pace, calendars) if one.at <= now]


def next_at(clock: Clock, pace: Pace, calendars: Calendars) -> datetime | None:
    """When the next step is due; None when there is none, or as long as the clock stands still."""
    coming = ahead(clock, pace, calendars)
    return coming[0].at if coming else None


def ahead(clock: Clock, pace: Pace, calendars: Calendars) -> list[Reached]:
    """The steps that are still to be taken, soonest first."""
    if not clock.terms.enforced or clock.ended is not None or clock.paused_at is not None:
        return []
    if clock.fulfilled_at is not None:
        return list(_late(clock, pace))
    # Working hours may pull a later rung to the minute of an earlier one, never before it.
    return sorted(_climb(clock, pace, calendars), key=lambda one: one.at)


def _climb(clock: Clock, pace: Pace, calendars: Calendars) -> Iterator[Reached]:
    target = clock.terms.target
    last, breach = clock.due_at, pace.ladder.breach
    for rung in sorted(pace.ladder.rungs, key=lambda rung: rung.spent(target)):
        last = moment(clock, rung.spent(target), calendars)
        if rung.name in clock.taken:
            continue
        if rung == breach:
            yield _breach(clock, pace, rung)
        elif last < clock.due_at:
            at = _in_hours(last, clock, pace.hours)
            yield Reached(rung.name, CaseEventKind.WARNED, at, at, rung.notify)
        else:
            at = _from_open(last, pace.hours)
            yield Reached(rung.name, CaseEventKind.ESCALATED, at, at, rung.notify)
    for count in range(1, pace.ladder.repeats + 1):
        name = f"repeat-{count}"
        if name not in clock.taken:
            at = _from_open(last + count * pace.ladder.repeat_every, pace.hours)
            yield Reached(name, CaseEventKind.ESCALATED, at, at, pace.ladder.repeat_to)


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
