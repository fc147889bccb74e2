"""Whoever computes on the event loop is seen."""

import asyncio
import time

from prometheus_client import REGISTRY

from heedful.common.loop_lag import LoopLag
from tests.patience import until

BLOCK_S = 0.6


def seen() -> float:
    """Seconds in all that the loop came back too late."""
    return REGISTRY.get_sample_value("heedful_loop_lag_seconds_sum") or 0


async def test_a_blocked_loop_is_measured() -> None:
    lag = LoopLag()
    running = asyncio.create_task(lag.run())
    before = seen()
    await asyncio.sleep(0)
    time.sleep(BLOCK_S)  # noqa: ASYNC251  # the offence itself
    await until(lambda: seen() > before)
    assert seen() - before >= BLOCK_S / 2
    assert lag.healthy(0)
    lag.stop()
    await running
