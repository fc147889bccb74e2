"""Inference off the event loop: one thread per core, results in the order of the texts."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from heedful.nlp.pipeline import Pipeline

from heedful.common.contracts import Enrichment, Feedback
from heedful.nlp import metrics


class Workers:
    """A pool that runs the pipeline. The pipeline is thread-safe and one text is one unit."""

    def __init__(self, pipeline: Pipeline, threads: int) -> None:
        self._pipeline = pipeline
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="nlp")

    async def enrich(self, items: Sequence[Feedback]) -> list[Enrichment]:
        """Enrich all, in order."""
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

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, items: Sequence[Feedback]) -> list[Enrichment]:
        results = []
        for item in items:
            started = time.perf_counter()
            results.append(self._pipeline.enrich(item, datetime.now(UTC)))
            metrics.INFERENCE.observe(time.perf_counter() - started)
        return results
