"""Many small calls into few large ones: while one is under way, the next ones gather.

Adds no waiting of its own: an idle coalescer runs a call at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Coalescer(Generic[T, R]):
    """Runs `run` over the items of concurrent callers; one result per item, in order.

    Args:
        run: handles a group of items; when it raises, every caller of the group sees it.
        max_items: bound of one group. A caller with more gets a group of its own.
    """

    def __init__(
        self, run: Callable[[Sequence[T]], Awaitable[Sequence[R]]], max_items: int
    ) -> None:
        self._run = run
        self._max_items = max_items
        self._waiting: list[tuple[Sequence[T], asyncio.Future[Sequence[R]]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def __call__(self, items: Sequence[T]) -> Sequence[R]:
        if not items:
            return []
        done: asyncio.Future[Sequence[R]] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, done))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await done

    async def _work(self) -> None:
        while self._waiting:
            group = self._take()
            items = [item for part, _ in group for item in part]
            try:
                results = await self._run(items)
            except Exception as error:  # noqa: BLE001  # handed to the callers, who judge it
                for _, done in group:
                    if not done.done():
                        done.set_exception(error)
                continue
            start = 0
            for part, done in group:
                if not done.done():
                    done.set_result(results[start : start + len(part)])
                start += len(part)

    def _take(self) -> list[tuple[Sequence[T], asyncio.Future[Sequence[R]]]]:
        group = [self._waiting.pop(0)]
        size = len(group[0][0])
        while self._waiting and size + len(self._waiting[0][0]) <= self._max_items:
            group.append(self._waiting.pop(0))
            size += len(group[-1][0])
        return group
