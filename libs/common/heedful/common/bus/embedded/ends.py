"""How far the partitions reach, as far as this process knows: what spares its consumers to ask.

Looking is the truth: one small query, for all consumers of the process together, now and then.
A notification is the same knowledge sooner. Ends only grow; what is known of them is never too
much, because records are visible once their end is.
"""

import asyncio
import random
import time
from collections.abc import Collection

import asyncpg

from heedful.common.bus.base import TopicPartition
from heedful.common.bus.embedded import log

LOOK_S = 0.5
"""Between two looks without notifications."""
NOTIFIED_LOOK_S = 2.0
"""Between two looks while notifications come."""


class Ends:
    """Known ends of partitions."""

    def __init__(self) -> None:
        self._ends: dict[TopicPartition, int] = {}
        self._look_at = 0.0
        self._looking = asyncio.Lock()
        self._notified = False

    def notified(self, on: bool) -> None:
        """Whether notifications come from now on; what was missed until now is looked for."""
        self._notified = on
        self.look_again()

    def look_again(self) -> None:
        """Look again at the next chance."""
        self._look_at = 0.0

    def heard(self, payload: str) -> Collection[TopicPartition]:
        """Take in a notification; gives the partitions that reach further now."""
        grown = []
        for line in payload.splitlines():
            number, reached, topic = line.split(" ", 2)
            tp, end = TopicPartition(topic, int(number)), int(reached)
            if end > self._ends.get(tp, 0):
                self._ends[tp] = end
                grown.append(tp)
        return grown

    def of(self, tp: TopicPartition) -> int:
        """The offset that the partition's next record will have, or less."""
        return self._ends.get(tp, 0)

    def next_look(self) -> float:
        """When `look` will ask again, by `time.monotonic`."""
        return self._look_at

    async def look(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Ask the log if it is time for that; several who come at once ask once."""
        async with self._looking:
            if time.monotonic() < self._look_at:
                return
            # Before the question: what comes while it is answered is looked for next time.
            seconds = NOTIFIED_LOOK_S if self._notified else LOOK_S
            # Processes that started together do not go on asking together.
            self._look_at = time.monotonic() + seconds * random.uniform(0.75, 1.25)  # noqa: S311
            try:
                found = await log.ends(pool)
            except BaseException:
                self.look_again()
                raise
            self._ends = {tp: max(end, self._ends.get(tp, 0)) for tp, end in found.items()}
