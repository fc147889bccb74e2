"""The board's figures, kept for a moment: they cost alerting a second where cases are many."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.cases import Filters
from heedful.console.upstream.figures import Figures, figures

FRESH: Final = timedelta(seconds=10)
_SHOWN: Final = timedelta(minutes=1)
_MOST: Final = 256

Key = tuple[str, Filters]


class KeptFigures:
    """Asked for once in ten seconds for all who look at the same cases of a tenant."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._asked: OrderedDict[Key, tuple[datetime, asyncio.Task[Figures]]] = OrderedDict()

    def known(self, tenant: str, filters: Filters) -> Figures | None:
        """Those of the last minute, without waiting; None: there are none."""
        asked = self._asked.get((tenant, filters))
        if asked is None or self._now() - asked[0] > _SHOWN:
            return None
        task = asked[1]
        if not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    async def of(self, alerting: Caller, filters: Filters) -> Figures:
        """Those of the last ten seconds.

        Raises:
            UpstreamError: they could not be had.
        """
        key, now = (alerting.acting.tenant, filters), self._now()
        asked = self._asked.get(key)
        if asked is None or now - asked[0] > FRESH or _failed(asked[1]):
            asked = (now, asyncio.create_task(figures(alerting, filters)))
            self._asked[key] = asked
            self._asked.move_to_end(key)
            while len(self._asked) > _MOST:
                self._asked.popitem(last=False)
        # Who goes away meanwhile takes nothing from the others who wait for it.
        return await asyncio.shield(asked[1])


def _failed(task: asyncio.Task[Figures]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
