"""What was accepted before, also while PostgreSQL is away.

The table decides what is a duplicate or a conflict. While it is away intake goes on without
asking it: every consumer ignores an event that it has seen, so a repeated item does no harm, and
what was taken meanwhile is written into the table when it is back. Only a changed item under a
used id is not told then; consumers keep what came first.
"""

import itertools
import logging
import time
from collections.abc import Callable, Sequence

from heedful.common.db.passing import MAY_PASS, passing
from heedful.ingest import metrics
from heedful.ingest.store import Accepted, AcceptedStore, Key

log = logging.getLogger(__name__)

AWAY_S = 5.0
"""After a failure the table is not asked for so long: no request waits for a dead server twice."""

MAX_WAITING = 100_000
"""Keys kept in memory for a table that is away, some 40 MB; beyond, the oldest are forgotten."""

WRITE_EVERY_S = 1.0
_WRITTEN_AT_ONCE = 2000


class Known:
    """The table of accepted keys, and what waits to be written into it."""

    def __init__(self, store: AcceptedStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._away_until = 0.0
        self._waiting: dict[Key, Accepted] = {}

    async def digests(self, keys: Sequence[Key]) -> Sequence[bytes | None]:
        """The digest under each key; None for a key that is new, or that nobody can tell of."""
        found: Sequence[bytes | None] = [None] * len(keys)
        if not self._away:
            try:
                found = await self._store.digests(keys)
            except MAY_PASS as error:
                self._judge(error)
        if self._away:
            metrics.UNCHECKED.inc(len(keys))
        return [
            digest if digest is not None else self._held(key)
            for key, digest in zip(keys, found, strict=True)
        ]

    async def remember(self, items: Sequence[Accepted]) -> None:
        """Write them down, now or when the table is back."""
        if not self._away:
            try:
                await self._store.remember(items)
            except MAY_PASS as error:
                self._judge(error)
            else:
                return
        for item in items:
            self._waiting.setdefault(item.key, item)
        while len(self._waiting) > MAX_WAITING:
            self._waiting.pop(next(iter(self._waiting)))
            metrics.FORGOTTEN.inc()

    async def write_waiting(self) -> float:
        """Step of a loop: what waited goes into the table. Returns seconds until the next."""
        while self._waiting and not self._away:
            batch = list(itertools.islice(self._waiting.values(), _WRITTEN_AT_ONCE))
            try:
                await self._store.remember(batch)
            except MAY_PASS as error:
                self._judge(error)
                break
            for item in batch:
                self._waiting.pop(item.key, None)
        metrics.WAITING_KEYS.set(len(self._waiting))
        return WRITE_EVERY_S

    @property
    def _away(self) -> bool:
        return self._clock() < self._away_until

    def _held(self, key: Key) -> bytes | None:
        waiting = self._waiting.get(key)
        return None if waiting is None else waiting.digest

    def _judge(self, error: BaseException) -> None:
        """Note that the table is away; any other error is the caller's."""
        if not passing(error):
            raise error
        self._away_until = self._clock() + AWAY_S
        log.warning("the table of accepted keys is away", extra={"error": type(error).__name__})
