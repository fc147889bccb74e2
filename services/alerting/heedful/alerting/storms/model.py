"""Issues, and the notices of their cases that they tell in their own words: values. Pure.

Stands on reference/sla.md §4.9c and reference/delivery-and-timers.md §3.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from heedful.alerting.policies.document import Storm
from heedful.alerting.recipients import Mention, Recipient
from heedful.alerting.records import StoredCase
from heedful.alerting.states import OVER, State
from heedful.alerting.webhook import ALARMS, EventType, Notice
from heedful.common.contracts import Colour

SETTLED = frozenset({State.LANDED, State.VERIFIED, *OVER})
"""Nobody has to do anything about a case in one of these states."""


@dataclass(frozen=True, slots=True)
class Group:
    """What cases have in common that may be one storm."""

    tenant: str
    topic: str
    touchpoint: str | None
    region: str | None

    @classmethod
    def of(cls, stored: StoredCase) -> "Group | None":
        """None for a case without a topic: it is like no other."""
        if stored.topic is None:
            return None
        return cls(stored.tenant, stored.topic, stored.touchpoint, stored.region)


@dataclass(frozen=True, slots=True)
class Issue:
    """The parent of cases.

    Attributes:
        topic, touchpoint, region: cases of these join it; without a topic, none does by itself.
        title: what a lead calls it.
        pace: how often it tells, as the policy had it when it was opened.
        joined_at: when a case joined it last.
        told_at: when it told last; `flushes`: how often it did.
        told_to: ids of the endpoints that have heard of it, with the last time.
    """

    id: str
    tenant: str
    topic: str | None
    touchpoint: str | None
    region: str | None
    pace: Storm
    opened_at: datetime
    joined_at: datetime
    title: str | None = None
    told_at: datetime | None = None
    flushes: int = 0
    told_to: Mapping[str, datetime] = field(default_factory=dict)
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Silenced:
    """A notice of a case that is left to its issue.

    Attributes:
        at: when it was left.
        tell_at: when people may be told, not before `at`.
        latest: when they have to be told if that can be; None: whenever the issue does.
        endpoints: ids of those that would have heard it.
    """

    case_id: str
    type: EventType
    colour: Colour
    at: datetime
    tell_at: datetime
    latest: datetime | None = None
    clock: str | None = None
    step: str = ""
    audience: tuple[Recipient, ...] = ()
    mentions: tuple[Mention, ...] = ()
    endpoints: frozenset[str] = frozenset()

    @property
    def red(self) -> bool:
        return self.colour is Colour.RED

    @property
    def urgent(self) -> bool:
        """Whether it is about a red light and asks somebody to act."""
        return self.red and self.type in ALARMS


@dataclass(frozen=True, slots=True)
class Standing:
    """How the cases of an issue stand. `red`: how many of the unsettled are."""

    cases: int
    unsettled: int
    red: int
    states: Mapping[str, int] = field(default_factory=dict)


def silenced(notice: Notice, endpoints: frozenset[str], now: datetime) -> Silenced:
    """What an issue keeps of a notice."""
    return Silenced(
        case_id=notice.case_id,
        type=notice.type,
        colour=Colour(notice.colour),
        at=now,
        tell_at=max(now, notice.not_before or now),
        latest=_latest(notice, now),
        clock=None if notice.clock is None else notice.clock.value,
        step=notice.step,
        audience=notice.audience,
        mentions=notice.mentions,
        endpoints=endpoints,
    )


def _latest(notice: Notice, now: datetime) -> datetime | None:
    """A red breach waits for nothing; a warning, no longer than half of the time that is left."""
    if notice.type is EventType.BREACHED:
        return now if notice.colour == Colour.RED else None
    if notice.type is not EventType.WARNING or notice.clock is None:
        return None
    due: Any = getattr(notice.deadlines, notice.clock.value)
    return now + max(timedelta(0), due - now) / 2 if isinstance(due, datetime) else None
