"""Writes what happens to cases: event, fold, announcement, notices in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_deliveries, store_endpoints, store_events
from heedful.alerting.announcing import SERVICE, announcement
from heedful.alerting.case import Step, apply
from heedful.alerting.records import Recorded, StoredCase, Tally
from heedful.alerting.webhook import NOTIFIED, Notice
from heedful.common import outbox
from heedful.common.errors import Retryable


class Ledger:
    """Appends steps to cases.

    Args:
        public_url: start of the links in webhooks; None gives links without a host.
    """

    def __init__(self, public_url: str | None) -> None:
        self._base = (public_url or "").rstrip("/")
        self._key_secret: bytes | None = None

    def use_key_secret(self, secret: bytes) -> None:
        """The secret of record keys; must be set before the first step of a case."""
        self._key_secret = secret

    async def record_opened(
        self,
        connection: AsyncConnection,
        now: datetime,
        opened: Sequence[Recorded],
        tally: Tally,
    ) -> None:
        """The first events of cases that were inserted in this transaction."""
        heads = await self._write(connection, now, opened, tally)
        await store_cases.set_heads(connection, [one.stored for one in opened], heads)

    async def append(
        self,
        connection: AsyncConnection,
        now: datetime,
        steps: Sequence[tuple[StoredCase, Step]],
        tally: Tally,
    ) -> dict[str, StoredCase]:
        """Append steps to locked cases, in order; gives the cases as they are then.

        Raises:
            WrongTransition: a state does not allow its step; nothing was written.
        """
        current: dict[str, StoredCase] = {}
        recorded = []
        for given, step in steps:
            stored = current.get(given.id, given)
            current[given.id] = replace(stored, case=apply(stored.case, step))
            recorded.append(Recorded(current[given.id], step))
        if recorded:
            heads = await self._write(connection, now, recorded, tally)
            for id_, stored in current.items():
                current[id_] = replace(stored, head=heads.get(id_))
            await store_cases.update_cases(connection, current.values())
        return current

    async def _write(
        self,
        connection: AsyncConnection,
        now: datetime,
        recorded: Sequence[Recorded],
        tally: Tally,
    ) -> dict[str, bytes]:
        """The new heads of the cases."""
        if self._key_secret is None:
            raise Retryable("alerting has not started yet")
        heads = await store_events.insert(connection, now, recorded)
        # Under the row locks of the cases, which keep their order in the outbox as well.
        announced = [announcement(one, now, self._key_secret) for one in recorded]
        await outbox.put(connection, SERVICE, announced)
        tally.events.update(one.step.kind.value for one in recorded)
        await self._notify(connection, now, recorded)
        return heads

    async def _notify(
        self, connection: AsyncConnection, now: datetime, recorded: Sequence[Recorded]
    ) -> None:
        notices = [self._notice(one) for one in recorded if one.step.kind in NOTIFIED]
        if not notices:
            return
        listeners = await store_endpoints.listeners(
            connection, {notice.tenant for notice in notices}
        )
        addressed = [
            (notice, listener.id)
            for notice in notices
            for listener in listeners
            if listener.hears(notice)
        ]
        if addressed:
            await store_deliveries.insert(connection, now, addressed)

    def _notice(self, one: Recorded) -> Notice:
        stored, step = one.stored, one.step
        return Notice(
            type=NOTIFIED[step.kind],
            at=step.at,
            case_id=stored.id,
            tenant=stored.tenant,
            sequence=stored.case.sequence,
            colour=stored.case.colour.value,
            state=stored.case.state.value,
            clock=step.clock,
            deadlines=stored.case.deadlines,
            received_at=stored.received_at,
            source=stored.source,
            feedback_id=stored.feedback_id,
            channel=stored.channel,
            reasons=stored.reasons,
            url=f"{self._base}/v1/cases/{stored.id}",
        )
