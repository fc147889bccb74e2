"""Who may send now, and who waits."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.bus import Outgoing
from heedful.common.bus.limits import SendRoom


def records(size: int) -> list[Outgoing]:
    return [Outgoing("t", None, bytes(size))]


class Sender:
    """Sends until it is told to end."""

    def __init__(self, room: SendRoom, size: int) -> None:
        self.size = size
        self.sending = False
        self._end = asyncio.Event()
        self.task = asyncio.create_task(self._send(room))

    async def _send(self, room: SendRoom) -> None:
        async with room.holding(records(self.size)):
            self.sending = True
            await self._end.wait()
            self.sending = False

    async def end(self) -> None:
        self._end.set()
        await self.task

    async def give_up(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        self.sending = False


@pytest.fixture
async def room() -> SendRoom:
    return SendRoom(10)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_does_not_fit_waits_for_what_is_under_way(room: SendRoom) -> None:
    first, second = Sender(room, 6), Sender(room, 6)
    await settle()
    assert (first.sending, second.sending) == (True, False)
    await first.end()
    await settle()
    assert second.sending
    await second.end()


async def test_a_small_one_does_not_overtake_a_large_one(room: SendRoom) -> None:
    """Or the large one would never have its turn."""
    first, large, small = Sender(room, 6), Sender(room, 6), Sender(room, 1)
    await settle()
    assert not small.sending
    await first.end()
    await settle()
    assert large.sending
    assert small.sending
    await large.end()
    await small.end()


async def test_one_beyond_the_bound_goes_alone(room: SendRoom) -> None:
    huge, small = Sender(room, 50), Sender(room, 1)
    await settle()
    assert (huge.sending, small.sending) == (True, False)
    await huge.end()
    await small.end()


async def test_who_gives_up_makes_room_for_the_next(room: SendRoom) -> None:
    first, second, third = Sender(room, 6), Sender(room, 8), Sender(room, 4)
    await settle()
    await second.give_up()
    await settle()
    assert third.sending
    await first.end()
    await third.end()


@given(
    sizes=st.lists(st.integers(0, 15), min_size=1, max_size=12),
    actions=st.lists(st.tuples(st.integers(0, 11), st.booleans()), max_size=24),
)
def test_whoever_ends_or_gives_up_the_bound_holds_and_everybody_has_a_turn(
    sizes: list[int], actions: list[tuple[int, bool]]
) -> None:
    async def run() -> None:
        room = SendRoom(10)
        senders = [Sender(room, size) for size in sizes]
        await settle()
        for number, gives_up in actions:
            one = senders[number % len(senders)]
            if gives_up:
                await one.give_up()
            elif one.sending:
                await one.end()
            await settle()
            sending = [each.size for each in senders if each.sending]
            assert sum(sending) <= 10 or sum(map(bool, sending)) == 1
        for one in senders:
            if not one.task.done():
                await settle()
                assert one.sending
                await one.end()

    asyncio.run(run())
