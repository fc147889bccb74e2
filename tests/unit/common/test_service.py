"""A periodic part: steps, waking, stopping, and when it counts as stuck."""

import asyncio
import time

import pytest

from heedful.common.service import Periodic

LONG = 3600.0


class Steps:
    """Counts steps; each says how long to wait, and may be held back."""

    def __init__(self, wait: float = LONG) -> None:
        self.done = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self._wait = wait

    async def __call__(self) -> float:
        self.entered.set()
        await self.gate.wait()
        self.done += 1
        return self._wait

    async def reach(self, number: int) -> None:
        async with asyncio.timeout(10):
            while self.done < number:  # noqa: ASYNC110  # counts what the loop under test does
                await asyncio.sleep(0)


async def test_steps_follow_one_another_until_it_is_stopped() -> None:
    steps = Steps(wait=0)
    part = Periodic("timers", steps, LONG)
    running = asyncio.create_task(part.run())
    await steps.reach(5)
    part.stop()
    await asyncio.wait_for(running, 10)
    done = steps.done
    await asyncio.sleep(0)
    assert steps.done == done


async def test_a_long_wait_ends_when_it_is_woken() -> None:
    steps = Steps()
    part = Periodic("timers", steps, LONG)
    running = asyncio.create_task(part.run())
    await steps.reach(1)
    part.wake()
    await steps.reach(2)
    part.stop()
    await asyncio.wait_for(running, 10)


async def test_a_call_that_comes_during_a_step_is_not_lost() -> None:
    steps = Steps()
    steps.gate.clear()
    part = Periodic("timers", steps, LONG)
    running = asyncio.create_task(part.run())
    await steps.entered.wait()
    part.wake()
    steps.gate.set()
    await steps.reach(2)
    part.stop()
    await asyncio.wait_for(running, 10)


async def test_a_long_wait_ends_when_it_is_stopped() -> None:
    steps = Steps()
    part = Periodic("timers", steps, LONG)
    running = asyncio.create_task(part.run())
    await steps.reach(1)
    part.stop()
    await asyncio.wait_for(running, 10)
    assert steps.done == 1


async def test_an_exception_ends_it() -> None:
    async def step() -> float:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await Periodic("timers", step, LONG).run()


async def test_it_is_healthy_until_no_step_has_finished_for_the_time_given() -> None:
    steps = Steps()
    part = Periodic("timers", steps, stall_seconds=60)
    assert part.healthy(time.monotonic() + 1e6), "not started: nothing can be stuck"
    running = asyncio.create_task(part.run())
    await steps.reach(1)
    now = time.monotonic()
    assert part.healthy(now)
    assert part.healthy(now + 50)
    assert not part.healthy(now + 70)
    part.wake()
    await steps.reach(2)
    part.stop()
    await asyncio.wait_for(running, 10)


async def test_a_first_step_that_never_ends_is_not_healthy() -> None:
    steps = Steps()
    steps.gate.clear()
    part = Periodic("timers", steps, stall_seconds=60)
    running = asyncio.create_task(part.run())
    await steps.entered.wait()
    assert part.healthy(time.monotonic())
    assert not part.healthy(time.monotonic() + 70)
    running.cancel()
