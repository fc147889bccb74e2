"""What was accepted before, while the table that knows it comes and goes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest import known as module
from heedful.ingest.known import AWAY_S, Known
from heedful.ingest.store import Accepted, Key

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Table:
    """The table, which may be away."""

    def __init__(self) -> None:
        self.rows: dict[Key, bytes] = {}
        self.away = False
        self.asked = 0

    async def digests(self, keys: Sequence[Key]) -> Sequence[bytes | None]:
        self._answer()
        return [self.rows.get(key) for key in keys]

    async def remember(self, items: Sequence[Accepted]) -> Sequence[None]:
        self._answer()
        for item in items:
            self.rows.setdefault(item.key, item.digest)
        return [None] * len(items)

    def _answer(self) -> None:
        self.asked += 1
        if self.away:
            raise OSError("away")


class World:
    def __init__(self) -> None:
        self.table = Table()
        self.now = 0.0
        self.known = Known(self.table, lambda: self.now)  # type: ignore[arg-type]  # a stand-in

    async def take(self, number: int, digest: bytes = b"d") -> bytes | None:
        """As the acceptor does: asked, then remembered when it is new."""
        (found,) = await self.known.digests([key(number)])
        if found is None:
            await self.known.remember([Accepted(key(number), digest, NOW)])
        return found


def key(number: int) -> Key:
    return Key("acme", "feedback", "api", str(number))


async def test_what_is_taken_while_it_is_away_is_told_again_and_written_later() -> None:
    world = World()
    world.table.away = True
    assert await world.take(1) is None
    assert await world.take(1) == b"d"
    assert await world.known.write_waiting() > 0
    assert world.table.rows == {}
    world.table.away = False
    world.now += AWAY_S
    await world.known.write_waiting()
    assert world.table.rows == {key(1): b"d"}
    assert await world.take(1) == b"d"


async def test_nobody_waits_for_a_dead_server_twice() -> None:
    world = World()
    world.table.away = True
    for number in range(50):
        await world.take(number)
    assert world.table.asked == 1
    world.now += AWAY_S
    await world.take(50)
    assert world.table.asked == 2


class Broken(Table):
    """A table whose statement is wrong."""

    async def digests(self, keys: Sequence[Key]) -> Sequence[bytes | None]:
        raise ValueError("of ours")


async def test_an_error_that_does_not_pass_is_the_callers() -> None:
    known = Known(Broken(), lambda: 0.0)  # type: ignore[arg-type]  # a stand-in
    with pytest.raises(ValueError, match="of ours"):
        await known.digests([key(1)])


async def test_of_too_many_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    world = World()
    world.table.away = True
    for number in range(5):
        await world.take(number)
    world.table.away = False
    world.now += AWAY_S
    await world.known.write_waiting()
    assert set(world.table.rows) == {key(2), key(3), key(4)}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["away", "back", "write", "wait"]), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS)
async def test_in_any_order_nothing_that_was_taken_is_new_again(
    steps: Sequence[tuple[str, int]],
) -> None:
    world = World()
    taken: dict[int, bytes] = {}
    for what, number in steps:
        match what:
            case "take":
                found = await world.take(number)
                # What is in the table cannot be told while it is away; what is not, can.
                if number in taken and key(number) not in world.table.rows:
                    assert found == b"d"
                taken[number] = b"d"
            case "away":
                world.table.away = True
            case "back":
                world.table.away = False
            case "write":
                await world.known.write_waiting()
            case _:
                world.now += AWAY_S
    world.table.away = False
    world.now += AWAY_S
    await world.known.write_waiting()
    expected: Mapping[Key, bytes] = {key(number): digest for number, digest in taken.items()}
    assert world.table.rows == expected
