"""A copy of something in the database that is read on every request and changed once a month."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from heedful.common.db.passing import MAY_PASS, passing
from heedful.common.errors import Retryable
from heedful.common.logging import OncePerInterval

log = logging.getLogger(__name__)
log.addFilter(OncePerInterval())

T = TypeVar("T")

EVERY_S = 10.0
KEPT_S = 3600.0
_READ_S = 3.0


class NotRead(Retryable):
    """It could not be read, and there is no copy that may still stand. HTTP answers 503."""


class Refreshed(Generic[T]):
    """The copy, read anew when it is older than `every_s`.

    While the database is away the last copy stands, up to `kept_s`: intake must not stop because
    a configuration cannot be read again.

    Args:
        what: named in logs and errors, e.g. "connections".
        read: reads it from the database.
    """

    def __init__(
        self,
        what: str,
        read: Callable[[], Awaitable[T]],
        *,
        every_s: float = EVERY_S,
        kept_s: float = KEPT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._read = read
        self._every_s = every_s
        self._kept_s = kept_s
        self._clock = clock
        self._copy: tuple[T, float] | None = None
        self._asked_at = float("-inf")
        self._reading = asyncio.Lock()

    async def get(self, at_most_s: float | None = None) -> T:
        """The copy; the first caller who needs a newer one reads it, others go on with the old.

        Args:
            at_most_s: how old it may be, where that is less than `every_s`.

        Raises:
            NotRead: the database is away and there is no copy that may still stand.
        """
        limit = self._every_s if at_most_s is None else at_most_s
        if self._copy is None or self._clock() - self._asked_at >= limit:
            if self._copy is not None and self._reading.locked():
                return self._standing(self._copy)
            async with self._reading:
                if self._copy is None or self._clock() - self._asked_at >= limit:
                    await self._renew()
        if self._copy is None:
            raise self._unavailable()
        return self._standing(self._copy)

    async def read_through(self) -> T:
        """The same, once a read that is under way has ended."""
        async with self._reading:
            pass
        return await self.get()

    @property
    def behind(self) -> bool:
        """Whether the copy is older than it should be: what is not in it may be there by now."""
        return self._copy is None or self._copy[1] < self._asked_at

    def forget(self) -> None:
        """It was changed here: the next caller reads it anew."""
        self._asked_at = float("-inf")

    async def _renew(self) -> None:
        # Kept here: who changes it while it is read makes `_asked_at` long ago.
        asked_at = self._asked_at = self._clock()
        try:
            async with asyncio.timeout(_READ_S):
                self._copy = (await self._read(), asked_at)
        except MAY_PASS as error:
            if not passing(error):
                raise
            log.warning(
                "read again later", extra={"what": self._what, "error": type(error).__name__}
            )

    def _standing(self, copy: tuple[T, float]) -> T:
        found, read_at = copy
        if self._clock() - read_at > self._kept_s:
            raise self._unavailable()
        return found

    def _unavailable(self) -> NotRead:
        return NotRead(f"the database that holds the {self._what} does not answer")
