"""Policies of alerting: which items become cases, their clocks, and who hears."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from heedful.console.upstream import applications
from heedful.console.upstream.applications import Applied
from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read

_PATH: Final = "/v1/policies"
BUILT_IN: Final = 0
_SECONDS: Final = 45.0
"""A dry run looks back for 30 s at most."""


class Terms(Read):
    """Of a clock."""

    target: timedelta
    calendar: str = "always"
    pauses: list[str]
    enforced: bool = True


class Rule(Read):
    """`when`: fields of the condition that are given; a value of each has to fit."""

    name: str
    when: dict[str, Any]
    clocks: dict[str, Terms]
    ladder: str | None = None
    urgent: bool = False
    notify: list[str]

    @property
    def ordered(self) -> dict[str, Terms]:
        """Its clocks, the one that ends first before the others."""
        return dict(sorted(self.clocks.items(), key=lambda one: one[1].target))

    @property
    def conditions(self) -> dict[str, Any]:
        return {name: value for name, value in self.when.items() if value is not None}


class Rung(Read):
    name: str
    percent: float | None = None
    before: timedelta | None = None
    notify: list[str]


class Ladder(Read):
    rungs: list[Rung]
    repeat_every: timedelta | None = None
    repeats: int = 0
    repeat_to: list[str]


class Storm(Read):
    at_least: int
    within: timedelta
    group_wait: timedelta
    group_interval: timedelta
    repeat: timedelta
    quiet_after: timedelta


class SignalRule(Read):
    name: str
    kinds: list[str] | None = None
    colours: list[str] | None = None
    confidence: float | None = None
    effect: str
    colour: str | None = None
    rule: str | None = None
    department: str | None = None
    notify: list[str] | None = None


class Document(Read):
    """What the page of a policy shows of it."""

    description: str = ""
    rules: list[Rule]
    ladders: dict[str, Ladder]
    notify_calendar: str = "always"
    pause_budget: timedelta
    regroup_within: timedelta
    late_after: timedelta
    enforce_from: datetime | None = None
    storm: Storm | None = None
    signals: list[SignalRule]
    signal_news: timedelta


class Policy(Read):
    """`document`: whole, as it was written; version 0 is built in."""

    version: int
    active: bool
    created_at: datetime | None
    created_by: str | None
    activated_at: datetime | None
    document: dict[str, Any]

    @cached_property
    def shown(self) -> Document:
        return Document.model_validate(self.document)


class PolicyPage(Read):
    items: list[Policy]
    next_cursor: str | None = None


class Step(Read):
    clock: str
    step: str
    at: datetime
    told_at: datetime
    notify: list[str]


class Tried(Read):
    """What would come of an item if nobody did anything."""

    rule: str
    opens: bool
    effect: str | None
    deadlines: dict[str, datetime]
    steps: list[Step]


class CaseCounts(Read):
    """`more`: of what was no case at all."""

    opened: int
    would_open: int
    more: int

    @property
    def net(self) -> int:
        return self.would_open + self.more - self.opened


class Kept(Read):
    runs: int
    breached: int
    would_run: int
    would_breach: int


class Notices(Read):
    day: date
    recipient: str
    told: int
    unanswered: int


class SignalCounts(Read):
    were: dict[str, int]
    would_be: dict[str, int]


class DryRun(Read):
    """What a version would have made of the last days."""

    since: datetime
    until: datetime
    complete: bool
    received: int
    without_labels: int
    by_rule: dict[str, CaseCounts]
    by_colour: dict[str, CaseCounts]
    clocks: dict[str, Kept]
    signals: dict[str, SignalCounts]
    notices: list[Notices]

    @property
    def told(self) -> dict[str, int]:
        """Notices by recipient, over all days."""
        found: dict[str, int] = {}
        for one in self.notices:
            found[one.recipient] = found.get(one.recipient, 0) + one.told
        return found

    @property
    def total(self) -> CaseCounts:
        of = self.by_colour.values()
        return CaseCounts(
            opened=sum(one.opened for one in of),
            would_open=sum(one.would_open for one in of),
            more=sum(one.more for one in of),
        )


async def listed(alerting: Caller, cursor: str | None) -> PolicyPage:
    """The newest first; the built-in one is none of them."""
    return await alerting.get(PolicyPage, _PATH, {"cursor": cursor, "limit": 20})


async def active(alerting: Caller) -> Policy:
    return await alerting.get(Policy, _PATH + "/active")


async def get(alerting: Caller, version: int) -> Policy:
    """
    Raises:
        NotThere: there is none; the built-in one only while it is active.
    """
    return await alerting.get(Policy, _of(version))


async def make(alerting: Caller, document: Mapping[str, Any]) -> Policy:
    return await alerting.post(Policy, _PATH, document)


async def activate(alerting: Caller, version: int) -> Policy:
    return await alerting.post(Policy, _of(version) + "/activate")


async def tried(alerting: Caller, version: int, item: Mapping[str, Any]) -> Tried:
    return await alerting.post(Tried, _of(version) + "/try", item)


async def dry_run(alerting: Caller, version: int, days: int) -> DryRun:
    return await alerting.post(
        DryRun, _of(version) + "/dry-run", {"days": days}, timeout_s=_SECONDS
    )


async def apply(alerting: Caller, version: int, *, dry_run: bool) -> Applied:
    """To cases that are open."""
    return await applications.apply(alerting, _of(version), dry_run=dry_run)


def _of(version: int) -> str:
    return f"{_PATH}/{version}"
