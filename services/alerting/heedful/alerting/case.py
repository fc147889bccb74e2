"""What a case is, and what can happen to it: values. `folding` makes one of the other.

Stands on reference/sla.md §4.1 and §4.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson

from heedful.alerting.clocks import Clock, Terms
from heedful.alerting.progress import NO_PROGRESS, Progress
from heedful.alerting.recipients import Recipient
from heedful.alerting.signals.shown import Shown
from heedful.alerting.states import State
from heedful.common.contracts import (
    Actor,
    ActorType,
    CaseEventKind,
    ClockMetric,
    Colour,
    Deadlines,
    FeedbackRef,
)

SERVICE = Actor(type=ActorType.SYSTEM, id="heedful-alerting")
"""Who acts when nobody does: openings, warnings, breaches."""

FIRST_LIGHT = "first_light"
"""In the detail of `severity_changed`: until then there were no labels, so every clock ran."""

_PAUSES = "pauses"
"""In the detail of `clock_started`: when a clock that begins in the past stood still."""

_NONE = timedelta(0)
_Pauses = Sequence[tuple[datetime, datetime | None]]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to a case, before it has its place in the sequence.

    Attributes:
        at: when it happened, which may be before it is recorded.
        colour: set when the step changes the light.
        clock: which clock it is about, in its run `cycle`.
        rung: which step of the ladder was taken.
        terms: of clocks that it starts or changes.
        since: when clocks that it starts begin; None: at `at`.
        detail: what only this kind has.
        notify, tell_at: who is told of it and when, at once if None; not kept, for the past tells
            nobody.
        signal: that gave rise to it, for whom it is told to; its facts stand in `detail`.
    """

    kind: CaseEventKind
    at: datetime
    actor: Actor
    colour: Colour | None = None
    feedback: FeedbackRef | None = None
    clock: ClockMetric | None = None
    cycle: int | None = None
    rung: str | None = None
    terms: tuple[Terms, ...] = ()
    since: datetime | None = None
    note: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
    notify: tuple[Recipient, ...] = field(default=(), compare=False)
    tell_at: datetime | None = field(default=None, compare=False)
    signal: Shown | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Case:
    """The state of a case after some of its events.

    Attributes:
        cycle: 1, and one more each time that it is reopened.
        policy: ref of the version whose `rule` its clocks are by.
        clocks: every run of every clock, in the order of their start.
        resumes_to: where a pause or a merge leads back to.
        paused_at: since when it waits; `pause_used` is what ended pauses have used.
        proposed_by: who wants it dismissed; `dismissal` is the reason code.
    """

    state: State
    colour: Colour
    sequence: int
    cycle: int = 1
    policy: str | None = None
    rule: str | None = None
    clocks: tuple[Clock, ...] = ()
    owner: str | None = None
    action_owner: str | None = None
    action: str | None = None
    action_due: datetime | None = None
    root_cause: str | None = None
    action_taken: str | None = None
    resumes_to: State | None = None
    paused_at: datetime | None = None
    pause_used: timedelta = _NONE
    proposed_by: str | None = None
    dismissal: str | None = None
    merged_into: str | None = None
    over_at: datetime | None = None
    progress: Progress = NO_PROGRESS

    def run(self, metric: ClockMetric, cycle: int) -> Clock | None:
        """One run of a clock."""
        runs = (one for one in self.clocks if (one.metric, one.cycle) == (metric, cycle))
        return next(runs, None)

    def latest(self, metric: ClockMetric) -> Clock | None:
        """The last run of a clock."""
        return next((one for one in reversed(self.clocks) if one.metric is metric), None)

    @property
    def due_at(self) -> datetime | None:
        """The earliest deadline that still has to be kept; None: there is none."""
        kept = (one.due_at for one in self.clocks if one.open and one.terms.enforced)
        return min(kept, default=None)

    @property
    def landed_at(self) -> datetime | None:
        """When it first landed."""
        landed = (one.fulfilled_at for one in self.clocks if one.metric is ClockMetric.LAND)
        return min((at for at in landed if at is not None), default=None)

    @property
    def shown_only(self) -> bool:
        """Whether the landing of any of its runs was not enforced."""
        return any(one.metric is ClockMetric.LAND and not one.terms.enforced for one in self.clocks)

    @property
    def deadlines(self) -> Deadlines:
        """When the last run of each clock runs out."""
        last = {one.metric.value: one.due_at for one in self.clocks}
        return Deadlines(**last)


def pauses_out(pauses: _Pauses) -> dict[str, str]:
    """Pauses as the detail of a step has them; empty when there are none."""
    return {_PAUSES: orjson.dumps(pauses).decode()} if pauses else {}


def pauses_in(detail: Mapping[str, str]) -> _Pauses:
    """The pauses that `pauses_out` wrote."""
    kept = orjson.loads(detail.get(_PAUSES, "[]"))
    return [(_time(begin), end and _time(end)) for begin, end in kept]


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)
