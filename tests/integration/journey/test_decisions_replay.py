"""The memory is a function of the events and the decisions in force, in whatever order."""

import random
import uuid
from typing import Any

from sqlalchemy import text

from heedful.common.contracts import Actor, ActorType, IdentifierType
from heedful.common.erasure import Tombstones
from heedful.common.errors import HeedfulError
from heedful.journey.deciding import Decisions
from heedful.journey.refused import Named
from heedful.journey.store_decisions import Said
from tests.integration.journey.test_replay import in_batches, lives
from tests.integration.journey.world import NOW, Journey
from tests.unit.journey.material import TENANT

SAID = Said(Actor(type=ActorType.HUMAN, id="wang.fang"), "because")


class Clerk:
    """Decides at random, what can be decided."""

    def __init__(self, journey: Journey, chance: random.Random) -> None:
        self._journey = journey
        self._chance = chance
        tombstones = Tombstones("journey")
        tombstones.use_secret(b"t" * 32)
        self._decisions = Decisions(journey.platform.engine, tombstones, lambda: NOW)
        self.made: list[uuid.UUID] = []

    async def decide(self) -> bool:
        """Whether anything was."""
        rows = await self._journey.query(
            "SELECT customer_id, type, value, scope FROM journey.identifier"
            " WHERE customer_id IS NOT NULL ORDER BY id"
        )
        customers = sorted({row.customer_id for row in rows})
        what = self._chance.choice(["merge", "merge", "unmerge", "apart", "revoke"])
        try:
            if what == "revoke" and self.made:
                await self.revoke(self._chance.choice(self.made))
            elif what == "unmerge" and rows:
                row = self._chance.choice(rows)
                named = Named(IdentifierType(row.type), (row.value,), row.scope or None)
                self.made.append(
                    await self._decisions.unmerge(TENANT, row.customer_id, [named], SAID)
                )
            elif len(customers) > 1:
                one, other = self._chance.sample(customers, 2)
                self.made.append(
                    await self._decisions.merge(TENANT, one, other, SAID, two_customers=True)
                    if what == "merge"
                    else await self._decisions.keep_apart(TENANT, one, other, SAID)
                )
        except HeedfulError:
            return False
        return True

    async def merge_any(self) -> uuid.UUID | None:
        before = len(self.made)
        rows = await self._journey.query(
            "SELECT DISTINCT customer_id FROM journey.identifier WHERE customer_id IS NOT NULL"
            " ORDER BY 1"
        )
        if len(rows) < 2:
            return None
        one, other = self._chance.sample([row.customer_id for row in rows], 2)
        try:
            self.made.append(
                await self._decisions.merge(TENANT, one, other, SAID, two_customers=True)
            )
        except HeedfulError:
            return None
        return self.made[before]

    async def revoke(self, decision: uuid.UUID) -> None:
        await self._decisions.revoke(TENANT, decision, SAID)
        self.made.remove(decision)


async def new(journey: Journey) -> None:
    await journey.forget()
    async with journey.platform.engine.begin() as connection:
        await connection.execute(text("TRUNCATE journey.decision, journey.decision_member"))


async def test_events_and_decisions_in_any_order_give_what_a_rebuild_gives(
    journey: Journey,
) -> None:
    in_force = 0
    for seed in range(8):
        chance = random.Random(seed)  # noqa: S311  # not for secrets
        events = lives(chance, 14)
        await new(journey)
        clerk = Clerk(journey, chance)
        for batch in in_batches(chance, events):
            await journey.consume(*batch)
            await clerk.decide()
        for _ in range(3):
            await clerk.decide()
        in_force += len(clerk.made)
        grown = await journey.tables()
        for rebuilt in ([list(events)], list(in_batches(chance, events))):
            await journey.forget()
            for batch in rebuilt:
                await journey.consume(*batch)
            assert await journey.tables() == grown, seed
    assert in_force > 8


async def test_revoking_a_merge_restores_every_row(journey: Journey) -> None:
    restored = 0
    for seed in range(50, 58):
        chance = random.Random(seed)  # noqa: S311  # not for secrets
        await new(journey)
        await journey.consume(*lives(chance, 9))
        clerk = Clerk(journey, chance)
        for _ in range(2):
            await clerk.decide()
        before: dict[str, Any] = await journey.tables()
        made = await clerk.merge_any()
        if made is not None:
            await clerk.revoke(made)
            assert await journey.tables() == before, seed
            restored += 1
    assert restored > 2
