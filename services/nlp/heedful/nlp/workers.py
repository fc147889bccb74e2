"""Inference off the event loop: one thread per core, results in the order of the texts."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from heedful.common.contracts import Embedding, Enrichment, Feedback
from heedful.common.errors import HeedfulError, Retryable
from heedful.nlp import metrics
from heedful.nlp.pipeline import Pipeline

Given = TypeVar("Given")
Made = TypeVar("Made")
Work = Callable[[Sequence[Given]], list[Made]]


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
        return await self._in_turn(items, self._enrich)

    async def offer_to_embed(self, texts: Sequence[str]) -> list[Embedding | None]:
        """Embed all, in order, unless too many texts wait already.

        Raises:
            Overloaded: they do; nothing was done.
            Retryable: the pool is being closed.
        """
        self._refuse_if_full(len(texts))
        return await self._in_turn(texts, self._pipeline.embed_all)

    async def offer(self, items: Sequence[Feedback]) -> list[Enrichment]:
        """Enrich all, in order, unless too many texts wait already.

        An offer that finds nothing in hand is taken whatever its size.

        Raises:
            Overloaded: they do; nothing was done.
            Retryable: the pool is being closed.
        """
        self._refuse_if_full(len(items))
        return await self.enrich(items)

    def _refuse_if_full(self, more: int) -> None:
        if self._in_hand and self._in_hand + more > self._most:
            metrics.REFUSED.inc(more)
            raise Overloaded(f"{self._in_hand} texts are waiting; {self._most} may")

    async def _in_turn(self, items: Sequence[Given], work: Work[Given, Made]) -> list[Made]:
        if self._closing.is_set():
            raise _stopping()
        self._in_hand += len(items)
        try:
            return await self._spread(items, work)
        finally:
            self._in_hand -= len(items)

    async def _spread(self, items: Sequence[Given], work: Work[Given, Made]) -> list[Made]:
        loop = asyncio.get_running_loop()
        # Strided slices give every thread its share of long and short texts.
        threads = min(self._threads, len(items))
        slices = [items[start::threads] for start in range(threads)]
        parts = await asyncio.gather(
            *(loop.run_in_executor(self._pool, self._run, part, work) for part in slices)
        )
        return [parts[place % threads][place // threads] for place in range(len(items))]

    async def close(self) -> None:
        """Finish the texts in hand and no others; the event loop goes on meanwhile."""
        self._closing.set()
        await asyncio.to_thread(self._pool.shutdown)

    def _run(self, items: Sequence[Given], work: Work[Given, Made]) -> list[Made]:
        results: list[Made] = []
        size = self._pipeline.together
        for start in range(0, len(items), size):
            if self._closing.is_set():
                raise _stopping()
            started = time.perf_counter()
            part = items[start : start + size]
            results.extend(work(part))
            each = (time.perf_counter() - started) / len(part)
            for _ in part:
                metrics.INFERENCE.observe(each)
        return results

    def _enrich(self, items: Sequence[Feedback]) -> list[Enrichment]:
        return self._pipeline.enrich_all(items, datetime.now(UTC))


def _stopping() -> Retryable:
    return Retryable("nlp stops; these texts come again")
