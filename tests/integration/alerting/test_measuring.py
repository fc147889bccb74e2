"""Gauges from the database."""

from prometheus_client import REGISTRY

from heedful.alerting.figures.measuring import EVERY_S, Measuring
from tests.integration.alerting.figures_world import live
from tests.integration.alerting.test_board import CASES, NOW
from tests.integration.alerting.world import World


def clocks(metric: str, result: str) -> float | None:
    labels = {"metric": metric, "result": result}
    return REGISTRY.get_sample_value("heedful_alerting_recent_clocks", labels)


def landings(result: str) -> float | None:
    return REGISTRY.get_sample_value("heedful_alerting_recent_landings", {"result": result})


async def test_they_are_those_of_the_board(world: World) -> None:
    await live(world, CASES, NOW)
    assert await Measuring(world.database).step() == EVERY_S
    assert (clocks("respond", "met"), clocks("respond", "breached")) == (0, 5)
    assert (clocks("plan", "met"), clocks("plan", "breached")) == (1, 4)
    assert (landings("above"), landings("within"), landings("young")) == (2, 2, 1)
    assert landings("excluded") == 0
