"""An event loop whose clock jumps from timer to timer: hours pass without waiting."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, cast


class _Timed(selectors.BaseSelector):
    """Instead of waiting for the next timer, its time has come."""

    def __init__(self) -> None:
        self.now = 0.0
        self._inner = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += timeout or 0.0
        return self._inner.select(0)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def get_map(self) -> Any:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()


def timed(main: Coroutine[Any, Any, Any]) -> Any:
    """Run with a clock that jumps from timer to timer."""
    selector = _Timed()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


def busy(seconds: float) -> None:
    """The processor is somewhere else for a while."""
    cast("Any", asyncio.get_running_loop())._selector.now += seconds
