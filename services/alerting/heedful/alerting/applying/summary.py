"""What a version moves, counted: of one case, of many, and the most moved. Pure."""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Self

from heedful.alerting.applying.steps import Change, FoundBy
from heedful.alerting.case import Case
from heedful.alerting.clocks import Clock
from heedful.common.contracts import ClockMetric

SHOWN = 100
"""Moves that are listed."""


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one run of a clock.

    Attributes:
        was_due: None: it begins.
        due_at: None: it is not needed any more.
        overdue: runs out at once.
    """

    case_id: str
    metric: ClockMetric
    cycle: int
    was_due: datetime | None
    due_at: datetime | None
    overdue: bool = False

    @property
    def by(self) -> timedelta:
        """Negative: earlier. Of what begins or stops: nothing."""
        if self.was_due is None or self.due_at is None:
            return timedelta(0)
        return self.due_at - self.was_due


@dataclass(slots=True)
class Counts:
    """Of the clocks of one metric: open ones that were looked at, and what becomes of them."""

    looked_at: int = 0
    earlier: int = 0
    later: int = 0
    started: int = 0
    ended: int = 0
    overdue: int = 0
    out_of_reach: int = 0

    def add(self, other: Self) -> None:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(slots=True)
class Summary:
    """Of many cases.

    Attributes:
        cases: looked at; `changed` of them get an event.
        found_by: how their rules were found.
    """

    cases: int = 0
    changed: int = 0
    clocks: dict[ClockMetric, Counts] = field(default_factory=dict)
    found_by: Counter[FoundBy] = field(default_factory=Counter)
    _most: list[tuple[timedelta, str, str, int, Move]] = field(default_factory=list)

    def add(self, case_id: str, before: Case, after: Case, change: Change, now: datetime) -> None:
        """Count one case.

        Args:
            after: it with the steps of the change.
        """
        self.cases += 1
        self.changed += bool(change.steps)
        if change.found_by is not None:
            self.found_by[change.found_by] += 1
        for clock in before.clocks:
            if clock.open:
                self._of(clock.metric).looked_at += 1
        for metric in change.out_of_reach:
            self._of(metric).out_of_reach += 1
        for move in moves(case_id, before, after, now):
            self._count(move)

    @property
    def most_moved(self) -> list[Move]:
        """The deadlines that move most, the farthest first."""
        return [move for *_, move in sorted(self._most, key=_farthest)]

    def written(self) -> dict[str, Any]:
        """As JSON, without the moves."""
        return {
            "cases": self.cases,
            "changed": self.changed,
            "clocks": {metric.value: asdict(one) for metric, one in self.clocks.items()},
            "found_by": {one.value: count for one, count in self.found_by.items()},
        }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Summary":
        """What `written` gave."""
        if not written:
            return cls()
        return cls(
            cases=written["cases"],
            changed=written["changed"],
            clocks={ClockMetric(name): Counts(**one) for name, one in written["clocks"].items()},
            found_by=Counter({FoundBy(name): n for name, n in written["found_by"].items()}),
        )

    def _of(self, metric: ClockMetric) -> Counts:
        return self.clocks.setdefault(metric, Counts())

    def _count(self, move: Move) -> None:
        counts = self._of(move.metric)
        counts.overdue += move.overdue
        if move.was_due is None:
            counts.started += 1
        elif move.due_at is None:
            counts.ended += 1
        else:
            counts.earlier += move.by < timedelta(0)
            counts.later += move.by > timedelta(0)
            self._keep(move)

    def _keep(self, move: Move) -> None:
        entry = (abs(move.by), move.case_id, move.metric.value, move.cycle, move)
        if len(self._most) < SHOWN:
            heapq.heappush(self._most, entry)
        else:
            heapq.heappushpop(self._most, entry)


def moves(case_id: str, before: Case, after: Case, now: datetime) -> Iterator[Move]:
    """What became of a case's clocks: those that moved, began or stopped."""
    for number, clock in enumerate(after.clocks):
        was = before.clocks[number] if number < len(before.clocks) else None
        move = _move(case_id, was, clock, now)
        if move is not None:
            yield move


def _move(case_id: str, was: Clock | None, clock: Clock, now: datetime) -> Move | None:
    overdue = _overdue(clock, now)
    if was is None:
        return Move(case_id, clock.metric, clock.cycle, None, clock.due_at, overdue)
    if was.open and not clock.open:
        return Move(case_id, clock.metric, clock.cycle, was.due_at, None)
    overdue = overdue and not _overdue(was, now)
    if was.due_at == clock.due_at and not overdue:
        return None
    return Move(case_id, clock.metric, clock.cycle, was.due_at, clock.due_at, overdue)


def _overdue(clock: Clock, now: datetime) -> bool:
    """Whether it has run out, and nothing says so yet."""
    if not clock.terms.enforced or clock.ended is not None or clock.breached_at is not None:
        return False
    if clock.fulfilled_at is not None:
        return clock.due_at < clock.fulfilled_at
    return clock.due_at <= now


def _farthest(entry: tuple[timedelta, str, str, int, Move]) -> tuple[timedelta, str, str, int]:
    by, case_id, metric, cycle, _ = entry
    return (-by, case_id, metric, cycle)
