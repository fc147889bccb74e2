"""The memory is a function of the events and the decisions in force, in whatever order."""

import random
import uuid
from collections import Counter
from contextlib import suppress
from typing import Any

from sqlalchemy import text

from heedful.common.contracts import Actor, ActorType, IdentifierType
from heedful.common.erasure import Tombstones
from heedful.common.errors import HeedfulError
from heedful.journey.deciding import Decisions
from heedful.journey.refused import Named
from heedful.journey.store_decisions import Said
from tests.integration.journey.test_journeys import folded
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

    async def decide(self, *, revoking: bool = True) -> None:
        """Something, or nothing where that is refused."""
        more = ["revoke"] if revoking and self.made else []
        with suppress(HeedfulError):
            await self._decide(self._chance.choice(["merge", "merge", "unmerge", "apart", *more]))

    async def _decide(self, what: str) -> None:
        rows = await self._journey.query(
            "SELECT customer_id, type, value, scope FROM journey.identifier"
            " WHERE customer_id IS NOT NULL ORDER BY id"
        )
        customers = sorted({row.customer_id for row in rows})
        if what == "revoke":
            await self.revoke(self._chance.choice(self.made))
        elif what == "unmerge" and rows:
            row = self._chance.choice(rows)
            named = Named(IdentifierType(row.type), (row.value,), row.scope or None)
            self.made.append(await self._decisions.unmerge(TENANT, row.customer_id, [named], SAID))
        elif len(customers) > 1:
            one, other = self._chance.sample(customers, 2)
            self.made.append(
                await self._decisions.merge(TENANT, one, other, SAID, two_customers=True)
                if what == "merge"
                else await self._decisions.keep_apart(TENANT, one, other, SAID)
            )

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
    for seed in range(5):
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
        await journey.forget()
        for batch in [events] if seed % 2 else in_batches(chance, events):
            await journey.consume(*batch)
        assert await journey.tables() == grown, seed
    assert in_force > 5


async def test_revoking_all_that_was_decided_restores_every_row(journey: Journey) -> None:
    """Whatever was merged, parted and kept apart, revoked in whatever order."""
    made: Counter[str] = Counter()
    for seed in range(50, 55):
        chance = random.Random(seed)  # noqa: S311  # not for secrets
        await new(journey)
        await journey.consume(*lives(chance, 12))
        before = await state(journey)
        clerk = Clerk(journey, chance)
        for _ in range(8):
            await clerk.decide(revoking=False)
        rows = await journey.query("SELECT kind FROM journey.decision")
        made.update(row.kind for row in rows)
        for decision in chance.sample(clerk.made, len(clerk.made)):
            await clerk.revoke(decision)
        assert await state(journey) == before, seed
    assert min(made["merge"], made["unmerge"], made["keep_apart"]) > 2, made


async def state(journey: Journey) -> dict[str, Any]:
    """Every row of the memory, and of the journeys that are folded from it."""
    return {**await journey.tables(), "journey": await folded(journey)}
