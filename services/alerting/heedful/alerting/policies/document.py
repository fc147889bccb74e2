"""A policy as it is written: which items become cases, their clocks, and who hears when.

Stands on reference/sla.md §4.3, §4.7 and §4.8. A version never changes; what a case is measured
by is the version that was active when its clocks started.
"""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from heedful.alerting.policies.fields import (
    Channels,
    Colours,
    Document,
    Duration,
    Intents,
    Names,
    States,
    Written,
)
from heedful.alerting.policies.signals import MAX_SIGNAL_RULES, USUAL, SignalRule
from heedful.alerting.recipients import Recipient
from heedful.alerting.states import WAITING
from heedful.common.contracts import ClockMetric, Name, WrittenTime

MAX_RULES = 100
MAX_RUNGS = 20
ALWAYS = "always"
"""The calendar that never closes."""

RungName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class Condition(Document):
    """Every field that is given must fit; of its values one is enough.

    `topics` and `touchpoints` hold for what lies below them as well: `delivery` for
    `delivery.late`.
    """

    colours: Colours | None = None
    classified: bool | None = Field(
        default=None, description="false: no labels came in time, so there is no light."
    )
    needs_response: bool | None = None
    intents: Intents | None = None
    urgencies: Names | None = Field(
        default=None, description="Categories of the urgency rules: injury, legal, …"
    )
    channels: Channels | None = None
    topics: Names | None = None
    touchpoints: Names | None = None
    departments: Names | None = None
    tiers: Names | None = Field(
        default=None, description="Values of the attribute `customer_tier`."
    )

    @property
    def empty(self) -> bool:
        """Whether it fits everything."""
        return all(value is None for value in self.model_dump().values())


class ClockTerms(Document):
    target: Duration
    calendar: Name = Field(default=ALWAYS, description="Name of a calendar; its time counts.")
    pauses: States = Field(
        default=frozenset(), description="In these states the clock stands still."
    )
    enforced: bool = Field(default=True, description="false: shown, but nobody is warned.")

    @model_validator(mode="after")
    def _waits(self) -> Self:
        if odd := self.pauses - WAITING:
            names = " or ".join(sorted(WAITING))
            raise ValueError(f"pauses: {', '.join(sorted(odd))} is no waiting; use {names}")
        return self


class Rung(Document):
    """A step of the ladder: when so much of the target is spent, or so long before its end."""

    name: RungName
    percent: Annotated[float, Field(gt=0, le=1000)] | None = None
    before: Duration | None = None
    notify: Annotated[tuple[Recipient, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        if (self.percent is None) == (self.before is None):
            raise ValueError("give either percent or before, not both and not neither")
        return self

    def spent(self, target: timedelta) -> timedelta:
        """How much working time is spent when it is reached; may be below zero."""
        return (
            target - self.before if self.before is not None else target * (self.percent or 0) / 100
        )


class Ladder(Document):
    """`rungs` are taken in the order of time; the one at 100 percent is the breach."""

    rungs: Annotated[tuple[Rung, ...], Field(min_length=1, max_length=MAX_RUNGS)]
    repeat_every: Duration = timedelta(hours=24)
    repeats: int = Field(default=5, ge=0, le=50, description="After the last rung.")
    repeat_to: tuple[Recipient, ...] = (Recipient.MANAGER, Recipient.DIRECTOR)

    @model_validator(mode="after")
    def _breaches(self) -> Self:
        names = [one.name for one in self.rungs]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"rungs: the name {min(twice)} is given twice")
        if sum(one.percent == 100 for one in self.rungs) != 1:
            raise ValueError("rungs: exactly one must be at percent 100, which is the breach")
        return self

    @cached_property
    def breach(self) -> Rung:
        """The rung on which the clock runs out."""
        return next(one for one in self.rungs if one.percent == 100)


class Rule(Document):
    """What fits `when` becomes a case with these clocks; without clocks, none."""

    name: Name
    when: Condition = Condition()
    clocks: dict[ClockMetric, ClockTerms] = Field(default={})
    ladder: Name | None = Field(default=None, description="Name of a ladder; null: `default`.")
    urgent: bool = Field(default=False, description="Notices do not wait for `notify_calendar`.")
    notify: tuple[Recipient, ...] = Field(
        default=(), description="Who is told that a case was opened or reopened."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        order = [ClockMetric.RESPOND, ClockMetric.PLAN, ClockMetric.LAND]
        there = [(metric, self.clocks[metric].target) for metric in order if metric in self.clocks]
        for (first, sooner), (second, later) in itertools.pairwise(there):
            if sooner > later:
                raise ValueError(
                    f"clocks: the target of {first} must not be above that of {second}"
                )
        if self.when.classified is False and self.when.colours is not None:
            raise ValueError("when: what is not classified has no colour; leave out colours")
        return self


class Storm(Document):
    """When many cases about one thing become one issue, and how often that tells of them (§4.9c).

    One thing is one topic at one touchpoint in one region.
    """

    at_least: int = Field(
        default=5, ge=2, le=1000, description="So many unsettled cases begin an issue."
    )
    within: Duration = Field(
        default=timedelta(minutes=10),
        le=timedelta(days=1),
        description="They were opened or reopened within this time.",
    )
    group_wait: Duration = Field(
        default=timedelta(seconds=30),
        le=timedelta(minutes=10),
        description="News is gathered for so long before it is told.",
    )
    group_interval: Duration = Field(
        default=timedelta(minutes=5),
        le=timedelta(hours=1),
        description="News is told no more often than this; a red breach, once in a group_wait.",
    )
    repeat: Duration = Field(
        default=timedelta(hours=3),
        description="Without news, what is unsettled is told again so often.",
    )
    quiet_after: Duration = Field(
        default=timedelta(hours=6),
        description="It closes when every case is settled and none has joined for so long.",
    )

    @model_validator(mode="after")
    def _paced(self) -> Self:
        if not self.group_wait <= self.group_interval <= self.repeat:
            raise ValueError("storm: group_wait <= group_interval <= repeat must hold")
        return self


class PolicyDocument(Document):
    """Rules in order, the strictest first: the first that fits decides."""

    description: Annotated[str, Field(max_length=2000)] = ""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=MAX_RULES)]
    ladders: Annotated[dict[Name, Ladder], Field(min_length=1, max_length=20)]
    notify_calendar: Name = Field(
        default=ALWAYS, description="Notices of rules that are not urgent wait for its hours."
    )
    pause_budget: Duration = Field(
        default=timedelta(hours=72), description="A case may wait so long in all."
    )
    regroup_within: Written = Field(
        default=timedelta(days=7),
        ge=timedelta(0),
        le=timedelta(days=90),
        description="What comes so soon after the end of a like case reopens it.",
    )
    late_after: Duration = Field(
        default=timedelta(hours=24),
        description="Said so long before it was received: marked `late_source`.",
    )
    enforce_from: WrittenTime | None = Field(
        default=None, description="Clocks of what was received before are only shown."
    )
    storm: Storm | None = Field(
        default=Storm(), description="null: every case tells of itself, however many there are."
    )
    signals: Annotated[tuple[SignalRule, ...], Field(max_length=MAX_SIGNAL_RULES)] = Field(
        default=USUAL,
        description="What becomes of signals of journey: the first that fits decides; what none"
        " fits is ignored.",
    )
    signal_news: Duration = Field(
        default=timedelta(days=3),
        description="A signal that is heard of so long after it showed is history: it opens"
        " nothing and tells nobody.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [one.name for one in self.rules]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"rules: the name {min(twice)} is given twice")
        if not self.rules[-1].when.empty:
            raise ValueError("rules: the last one must be for everything else: leave out its when")
        if early := [one.name for one in self.rules[:-1] if one.when.empty]:
            raise ValueError(f"rules: after {early[0]}, which fits everything, no rule is reached")
        for rule in self.rules:
            self._climbable(rule)
        self._signalled()
        return self

    def _signalled(self) -> None:
        names = [one.name for one in self.signals]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"signals: the name {min(twice)} is given twice")
        if early := [one.name for one in self.signals[:-1] if one.fits_all]:
            raise ValueError(f"signals: after {early[0]}, which fits everything, none is reached")
        for one in self.signals:
            if one.rule is None:
                continue
            rule = self.rule(one.rule)
            if rule is None:
                known = ", ".join(rule.name for rule in self.rules)
                raise ValueError(
                    f"signals: {one.name} asks for the rule {one.rule}, which is not among {known}"
                )
            if not rule.clocks:
                raise ValueError(
                    f"signals: {one.name} asks for the rule {one.rule}, which has no clocks, so "
                    "that nothing under it is a case; name one that has"
                )

    def _climbable(self, rule: Rule) -> None:
        ladder = self.ladders.get(rule.ladder or "default")
        if ladder is None:
            raise ValueError(
                f"rules: {rule.name} asks for the ladder {rule.ladder or 'default'}, "
                f"which is not among {', '.join(sorted(self.ladders))}"
            )
        for metric, terms in rule.clocks.items():
            for rung in ladder.rungs:
                if rung.spent(terms.target) <= timedelta(0):
                    raise ValueError(
                        f"rules: {rule.name}: the rung {rung.name} comes before the clock {metric} "
                        "starts; give a larger target or a smaller before"
                    )

    def rule(self, name: str) -> Rule | None:
        return next((one for one in self.rules if one.name == name), None)

    def ladder_of(self, rule: Rule) -> Ladder:
        return self.ladders[rule.ladder or "default"]

    def calendars(self) -> Iterator[str]:
        """The names of all calendars that it needs."""
        yield self.notify_calendar
        for rule in self.rules:
            for terms in rule.clocks.values():
                yield terms.calendar
