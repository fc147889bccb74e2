"""What a case would have been: its clocks, the steps they reached, who was told. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from heedful.alerting import ladder
from heedful.alerting.calendars import Calendar
from heedful.alerting.case import SERVICE, Case, Step
from heedful.alerting.clocks import Calendars, Clock
from heedful.alerting.folding import apply
from heedful.alerting.ladder import Pace, Reached
from heedful.alerting.policies.document import Rule
from heedful.alerting.policies.matching import Item, match
from heedful.alerting.rulebook import Active, pace_of
from heedful.common.contracts import CaseEventKind, Colour


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a clock, and the steps of the ladder that it reached before anybody fulfilled or
    ended it."""

    clock: Clock
    reached: tuple[Reached, ...]

    @property
    def breached(self) -> bool:
        return any(one.kind is CaseEventKind.BREACHED for one in self.reached)


@dataclass(frozen=True, slots=True)
class Told:
    """People of a rule are told that a case was opened, reopened or raised."""

    at: datetime
    rule: Rule


@dataclass(frozen=True, slots=True)
class Life:
    """What a case would have been.

    Attributes:
        rule: by which it was opened.
        by_name: a rule was found by its name, for the labels are not kept any more.
    """

    rule: Rule
    colour: Colour
    runs: tuple[Run, ...]
    told: tuple[Told, ...]
    by_name: bool = False


def calendars_of(named: Mapping[str, Calendar]) -> Calendars:
    """The calendars that names stand for, by their refs."""
    return {one.ref: one for one in named.values()}


def opening(
    at: datetime, received_at: datetime, colour: Colour, active: Active, rule: Rule
) -> Step:
    """The step that opens a case by a rule."""
    return Step(
        kind=CaseEventKind.OPENED,
        at=at,
        actor=SERVICE,
        colour=colour,
        terms=active.terms(rule, received_at),
        since=received_at,
        detail={"policy": active.ref, "rule": rule.name},
    )


def opened_by(item: Item, received_at: datetime, active: Active, now: datetime) -> Life | None:
    """The case of a feedback that was on none, if nobody did anything; None: it would be none.

    Raises:
        BeyondLookAhead: a clock would have no deadline.
    """
    rule = match(active.policy, item)
    colour = Colour(item.colour or Colour.GREY)
    return opened_under(rule, colour, received_at, active, now) if rule.clocks else None


def opened_under(
    rule: Rule, colour: Colour, received_at: datetime, active: Active, now: datetime
) -> Life:
    """The case of a rule with clocks, if nobody did anything.

    Raises:
        BeyondLookAhead: a clock would have no deadline.
    """
    step = opening(received_at, received_at, colour, active, rule)
    case = apply(None, step, calendars_of(active.named))
    told = (Told(received_at, rule),)
    return Life(rule, colour, runs_of(case, rule, active, {}, now), told)


def runs_of(
    case: Case, rule: Rule, active: Active, ended: Mapping[int, datetime], now: datetime
) -> tuple[Run, ...]:
    """The clocks of a case with what they reached.

    Args:
        ended: when clocks stopped without being fulfilled, by their place in the case.
    """
    pace, calendars = pace_of(active.policy, rule, active.named), calendars_of(active.named)
    return tuple(
        Run(clock, tuple(_climbed(clock, pace, calendars, ended.get(number), now)))
        for number, clock in enumerate(case.clocks)
    )


def _climbed(
    clock: Clock, pace: Pace, calendars: Calendars, ended_at: datetime | None, now: datetime
) -> Iterator[Reached]:
    stops = (clock.fulfilled_at, clock.paused_at, ended_at, now)
    stop = min(one for one in stops if one is not None)
    pauses = tuple(one for one in clock.pauses if one[1] is not None)
    free = replace(clock, fulfilled_at=None, ended=None, pauses=pauses)
    for one in ladder.ahead(free, pace, calendars):
        if one.at < stop:
            yield one
