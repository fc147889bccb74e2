"""One open page."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

from heedful.common.waiting import came

MOST: Final = 200
"""Cases that wait to be told; when more have changed, which ones is not told."""


class Listener:
    """What has changed and was not told yet.

    Attributes:
        ended: nothing is told any more.
    """

    def __init__(self) -> None:
        self.ended = False
        self._cases: dict[str, int] = {}
        self._told = True
        self._woken = asyncio.Event()

    def tell(self, cases: Iterable[tuple[str, int]] = ()) -> None:
        """These have changed, each with its last event; none: any may have."""
        self._cases.update(cases)
        if len(self._cases) > MOST:
            self._cases.clear()
        self._told = False
        self._woken.set()

    def end(self) -> None:
        self.ended = True
        self._woken.set()

    async def next(self, seconds: float) -> Mapping[str, int] | None:
        """What has changed since the last call; None: nothing for so long, or it has ended."""
        await came(self._woken, seconds)
        self._woken.clear()
        if self._told or self.ended:
            return None
        cases, self._cases, self._told = self._cases, {}, True
        return cases
