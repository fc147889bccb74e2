"""What is kept of repeated texts, and that keeping it changes nothing."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from prometheus_client import REGISTRY

from heedful.nlp.cache import TextCache
from heedful.nlp.pipeline import Pipeline

from .conftest import NOW, Enrich


def hits() -> float:
    return REGISTRY.get_sample_value("heedful_nlp_cache_total", {"result": "hit"}) or 0.0


class Counting:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, texts: Sequence[str]) -> list[str]:
        self.seen.extend(texts)
        return [text.upper() for text in texts]


def test_a_text_that_comes_again_is_not_computed_again() -> None:
    cache: TextCache[str] = TextCache(8)
    compute, before = Counting(), hits()
    assert [cache.get([text], compute) for text in ("a", "b", "a")] == [["A"], ["B"], ["A"]]
    assert compute.seen == ["a", "b"]
    assert hits() == before + 1


def test_of_several_only_what_is_new_is_computed_and_once() -> None:
    cache: TextCache[str] = TextCache(8)
    compute = Counting()
    cache.get(["b"], compute)
    assert cache.get(["a", "b", "c", "a"], compute) == ["A", "B", "C", "A"]
    assert compute.seen == ["b", "a", "c"]
    keepless: TextCache[str] = TextCache(0)
    assert keepless.get(["a", "a"], Counting()) == ["A", "A"]


def test_the_longest_unused_goes_first() -> None:
    cache: TextCache[str] = TextCache(2)
    compute = Counting()
    for text in ("a", "b", "a", "c", "a", "b"):
        cache.get([text], compute)
    assert compute.seen == ["a", "b", "c", "b"]


def test_long_texts_and_an_empty_cache_keep_nothing() -> None:
    compute = Counting()
    for texts, text in ((8, "x" * 501), (0, "a")):
        cache: TextCache[str] = TextCache(texts)
        cache.get([text], compute)
        cache.get([text], compute)
    assert len(compute.seen) == 4


def test_threads_share_it() -> None:
    cache: TextCache[str] = TextCache(5)
    texts = [f"t{number % 9}" for number in range(2000)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: cache.get([text], Counting())[0], texts))
    assert found == [text.upper() for text in texts]


def test_a_kept_analysis_carries_the_labels_of_its_text_to_another_feedback(
    enrich: Enrich,
) -> None:
    pipeline = Pipeline.load(cache_texts=4)
    for text in ("味道很好，推荐", "刹车失灵了", "味道很好，推荐"):
        one = enrich(text)
        feedback = one.feedback.model_copy(update={"id": "f-2"})
        pipeline.enrich(feedback, NOW)
        again = pipeline.enrich(feedback, datetime(2027, 1, 1, tzinfo=UTC))
        assert again.light == one.light
        assert again.sentiment == one.sentiment
        assert again.feedback.id == "f-2"
        assert again.id != one.id
        assert again.enriched_at.year == 2027
