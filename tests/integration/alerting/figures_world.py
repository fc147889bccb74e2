"""Cases whose hours are known, acted on through the API as time goes by."""

from dataclasses import dataclass
from datetime import timedelta

import httpx

from heedful.alerting.api import board, case_steps, cases, exports
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import T0, World, case_id, enriched, feedback
from tests.integration.conftest import API_KEY

PLAN = {"owner": "li.wei", "action": "replace the part", "due": "2026-03-09T08:00:00+08:00"}
LANDING = {"root_cause": "supplier", "action_taken": "part replaced"}


@dataclass(frozen=True)
class Known:
    """A case by hours since T0: when it was received, and when each step was taken, if it was."""

    number: int
    received: float
    acknowledged: float | None = None
    planned: float | None = None
    landed: float | None = None

    @property
    def id(self) -> str:
        return case_id(feedback(self.number))


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def client(world: World, key: str = API_KEY) -> httpx.AsyncClient:
    auth = world.platform.auth
    routers = [
        cases.router(world.database, auth),
        case_steps.router(world.database, world.actions, auth),
        board.router(world.database, auth),
        exports.router(world.database, auth),
    ]
    return calling(world.platform, routers, key=key)


async def live(world: World, known: list[Known], now: float) -> None:
    """Receive the cases and take their steps in the order of time; then it is `now`."""
    steps = sorted(
        (at, one.id, step)
        for one in known
        for at, step in (
            (one.acknowledged, "acknowledge"),
            (one.planned, "plan"),
            (one.landed, "land"),
        )
        if at is not None
    )
    for one in known:
        world.now = T0 + hours(one.received)
        of = feedback(one.number, identifiers=(), received_at=world.now, occurred_at=world.now)
        await world.consume(enriched(of))
    bodies = {"acknowledge": None, "plan": PLAN, "land": LANDING}
    async with client(world) as caller:
        for at, id_, step in steps:
            world.now = T0 + hours(at)
            answer = await caller.post(f"/v1/cases/{id_}/{step}", json=bodies[step])
            assert answer.status_code == 200, answer.text
    world.now = T0 + hours(now)
