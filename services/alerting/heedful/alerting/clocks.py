"""Deadlines, steps of clocks, results. Pure: time is passed in.

Stands on reference/sla.md §4.3: all three clocks start at `received_at` and run 24×7.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from heedful.common.contracts import ClockMetric, Deadlines


class TimerKind(StrEnum):
    WARN = "warn"
    BREACH = "breach"


class Result(StrEnum):
    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class Targets:
    """How long each clock may run, and how long before its end the warning comes."""

    respond: timedelta
    plan: timedelta
    land: timedelta
    warn_before: timedelta


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """A timer to be stored. Its key makes a second one of the same step impossible."""

    case_id: str
    kind: TimerKind
    metric: ClockMetric
    due_at: datetime

    @property
    def dedupe_key(self) -> str:
        return f"{self.case_id}:{self.metric}:{self.kind}"


def deadlines(received_at: datetime, targets: Targets) -> Deadlines:
    """When each clock of an item that was received then runs out."""
    return Deadlines(
        respond=received_at + targets.respond,
        plan=received_at + targets.plan,
        land=received_at + targets.land,
    )


def due(limits: Deadlines, metric: ClockMetric) -> datetime:
    match metric:
        case ClockMetric.RESPOND:
            return limits.respond
        case ClockMetric.PLAN:
            return limits.plan
        case ClockMetric.LAND:
            return limits.land


def timers(case_id: str, limits: Deadlines, warn_before: timedelta) -> Iterator[TimerSpec]:
    """A warning and a breach for every clock."""
    for metric in ClockMetric:
        ends = due(limits, metric)
        yield TimerSpec(case_id, TimerKind.WARN, metric, ends - warn_before)
        yield TimerSpec(case_id, TimerKind.BREACH, metric, ends)


def result(due_at: datetime, fulfilled_at: datetime | None, breached_at: datetime | None) -> Result:
    """What became of a clock.

    When it was fulfilled decides, not when we heard of it: a contact in time that was reported
    after the breach had been announced makes the clock met; `breached_at` stays as the record
    of the announcement.
    """
    if fulfilled_at is not None:
        return Result.MET if fulfilled_at <= due_at else Result.BREACHED
    return Result.RUNNING if breached_at is None else Result.BREACHED


def still_due(kind: TimerKind, due_at: datetime, fulfilled_at: datetime | None) -> bool:
    """Whether a step is to be taken when its timer fires.

    A warning about a fulfilled clock is pointless; a breach happened even when the clock was
    fulfilled late and the timer fires only now.
    """
    if fulfilled_at is None:
        return True
    return kind is TimerKind.BREACH and fulfilled_at > due_at
