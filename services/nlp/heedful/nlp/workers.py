"""Inference off the event loop: one thread per core, results in the order of the texts."""

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from heedful.common.contracts import Enrichment, Feedback
from heedful.common.errors import HeedfulError, Retryable
from heedful.nlp import metrics
from heedful.nlp.pipeline import Pipeline


class Overloaded(HeedfulError):
    """More texts are waiting than may."""


class Workers:
    """A pool that runs the pipeline. The pipeline is thread-safe and one text is one unit."""

    def __init__(self, pipeline: Pipeline, threads: int, waiting: int) -> None:
        """`waiting`: of so many texts in hand `offer` takes no more."""
        self._pipeline = pipeline
        self._most = waiting
        self._in_hand = 0
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="nlp")
        self._closing = threading.Event()

    async def enrich(self, items: Sequence[Feedback]) -> list[Enrichment]:
        """Enrich all, in order.

        Raises:
            Retryable: the pool is being closed.
        """
        if self._closing.is_set():
            raise _stopping()
        self._in_hand += len(items)
        try:
            return await self._spread(items)
        finally:
            self._in_hand -= len(items)

    async def offer(self, items: Sequence[Feedback]) -> list[Enrichment]:
        """Enrich all, in order, unless too many texts wait already.

        An offer that finds nothing in hand is taken whatever its size.

        Raises:
            Overloaded: they do; nothing was done.
            Retryable: the pool is being closed.
        """
        if self._in_hand and self._in_hand + len(items) > self._most:
            metrics.REFUSED.inc(len(items))
            raise Overloaded(f"{self._in_hand} texts are waiting; {self._most} may")
        return await self.enrich(items)

    async def _spread(self, items: Sequence[Feedback]) -> list[Enrichment]:
        loop = asyncio.get_running_loop()
        # Strided slices give every thread its share of long and short texts.
        slices = [items[start :: self._threads] for start in range(min(self._threads, len(items)))]
        parts = await asyncio.gather(
            *(loop.run_in_executor(self._pool, self._run, part) for part in slices)
        )
        results: list[Enrichment | None] = [None] * len(items)
        for start, part in enumerate(parts):
            results[start :: self._threads] = part
        return [result for result in results if result is not None]

    async def close(self) -> None:
        """Finish the texts in hand and no others; the event loop goes on meanwhile."""
        self._closing.set()
        await asyncio.to_thread(self._pool.shutdown)

    def _run(self, items: Sequence[Feedback]) -> list[Enrichment]:
        results: list[Enrichment] = []
        size = self._pipeline.together
        for start in range(0, len(items), size):
            if self._closing.is_set():
                raise _stopping()
            started = time.perf_counter()
            part = items[start : start + size]
            results.extend(self._pipeline.enrich_all(part, datetime.now(UTC)))
            each = (time.perf_counter() - started) / len(part)
            for _ in part:
                metrics.INFERENCE.observe(each)
        return results


def _stopping() -> Retryable:
    return Retryable("nlp stops; these texts come again")
