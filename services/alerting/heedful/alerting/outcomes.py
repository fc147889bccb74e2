"""Writes what came of tries, many in one transaction, with what follows for endpoints."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import (
    endpoint_changes,
    metrics,
    operations,
    store_budgets,
    store_deliveries,
    store_endpoints,
    store_outcomes,
)
from heedful.alerting.audit import record
from heedful.alerting.case import SERVICE
from heedful.alerting.database import Database
from heedful.alerting.formats.base import Outcome
from heedful.alerting.schedule import DeliveryState
from heedful.alerting.store_outcomes import DISABLE_AFTER, Ailing, Settled, is_success
from heedful.alerting.webhook import EventType
from heedful.common.coalesce import Coalescer

log = logging.getLogger(__name__)

_AT_ONCE = 500
WARN_AFTER = 4
"""Failures in a row before the tenant is told; svix has the same."""


class OutcomeWriter:
    """Stores tries.

    Args:
        worker: name of this process in leases.
    """

    def __init__(self, database: Database, worker: str) -> None:
        self._database = database
        self._worker = worker
        self._together = Coalescer[Settled, bool](self._write, _AT_ONCE)

    async def write(self, settled: Sequence[Settled]) -> None:
        """Returns when they are stored.

        Raises:
            Retryable: they are not, or we do not know; the leases end and others try again.
        """
        ours = await self._together(settled)
        for one, still in zip(settled, ours, strict=True):
            metrics.DELIVERIES.labels(one.settlement.label).inc()
            _measure(one, still=still)
            extra = {
                "delivery": one.task.id,
                "endpoint": one.task.endpoint_id,
                "outcome": one.settlement.label,
            }
            if not still:
                log.info("the delivery was replayed or taken over meanwhile", extra=extra)
            if not is_success(one):
                log.warning("notice not delivered", extra={**extra, "error": one.attempt.error})

    async def _write(self, settled: Sequence[Settled]) -> list[bool]:
        async with self._database.begin() as (connection, now):
            ours = await store_outcomes.write(connection, self._worker, settled)
            await self._look_after(connection, now, settled)
        return [one.task.id in ours for one in settled]

    async def _look_after(
        self, connection: AsyncConnection, now: datetime, settled: Sequence[Settled]
    ) -> None:
        for robot, until in sorted(_muted(settled).items()):
            await store_budgets.mute(connection, robot, until)
        healthy = sorted({one.task.endpoint_id for one in settled if is_success(one)})
        failed = Counter(
            one.task.endpoint_id
            for one in settled
            if not is_success(one) and one.settlement.state is not DeliveryState.DISCARDED
        )
        gone = {
            one.task.endpoint_id for one in settled if one.settlement.label == Outcome.GONE.value
        }
        for ailing in await store_outcomes.note_health(connection, now, healthy, failed):
            if ailing.enabled:
                await self._judge(connection, now, ailing, gone=ailing.id in gone)

    async def _judge(
        self, connection: AsyncConnection, now: datetime, ailing: Ailing, *, gone: bool
    ) -> None:
        if gone:
            await self._disable(connection, now, ailing, "it answered that it is gone")
        elif now - ailing.since >= DISABLE_AFTER:
            hours = DISABLE_AFTER // timedelta(hours=1)
            await self._disable(connection, now, ailing, f"nothing was taken for {hours} hours")
        elif ailing.before < WARN_AFTER <= ailing.failures:
            await self._tell(connection, now, ailing, EventType.FAILING, "it keeps failing")

    async def _disable(
        self, connection: AsyncConnection, now: datetime, ailing: Ailing, reason: str
    ) -> None:
        before = await store_endpoints.get(connection, ailing.tenant, ailing.id)
        await store_endpoints.disable(connection, now, ailing.id, reason)
        after = await store_endpoints.get(connection, ailing.tenant, ailing.id)
        if before is not None and after is not None:
            await record(connection, now, endpoint_changes.changed(SERVICE, before, after))
        await self._tell(connection, now, ailing, EventType.DISABLED, reason)
        metrics.ENDPOINTS_DISABLED.inc()
        log.error("endpoint disabled", extra={"endpoint": ailing.id, "reason": reason})

    async def _tell(
        self,
        connection: AsyncConnection,
        now: datetime,
        ailing: Ailing,
        event: EventType,
        reason: str,
    ) -> None:
        listening = await store_endpoints.operators(connection, ailing.tenant, ailing.id, event)
        told = [operations.notice(event, now, ailing, reason, one) for one in listening]
        if told:
            await store_deliveries.insert_frozen(connection, now, told)


def _measure(one: Settled, *, still: bool) -> None:
    """Red notices, and how fast they were taken. A copy tells nothing of what it stands in for."""
    if not one.task.urgent or one.task.forwarded or one.task.account is None:
        return
    if one.task.first:
        metrics.RED_NOTICES.inc()
    if still and is_success(one):
        metrics.RED_NOTICE_SECONDS.observe((one.attempt.at - one.task.since).total_seconds())


def _muted(settled: Sequence[Settled]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for one in settled:
        robot, mute = one.task.robot, one.mute
        if robot is not None and mute is not None:
            until = one.attempt.at + mute
            found[robot] = max(until, found.get(robot, until))
    return found
