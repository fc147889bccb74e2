"""A copy that stands while the database is away."""

import asyncio
from collections.abc import Callable

import pytest

from heedful.common.refreshed import NotRead, Refreshed


class Source:
    """What is read, how often, and whether it can be."""

    def __init__(self) -> None:
        self.value = "first"
        self.reads = 0
        self.away = False
        self.open = asyncio.Event()
        self.open.set()

    async def read(self) -> str:
        self.reads += 1
        await self.open.wait()
        if self.away:
            raise OSError("away")
        return self.value


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def copied(source: Source, clock: Callable[[], float]) -> Refreshed[str]:
    return Refreshed("settings", source.read, every_s=10, kept_s=100, clock=clock)


async def test_it_is_read_once_in_a_while() -> None:
    source, clock = Source(), Clock()
    copy = copied(source, clock)
    assert [await copy.get() for _ in range(3)] == ["first"] * 3
    assert source.reads == 1
    source.value = "second"
    clock.now += 9.9
    assert await copy.get() == "first"
    clock.now += 0.1
    assert await copy.get() == "second"


async def test_what_is_forgotten_is_read_at_once() -> None:
    source, clock = Source(), Clock()
    copy = copied(source, clock)
    await copy.get()
    source.value = "second"
    copy.forget()
    assert await copy.get() == "second"


async def test_what_is_forgotten_while_it_is_read_stands_and_is_read_again() -> None:
    source, clock = Source(), Clock()
    copy = copied(source, clock)
    await copy.get()
    clock.now += 10
    source.open.clear()
    reading = asyncio.create_task(copy.get())
    await asyncio.sleep(0)
    source.value = "second"
    copy.forget()
    source.open.set()
    assert await reading == "second"
    source.value = "third"
    assert await copy.get() == "third"


async def test_who_must_know_waits_for_a_read_that_is_under_way() -> None:
    source, clock = Source(), Clock()
    copy = copied(source, clock)
    await copy.get()
    clock.now += 10
    source.open.clear()
    reading = asyncio.create_task(copy.get())
    await asyncio.sleep(0)
    assert copy.behind
    waiting = asyncio.create_task(copy.read_through())
    source.value = "second"
    source.open.set()
    assert await waiting == "second"
    assert not copy.behind
    assert await reading == "second"
    assert source.reads == 2


async def test_who_needs_a_newer_one_reads_it_and_the_others_do_not() -> None:
    source, clock = Source(), Clock()
    copy = copied(source, clock)
    await copy.get()
    clock.now += 2
    await copy.get(at_most_s=1)
    await copy.get(at_most_s=1)
    assert source.reads == 2


async def test_the_last_copy_stands_while_the_database_is_away_but_not_for_ever() -> None:
    source, clock = Source(), Clock()
    copy = copied(source, clock)
    await copy.get()
    source.away = True
    clock.now += 50
    assert await copy.get() == "first"
    assert await copy.get() == "first"
    assert source.reads == 2, "nobody waits for a dead server twice"
    clock.now += 51
    with pytest.raises(NotRead):
        await copy.get()
    source.away = False
    clock.now += 10
    assert await copy.get() == "first"


async def test_without_a_first_copy_it_is_told_so_until_there_is_one() -> None:
    source, clock = Source(), Clock()
    source.away = True
    copy = copied(source, clock)
    with pytest.raises(NotRead, match="holds the settings"):
        await copy.get()
    source.away = False
    assert await copy.get() == "first"


async def test_while_one_reads_the_others_go_on_with_the_old() -> None:
    source, clock = Source(), Clock()
    copy = copied(source, clock)
    await copy.get()
    clock.now += 10
    source.open.clear()
    source.value = "second"
    slow = asyncio.create_task(copy.get())
    await asyncio.sleep(0)
    assert await copy.get() == "first"
    source.open.set()
    assert await slow == "second"
    assert source.reads == 2


async def test_a_fault_of_ours_is_not_taken_for_a_server_that_is_away() -> None:
    async def broken() -> str:
        raise KeyError("of ours")

    with pytest.raises(KeyError):
        await Refreshed("settings", broken).get()
