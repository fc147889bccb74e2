"""Issues tell what their cases left to them, on time and once.

A step takes issues that are due to be looked at, with their rows' locks, and writes deliveries in
the same transaction: a killed process leaves both undone. Nothing is sent here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_deliveries, store_endpoints
from heedful.alerting.case import SERVICE
from heedful.alerting.database import Database
from heedful.alerting.delivery_records import Frozen
from heedful.alerting.endpoint import Listener
from heedful.alerting.storms import store_history, store_looks, store_silenced, telling
from heedful.alerting.storms.history import Happened, IssueEventKind
from heedful.alerting.storms.model import Issue, Standing
from heedful.alerting.storms.pacing import Look, look
from heedful.alerting.storms.store_silenced import Waiting
from heedful.alerting.timers import TICK_S, wait_until

BATCH = 50
_BUSY = timedelta(seconds=1)
"""Somebody withdraws what waits just now."""


class StormLoop:
    """One step looks at what is due.

    Args:
        public_url: start of the links; None gives links without a host.
        woken: called after a commit that deliveries wait for.
    """

    def __init__(
        self, database: Database, public_url: str | None, woken: Callable[[], None]
    ) -> None:
        self._database = database
        self._base = (public_url or "").rstrip("/")
        self._woken = woken

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            issues = await store_looks.due(connection, now, BATCH)
            looked = await self._look(connection, now, issues) if issues else _Looked()
            wait = wait_until(now, await store_looks.next_due(connection, now))
        if looked.deliveries:
            self._woken()
        return 0.0 if len(issues) == BATCH else min(wait, TICK_S)

    async def _look(
        self, connection: AsyncConnection, now: datetime, issues: Sequence[Issue]
    ) -> "_Looked":
        ids = [one.id for one in issues]
        waiting = await store_silenced.waiting(connection, ids)
        standings = await store_looks.standing(connection, ids)
        listeners = await store_endpoints.listeners(connection, {one.tenant for one in issues})
        looked = _Looked()
        for issue in issues:
            looked.take(
                issue, waiting.get(issue.id, ()), standings[issue.id], listeners, now, self._base
            )
        await store_looks.looked(connection, looked.issues)
        if looked.flushes:
            await store_silenced.mark(connection, looked.flushes)
        if looked.history:
            await store_history.append(connection, looked.history)
        if looked.deliveries:
            await store_deliveries.insert_frozen(connection, now, looked.deliveries)
        return looked


@dataclass(slots=True)
class _Looked:
    """What came of looking at issues.

    Attributes:
        issues: as they are then, and when to look again.
        flushes: rows of what was told, with the number of the flush.
    """

    issues: list[tuple[Issue, datetime | None]] = field(default_factory=list)
    flushes: dict[int, int] = field(default_factory=dict)
    deliveries: list[Frozen] = field(default_factory=list)
    history: list[Happened] = field(default_factory=list)

    def take(
        self,
        issue: Issue,
        waiting: Sequence[Waiting],
        standing: Standing,
        listeners: Sequence[Listener],
        now: datetime,
        base: str,
    ) -> None:
        if any(one.busy for one in waiting):
            self.issues.append((issue, now + _BUSY))
            return
        found = look(issue, [one.notice for one in waiting], standing.unsettled, now)
        if found.event is None:
            self.issues.append((issue, found.next_at))
            return
        deliveries = telling.notices(issue, found, standing, listeners, now, base)
        after = _told(issue, found, [one.endpoint_id for one in deliveries], now)
        told = [one for one in waiting if found.ends or one.notice.tell_at <= now]
        self.flushes |= {one.id: after.flushes for one in told}
        self.issues.append((after, found.next_at))
        self.deliveries += deliveries
        self.history += _history(issue, found, len(deliveries), now)


def _told(issue: Issue, found: Look, endpoints: Sequence[str], now: datetime) -> Issue:
    """The issue after a flush."""
    return replace(
        issue,
        told_at=now,
        flushes=issue.flushes + 1,
        told_to={**issue.told_to, **dict.fromkeys(endpoints, now)},
        closed_at=(issue.closed_at or now) if found.ends else None,
    )


def _history(issue: Issue, found: Look, messages: int, now: datetime) -> list[Happened]:
    detail = {"flush": str(issue.flushes + 1), "messages": str(messages)}
    if found.told:
        detail |= {"notices": str(len(found.told)), "gravest": found.told[0].type.value}
    events = [Happened(issue.id, IssueEventKind.TOLD, now, SERVICE, detail)] if messages else []
    if found.ends and issue.closed_at is None:
        events.append(Happened(issue.id, IssueEventKind.CLOSED, now, SERVICE))
    return events
