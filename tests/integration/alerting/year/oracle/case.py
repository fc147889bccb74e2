"""A case as docs/alerting.md tells it: where it stands, and what that does to its clocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.integration.alerting.year.oracle.clock import Run
from tests.integration.alerting.year.oracle.hours import WorkingHours
from tests.integration.alerting.year.scene import (
    CUSTOMER,
    THIRD_PARTY,
    Item,
    Metric,
    Policy,
    Rule,
    Target,
)

WAITING: Final = (CUSTOMER, THIRD_PARTY)
OVER: Final = ("closed", "dismissed", "merged")
SETTLED: Final = ("landed", "verified", "closed", "dismissed")
BEFORE_LANDING: Final = ("new", "acknowledged", "planned", "in_progress", *WAITING)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a clock that starts now is measured by: the calendar in the version of now."""

    target: Target
    calendar: str
    hours: WorkingHours


@dataclass(frozen=True, slots=True)
class Ruled:
    """A rule of the policy that is active, with the terms of its clocks."""

    policy: Policy
    rule: Rule
    terms: Mapping[Metric, Terms]


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    at: int
    clock: Metric | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that is about no clock, and for whom it is."""

    kind: str
    at: int
    notify: tuple[str, ...] = ()


@dataclass(slots=True)
class Case:
    """A case; `events` are those that are no steps of a ladder. `topic` is that of the labels."""

    item: Item
    colour: str
    ruled: Ruled
    topic: str | None
    late: bool
    touchpoint: str | None = None
    state: str = "new"
    cycle: int = 1
    runs: list[Run] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    shared: dict[str, tuple[int, set[str]]] = field(default_factory=dict)
    back_to: str | None = None
    paused_at: int | None = None
    pause_used: int = 0
    proposed_by: str | None = None
    proposed: bool = False
    merged_into: str | None = None
    over_at: int | None = None

    @property
    def keys(self) -> set[str]:
        """By what it is found: its own, and those of cases that went into it."""
        return self.own.union(*(keys for _, keys in self.shared.values()))

    def found_by(self, keys: set[str], at: int) -> bool:
        """Whether a contact of then may be about it. Who was spoken to before they said what went
        into it is not answered by that, nor is anybody else."""
        return not self.own.isdisjoint(keys) or any(
            at > since and not shared.isdisjoint(keys) for since, shared in self.shared.values()
        )

    @property
    def waits_until(self) -> int | None:
        """When it has waited for as long as it may."""
        if self.paused_at is None:
            return None
        return self.paused_at + self.ruled.policy.pause_budget - self.pause_used

    def latest(self, metric: Metric) -> Run | None:
        return next((run for run in reversed(self.runs) if run.metric == metric), None)

    def note(self, kind: str, at: int, clock: Metric | None = None) -> None:
        self.events.append(Event(kind, at, clock))

    def tell(self, kind: str, at: int, notify: tuple[str, ...] = ()) -> None:
        self.told.append(Told(kind, at, notify))

    def move(self, state: str, at: int) -> None:
        """It stands elsewhere; from one waiting to another is one pause."""
        waited = self.paused_at
        if state in WAITING and waited is None:
            self.paused_at, self.back_to = at, self.state
        elif state not in WAITING and waited is not None:
            self.paused_at, self.pause_used = None, self.pause_used + at - waited
        if state == "merged" and waited is None:
            self.back_to = self.state
        if state in OVER:
            self.over_at = at
        self.state = state
        for run in self.runs:
            run.enter(state, at)

    def resume(self, at: int) -> None:
        self.note("resumed", at)
        back, self.back_to = self.back_to or "in_progress", None
        self.move(back, at)

    def start(self, metric: Metric, terms: Terms, since: int, now: int) -> None:
        """Another run, unless one is under way."""
        last = self.latest(metric)
        if last is not None and last.open:
            return
        cycle = 1 if last is None else last.cycle + 1
        run = Run(metric, cycle, since, terms.target, terms.calendar, terms.hours)
        run.enter(self.state, now)
        self.runs.append(run)

    def measure(self, ruled: Ruled, now: int) -> None:
        """By other terms from now on: what runs is measured by them from its start; what has run
        out stays so."""
        self.ruled = ruled
        for run in self.runs:
            terms = ruled.terms.get(run.metric)
            if terms is not None and run.open and run.breached_at is None:
                run.target, run.calendar, run.hours = terms.target, terms.calendar, terms.hours
                run.enter(self.state, now)

    def relight(self, colour: str, ruled: Ruled, since: int, now: int) -> None:
        """Another light. A clock that it never had starts; one that was fulfilled starts again
        only for what was said after the last answer."""
        self.colour = colour
        self.note("severity_changed", now)
        self.measure(ruled, now)
        for metric, terms in ruled.terms.items():
            last = self.latest(metric)
            fulfilled = None if last is None else last.fulfilled_at
            asked = metric in ("respond", "next_reply")
            if fulfilled is None or (asked and since > fulfilled):
                self.start(metric, terms, since, now)

    def reopen(self, ruled: Ruled, since: int, now: int) -> None:
        """Every clock that has ended runs anew."""
        self.note("reopened", now)
        self.tell("case.reopened", now, ruled.rule.notify)
        self.ruled, self.cycle = ruled, self.cycle + 1
        self.proposed, self.over_at = False, None
        self.move("new", now)
        for metric, terms in ruled.terms.items():
            self.start(metric, terms, since, now)

    def fulfil(self, metric: Metric, at: int, by: str) -> None:
        for run in self.runs:
            if run.metric == metric and run.open:
                run.fulfil(at, by)

    def end(self, why: str, at: int) -> None:
        for run in self.runs:
            run.end(why, at)

    def dismiss(self, at: int) -> None:
        self.note("dismissed", at)
        self.proposed_by, self.proposed = None, True
        self.move("dismissed", at)
        self.end("dismissed", at)
