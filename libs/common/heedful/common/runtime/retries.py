"""Waiting for the world to come back: retry in place, with backoff and jitter.

Nothing is skipped meanwhile: what shares a lane with the batch waits behind it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from heedful.common import metrics
from heedful.common.errors import Retryable
from heedful.common.settings import ConsumerSettings
from heedful.common.waiting import backoff, came

log = logging.getLogger(__name__)
T = TypeVar("T")


class Abandoned(Exception):  # not an error: the work is given back
    """The batch was given up between two tries: its partitions leave, or the runner stops."""


class Retries:
    """The tries of one batch.

    Args:
        abandoned: once set, no further pause is waited out.
    """

    def __init__(self, group: str, settings: ConsumerSettings, abandoned: asyncio.Event) -> None:
        self._group = group
        self._settings = settings
        self._abandoned = abandoned

    async def until_possible(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call again after every `Retryable`.

        Raises:
            Abandoned: given up while it waited.
        """
        attempt = 0
        while True:
            try:
                return await call()
            except Retryable as error:
                attempt += 1
                metrics.CONSUMER_ERRORS.labels(self._group, type(error).__name__).inc()
                log.warning(
                    "waiting to try again",
                    extra={"group": self._group, "attempt": attempt, "error": str(error)},
                )
                await self.pause(attempt)

    async def pause(self, attempt: int) -> None:
        """Wait before the next try.

        Raises:
            Abandoned: given up while it waited.
        """
        metrics.CONSUMER_RETRIES.labels(self._group).inc()
        settings = self._settings
        seconds = backoff(attempt, settings.retry_seconds, settings.retry_max_seconds)
        if await came(self._abandoned, seconds):
            raise Abandoned
