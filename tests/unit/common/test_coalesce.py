"""Concurrent calls that share one: order, errors, bound, cancellation."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.coalesce import Coalescer


class Statement:
    """A call that doubles its items, and waits at a gate while that is closed."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.called = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.groups.append(list(items))
        self.called.set()
        await self.gate.wait()
        if -1 in items:
            raise ValueError("a bad group")
        return [item * 2 for item in items]


async def test_an_idle_one_runs_at_once_and_alone() -> None:
    statement = Statement()
    assert await Coalescer(statement, 10)([1, 2]) == [2, 4]
    assert statement.groups == [[1, 2]]


async def test_no_items_is_no_call() -> None:
    statement = Statement()
    assert await Coalescer(statement, 10)([]) == []
    assert statement.groups == []


async def test_callers_that_come_meanwhile_share_the_next_call_in_order() -> None:
    statement = Statement()
    statement.gate.clear()
    shared = Coalescer(statement, 10)
    first = asyncio.create_task(shared([1]))
    await statement.called.wait()
    later = [asyncio.create_task(shared([number, number + 10])) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    statement.gate.set()
    assert await first == [2]
    assert [await one for one in later] == [[4, 24], [6, 26], [8, 28]]
    assert statement.groups == [[1], [2, 12, 3, 13, 4, 14]]


async def test_an_error_reaches_exactly_the_callers_of_its_group() -> None:
    statement = Statement()
    statement.gate.clear()
    shared = Coalescer(statement, 2)
    calls = [asyncio.create_task(shared(items)) for items in ([1], [2], [-1], [3], [4, 5], [6])]
    await statement.called.wait()
    statement.gate.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    failed = [isinstance(result, ValueError) for result in results]
    for group in statement.groups:
        assert len(group) <= 2
    bad = next(group for group in statement.groups if -1 in group)
    assert failed == [items[0] in bad for items in ([1], [2], [-1], [3], [4, 5], [6])]
    assert await shared([7]) == [14]


async def test_a_caller_above_the_bound_has_a_group_of_its_own() -> None:
    statement = Statement()
    shared = Coalescer(statement, 3)
    many = list(range(8))
    results = await asyncio.gather(shared([1]), shared(many), shared([2]), shared([3]))
    assert list(results) == [[2], [item * 2 for item in many], [4], [6]]
    assert [len(group) for group in statement.groups] == [1, 8, 2]


async def test_a_caller_that_leaves_does_not_disturb_the_others() -> None:
    statement = Statement()
    statement.gate.clear()
    shared = Coalescer(statement, 10)
    first = asyncio.create_task(shared([1]))
    await statement.called.wait()
    leaving, staying = asyncio.create_task(shared([2])), asyncio.create_task(shared([3]))
    await asyncio.sleep(0)
    leaving.cancel()
    statement.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert (await first, await staying) == ([2], [6])


@given(st.lists(st.lists(st.integers(0, 100), max_size=5), max_size=20), st.integers(1, 7))
async def test_every_caller_gets_its_own_results(calls: list[list[int]], bound: int) -> None:
    statement = Statement()
    shared = Coalescer(statement, bound)
    results = await asyncio.gather(*(shared(items) for items in calls))
    assert [list(result) for result in results] == [[i * 2 for i in items] for items in calls]
    assert [i for group in statement.groups for i in group] == [i for c in calls for i in c]
    assert all(
        len(g) <= max(bound, max((len(c) for c in calls), default=0)) for g in statement.groups
    )
