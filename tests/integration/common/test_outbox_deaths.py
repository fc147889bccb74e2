"""Relays that die anywhere: nothing is lost, and of each key the first occurrences are in order."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from heedful.common import outbox
from heedful.common.bus.base import Outgoing
from tests.integration.common.outbox import (
    Death,
    Killed,
    Mortal,
    OpenBox,
    Outbox,
    first_occurrences,
    kill_after,
)

BOTH = ["embedded", pytest.param("kafka", marks=pytest.mark.kafka)]
_KEYS = (b"a", b"b", b"c")

_puts = st.tuples(st.just("put"), st.lists(st.sampled_from(_KEYS), min_size=1, max_size=6))
_deaths = st.tuples(st.just("death"), st.sampled_from(list(Death)))
_kills = st.tuples(st.just("kill"), st.integers(0, 400))
_ends = st.tuples(st.just("lease ends"), st.none())
_steps = st.tuples(st.just("step"), st.integers(1, 3))
_life = st.lists(st.one_of(_puts, _puts, _deaths, _kills, _ends, _steps), max_size=14)


async def act(box: Outbox, what: str, how: Any) -> None:
    match what, how:
        case "put", keys:
            await box.put(*keys)
        case "death", death:
            try:
                await box.relay(Mortal(box.bus.producer, death)).step()
            except Killed:
                return
        case "kill", turns:
            await kill_after(box.relay(), turns)
        case "lease ends", _:
            await box.end_lease()
        case "step", relays:
            await asyncio.gather(*(box.relay().step() for _ in range(relays)))


async def judge(box: Outbox) -> None:
    await box.publish_all()
    assert await box.left() == 0
    found = await box.read()
    assert {key: first_occurrences(values) for key, values in found.items()} == box.written


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@given(life=_life)
@example(life=[("put", [b"a"] * 4), ("death", Death.HALF), ("put", [b"a"]), ("lease ends", None)])
@example(life=[("put", [b"a", b"b"]), ("death", Death.AFTER), ("lease ends", None), ("step", 3)])
async def test_whatever_dies_when(open_box: OpenBox, life: Sequence[tuple[str, Any]]) -> None:
    box = await open_box()
    for what, how in life:
        await act(box, what, how)
    await judge(box)


@pytest.mark.parametrize("kind", BOTH, indirect=True)
@pytest.mark.parametrize("seed", [1, 2])
async def test_many_deaths_under_writers(box: Outbox, seed: int) -> None:
    """Writers go on while relays come, are killed, and come again, several at a time."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    writing = asyncio.gather(*(write(box, key, 60) for key in _KEYS))
    while not writing.done():
        match chance.randrange(4):
            case 0:
                await kill_after(box.relay(), chance.randrange(400))
            case 1:
                await act(box, "death", chance.choice(list(Death)))
            case 2:
                await box.end_lease()
            case 3:
                await act(box, "step", chance.randint(1, 3))
    await writing
    await judge(box)


async def write(box: Outbox, key: bytes, transactions: int) -> None:
    for number in range(transactions):
        await box.put(*[key] * (1 + number % 3))


async def test_a_transaction_that_commits_late_is_not_passed_over(box: Outbox) -> None:
    """Its ids are smaller than those that are published already."""
    late: list[Outgoing] = [box.record(b"late")]
    async with box.engine.begin() as connection:
        await outbox.put(connection, box.service, late)
        await box.put(b"early")
        assert await box.relay().step() == 1
        await connection.execute(text("SELECT 1"))
    await box.publish_all()
    found = await box.read()
    assert found[b"late"] == [late[0].value]


@pytest.mark.parametrize("kind", BOTH, indirect=True)
async def test_a_frozen_relay_that_goes_on_later_brings_no_disorder(box: Outbox) -> None:
    """It sends what it had claimed after its heir has published that and more."""
    await box.put(*[b"a"] * 5)
    frozen = box.relay()
    claimed = await frozen._claim()
    await box.end_lease()
    await box.put(b"a")
    assert await box.relay().step() == 6
    await box.bus.producer.send([one.record for one in claimed])
    await box.put(b"a")
    await judge(box)
