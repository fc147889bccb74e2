"""Does what a link is for, as its member, in the transaction that burns it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.actions import Actions
from heedful.alerting.case import WrongTransition
from heedful.alerting.database import Database
from heedful.alerting.ledger import Ledger
from heedful.alerting.links.link import LinkAction, Wanted
from heedful.common.contracts import Actor, ActorType
from heedful.common.erasure import Tombstones


class _Joined(Database):
    """Gives the transaction that is open already; a step that is refused leaves nothing in it."""

    def __init__(self, connection: AsyncConnection, now: datetime, tombstones: Tombstones) -> None:
        super().__init__(connection.engine, tombstones)
        self._connection = connection
        self._now = now

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[tuple[AsyncConnection, datetime]]:
        async with self._connection.begin_nested():
            yield self._connection, self._now


class LinkSteps:
    """The steps that links take."""

    def __init__(self, ledger: Ledger, tombstones: Tombstones) -> None:
        self._ledger = ledger
        self._tombstones = tombstones

    async def take(self, connection: AsyncConnection, now: datetime, wanted: Wanted) -> bool:
        """Take the step of a link; False when the case is in no state for it any more."""
        joined = _Joined(connection, now, self._tombstones)
        actions = Actions(joined, self._ledger, _later)
        actor = Actor(type=ActorType.HUMAN, id=wanted.member_id)
        try:
            match wanted.action:
                case LinkAction.ACKNOWLEDGE:
                    return await actions.acknowledge(wanted.tenant, wanted.case_id, actor, None)
        except WrongTransition:
            return False


def _later() -> None:
    """Loops are woken after the commit, by who commits."""
