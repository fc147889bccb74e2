"""How fast red notices are taken, as the service level of docs/slo.md counts it."""

from dataclasses import dataclass, field
from datetime import timedelta

from prometheus_client import REGISTRY

from heedful.alerting import store_deliveries
from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.failover import FailoverLoop
from heedful.common.contracts import Colour
from tests.integration.alerting.receiver import Answer, receiving
from tests.integration.alerting.robots import Said, answering
from tests.integration.alerting.world import Make, World, enriched, feedback, send
from tests.integration.conftest import TENANT

_NAMES = ("notices_total", "notice_seconds_count", "notice_seconds_sum")


def _read() -> list[float]:
    return [REGISTRY.get_sample_value(f"heedful_alerting_red_{name}") or 0.0 for name in _NAMES]


@dataclass
class Counted:
    """What was counted since it was made."""

    before: list[float] = field(default_factory=_read)

    def now(self) -> tuple[float, float, float]:
        """Tried first, taken, seconds of those together; an attempt itself takes milliseconds."""
        tried, taken, took = (is_ - was for is_, was in zip(_read(), self.before, strict=True))
        return tried, taken, round(took, -1)


async def test_one_that_waits_for_its_first_try(world: World, make: Make) -> None:
    async with receiving() as receiver:
        await world.add_endpoint(receiver.url)
        await world.consume(enriched(feedback(1)), enriched(feedback(2), Colour.AMBER))
        counted = Counted()
        world.now += timedelta(seconds=40)
        await send(make())
        assert counted.now() == (1, 1, 40)


async def test_one_that_is_tried_again_counts_from_its_beginning(world: World, make: Make) -> None:
    async with receiving() as receiver:
        await world.add_endpoint(receiver.url)
        receiver.answers = [Answer(500), Answer(500)]
        await world.consume(enriched(feedback()))
        counted, loop = Counted(), make()
        for later in (0, 10, 390):
            world.now += timedelta(seconds=later)
            await send(loop)
        assert len(receiver.ids) == 3
        assert counted.now() == (1, 1, 400)


async def test_a_replay_is_no_new_notice_and_late(world: World, make: Make) -> None:
    async with receiving() as receiver:
        await world.add_endpoint(receiver.url)
        await world.consume(enriched(feedback()))
        loop = make()
        await send(loop)
        counted = Counted()
        world.now += timedelta(hours=1)
        async with world.database.begin() as (connection, now):
            await store_deliveries.replay(connection, now, TENANT, receiver.ids[0])
        await send(loop)
        assert counted.now() == (0, 1, 3600)


async def test_a_copy_does_not_make_up_for_what_it_stands_in_for(world: World, make: Make) -> None:
    async with receiving() as dead, answering() as other:
        await world.add_endpoint(dead.url)
        dead.answers = [Answer(500)] * 9
        await world.consume(enriched(feedback()))
        await world.add_robot(EndpointKind.SLACK, other.url, fallback=True)
        other.usual = Said(body=b"ok")
        counted, loop = Counted(), make()
        await send(loop)
        world.now += timedelta(minutes=15)
        await FailoverLoop(world.database, lambda: None).step()
        await send(loop)
        assert len(other.messages) == 1
        assert counted.now() == (1, 0, 0)
