"""Open pages of all tenants, bounded in number."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from heedful.common.waiting import came
from heedful.console import metrics
from heedful.console.live.feed import Feed
from heedful.console.live.listener import Listener
from heedful.console.upstream.caller import Caller


class Streams:
    """Who looks on. A tenant's cases are asked about only while somebody does.

    Args:
        ask: alerting, asked by the console for itself, of a tenant.
        most: open pages at one time.
    """

    def __init__(self, ask: Callable[[str], Caller], most: int) -> None:
        self._ask = ask
        self._most = most
        self._feeds: dict[str, Feed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    @property
    def full(self) -> bool:
        """No further page is kept up to date."""
        return self._closing.is_set() or self._open >= self._most

    @property
    def _open(self) -> int:
        return sum(len(one.listeners) for one in self._feeds.values())

    @contextmanager
    def listen(self, tenant: str) -> Iterator[Listener]:
        """For as long as a page is open."""
        listener = Listener()
        if self._closing.is_set():
            listener.end()
        feed = self._feeds.get(tenant)
        if feed is None:
            feed = self._feeds[tenant] = Feed(self._ask(tenant))
            task = asyncio.create_task(self._follow(tenant, feed), name=f"console.live.{tenant}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        feed.listeners.add(listener)
        metrics.STREAMS.inc()
        try:
            yield listener
        finally:
            feed.listeners.discard(listener)
            metrics.STREAMS.dec()

    def close(self) -> None:
        """Ends all of them."""
        self._closing.set()
        for feed in self._feeds.values():
            for one in feed.listeners:
                one.end()

    async def _follow(self, tenant: str, feed: Feed) -> None:
        try:
            while feed.listeners and not self._closing.is_set():
                await came(self._closing, await feed.step())
        finally:
            # Whoever comes from here on begins anew.
            del self._feeds[tenant]
            for one in feed.listeners:
                one.end()
