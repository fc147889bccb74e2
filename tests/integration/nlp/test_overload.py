"""Too many texts at once: who asks is told to wait, the topic's consumer is not."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime

import httpx
import pytest

from heedful.common.contracts import Enrichment, Feedback
from heedful.common.service import Platform
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.workers import Overloaded, Workers
from tests.integration.nlp.world import feedback, running


class Held(Pipeline):
    """The shipped pipeline, each of whose texts waits until it is let go."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.__dict__ = pipeline.__dict__
        self.free = threading.Event()

    def enrich_all(self, items: Sequence[Feedback], enriched_at: datetime) -> list[Enrichment]:
        assert self.free.wait(30)
        return super().enrich_all(items, enriched_at)


async def test_what_exceeds_the_bound_is_refused_and_the_rest_is_done() -> None:
    held = Held(Pipeline.load())
    workers = Workers(held, threads=2, waiting=3)
    items = [feedback(number, "味道不错") for number in range(3)]
    first = asyncio.create_task(workers.offer(items[:2]))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="2 texts"):
        await workers.offer(items[:2])
    second = asyncio.create_task(workers.offer(items[2:]))
    await asyncio.sleep(0)
    # What came over the log is taken all the same: it is bounded there.
    third = asyncio.create_task(workers.enrich(items))
    await asyncio.sleep(0)
    held.free.set()
    done = [*await first, *await second, *await third]
    assert [one.feedback.id for one in done] == ["f0", "f1", "f2", "f0", "f1", "f2"]
    assert len(await workers.offer(items)) == 3
    await workers.close()


async def test_a_single_large_offer_is_taken() -> None:
    workers = Workers(Pipeline.load(), threads=1, waiting=2)
    assert len(await workers.offer([feedback(n, "好") for n in range(5)])) == 5
    await workers.close()


async def test_over_http_it_is_429_with_the_time_to_wait(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_NLP__WAITING_TEXTS", "1")
    texts = [{"id": f"t{n}", "text": "刹车片又响了，师傅说没事。" * 20} for n in range(20)]
    async with running(platform) as nlp:
        answers = await asyncio.gather(*(nlp.post(*texts) for _ in range(8)))
        later = await nlp.post(*texts)
    refused = [one for one in answers if one.status_code == 429]
    assert {one.status_code for one in answers} == {200, 429}
    assert all(int(one.headers["retry-after"]) > 0 for one in refused)
    assert all(code(one) == "overloaded" for one in refused)
    assert later.status_code == 200


def code(response: httpx.Response) -> str:
    problem = str(response.json()["type"])
    return problem.rsplit("/", 1)[1]
