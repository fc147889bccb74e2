"""The audit on a test's database: made, verified, and what somebody who owns it may do."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit import Entry, Subject, store_chains
from heedful.alerting.audit.anchoring import Anchoring
from heedful.alerting.audit.anchors import Signer
from heedful.alerting.audit.verification import Broken, Tally, Verification
from heedful.common.contracts import Actor, ActorType
from tests.integration.alerting.world import World
from tests.integration.conftest import TENANT

EVERY: Final = timedelta(minutes=5)
_KEY: Final = b"a" * 32
STAFF: Final = Actor(type=ActorType.HUMAN, id="staff-17")
GUARDED: Final = ("audit_entry", "audit_leaf", "audit_anchor")


class Audit:
    """The audit of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tally = Tally()
        self.public_key = Signer(_KEY).public_key

    def anchoring(self) -> Anchoring:
        made = Anchoring(self.world.database, EVERY)
        made.use_secret(_KEY)
        return made

    async def anchor(self) -> None:
        """Time passes, and the anchors that are due are made."""
        self.world.now += EVERY
        await self.anchoring().step()

    async def broken(self, *, since: datetime | None = None) -> list[Broken]:
        """What verification finds."""
        async with self.world.platform.engine.connect() as connection:
            return await self._broken(connection, since)

    async def _broken(
        self, connection: AsyncConnection, since: datetime | None = None
    ) -> list[Broken]:
        self.tally = Tally()
        verification = Verification(
            connection, self.public_key, since, self.tally, told=lambda: None
        )
        return [
            one
            for tenant in await store_chains.tenants(connection)
            async for one in verification.tenant(tenant)
        ]

    async def faults(self) -> list[tuple[str, int, str]]:
        """Chain, position and how, of each that does not hold."""
        return [_said(one) for one in await self.broken()]

    async def tamper(self, *statements: str, **values: object) -> None:
        """As whoever owns the database can."""
        async with self.world.platform.engine.begin() as connection:
            await _tamper(connection, statements, values)

    async def faults_after(self, *statements: str, **values: object) -> list[tuple[str, int, str]]:
        """What would be found if somebody did this; nobody does."""
        async with self.world.platform.engine.connect() as connection:
            await _tamper(connection, statements, values)
            found = [_said(one) for one in await self._broken(connection)]
            await connection.rollback()
            return found


async def _tamper(
    connection: AsyncConnection, statements: Sequence[str], values: Mapping[str, object]
) -> None:
    for table in GUARDED:
        await connection.execute(text(f"ALTER TABLE alerting.{table} DISABLE TRIGGER USER"))
    for statement in statements:
        await connection.execute(text(statement), values)


def _said(one: Broken) -> tuple[str, int, str]:
    return one.chain, one.fault.position, one.fault.how


def change(number: int, tenant: str = TENANT) -> Entry:
    """An administrative change."""
    return Entry(
        tenant=tenant,
        actor=STAFF,
        action="endpoint.created",
        subject=Subject("endpoint", f"ep-{number}"),
        after={"number": number, "share": 0.5, "names": ["甲", None]},
    )
