"""When an issue tells, of what, and when it ends. Pure: time is passed in.

After Alertmanager (reference/delivery-and-timers.md §3.3): news is gathered for group_wait, told no
more often than once in a group_interval, and told again after repeat as long as something is
unsettled. Red breaches come sooner: once in a group_wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from heedful.alerting.storms.model import Issue, Silenced
from heedful.alerting.webhook import EventType

_GRAVITY = (
    EventType.BREACHED,
    EventType.ESCALATED,
    EventType.WARNING,
    EventType.OPENED,
    EventType.REOPENED,
    EventType.RAISED,
)
"""The gravest first; what is not named here comes last."""


@dataclass(frozen=True, slots=True)
class Look:
    """What comes of looking at an issue.

    Attributes:
        event: what is told; None: nothing is, for now.
        told: what it tells, red first and the gravest of them.
        again: ids of the endpoints that hear it without news, so that it is not forgotten.
        later: of an issue that ends, what people may be told only later.
        next_at: when to look again; None: never, it has ended.
    """

    event: EventType | None
    told: tuple[Silenced, ...] = ()
    again: frozenset[str] = frozenset()
    later: tuple[Silenced, ...] = ()
    next_at: datetime | None = None

    @property
    def ends(self) -> bool:
        return self.event is EventType.ISSUE_CLOSED


def moment(one: Silenced, issue: Issue) -> datetime:
    """When the issue tells of it: gathered for a while, kept apart from what was told before."""
    pace, last = issue.pace, issue.told_at
    if last is None:
        at = issue.opened_at + pace.group_wait
    else:
        at = max(one.at + pace.group_wait, last + pace.group_interval)
    if one.latest is not None:
        soonest = one.latest if last is None else max(one.latest, last + pace.group_wait)
        at = min(at, soonest)
    return max(at, one.tell_at)


def look(issue: Issue, waiting: Sequence[Silenced], unsettled: int, now: datetime) -> Look:
    """What an issue does now.

    Args:
        waiting: notices of its cases that nobody was told of.
        unsettled: how many of its cases somebody has to do something about.
    """
    ready = tuple(sorted((one for one in waiting if one.tell_at <= now), key=gravity))
    later = tuple(one for one in waiting if one.tell_at > now)
    if issue.closed_at is not None or _over(issue, unsettled, now):
        return Look(EventType.ISSUE_CLOSED, ready, frozenset(issue.told_to), later)
    again = _again(issue, now) if unsettled else frozenset()
    if not again and not _has_to_tell(issue, waiting, now):
        return Look(None, next_at=_next(issue, waiting, now))
    event = EventType.ISSUE_UPDATED if issue.flushes else EventType.ISSUE_OPENED
    # What is told later keeps its distance from this one; nothing of it is due before its time.
    next_at = min([now + issue.pace.group_interval, *(one.tell_at for one in later)])
    return Look(event, ready, again, next_at=next_at)


def gravity(one: Silenced) -> tuple[bool, int, datetime, str]:
    """What is told first sorts first: red, then what is gravest, then the oldest."""
    place = _GRAVITY.index(one.type) if one.type in _GRAVITY else len(_GRAVITY)
    return not one.red, place, one.at, one.case_id


def _over(issue: Issue, unsettled: int, now: datetime) -> bool:
    return not unsettled and now >= issue.joined_at + issue.pace.quiet_after


def _again(issue: Issue, now: datetime) -> frozenset[str]:
    repeat = issue.pace.repeat
    return frozenset(one for one, at in issue.told_to.items() if now >= at + repeat)


def _has_to_tell(issue: Issue, waiting: Sequence[Silenced], now: datetime) -> bool:
    if any(moment(one, issue) <= now for one in waiting):
        return True
    return issue.told_at is None and now >= issue.opened_at + issue.pace.group_wait


def _next(issue: Issue, waiting: Sequence[Silenced], now: datetime) -> datetime:
    """At least once in a group_interval, for nobody says when the last case is settled."""
    ahead = [now + issue.pace.group_interval, *(moment(one, issue) for one in waiting)]
    if issue.told_at is None:
        ahead.append(issue.opened_at + issue.pace.group_wait)
    return min(ahead)
