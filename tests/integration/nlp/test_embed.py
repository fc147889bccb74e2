"""POST /v1/embed, and the embedding of what is published."""

import numpy as np
import pytest

from heedful.common.contracts import Embedding, Enrichment
from heedful.common.service import Platform
from tests.integration.nlp.world import Nlp, delivered, feedback, received, running

BRAKES, SQUEAK, PRAISE = "刹车异响，修了三次没修好", "刹车有异响，一直修不好", "服务态度很好，点赞"


def cosine(one: Embedding, other: Embedding) -> float:
    a, b = (np.frombuffer(each.vector, dtype=np.int8).astype(float) for each in (one, other))
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


async def embed(nlp: Nlp, *texts: str) -> list[Embedding | None]:
    answer = await nlp.client.post("/v1/embed", json={"texts": texts})
    assert answer.status_code == 200, answer.text
    return [one and Embedding.model_validate(one) for one in answer.json()["items"]]


async def test_what_means_about_the_same_lies_near(nlp: Nlp) -> None:
    brakes, squeak, praise = await embed(nlp, BRAKES, SQUEAK, PRAISE)
    assert brakes is not None
    assert squeak is not None
    assert praise is not None
    assert cosine(brakes, squeak) > cosine(brakes, praise) + 0.1


async def test_a_text_that_the_model_does_not_read_has_none(nlp: Nlp) -> None:
    first, second = await embed(nlp, "The brakes are squeaking again", BRAKES)
    assert first is None
    assert second is not None


async def test_it_takes_1_to_256_texts(nlp: Nlp) -> None:
    for texts in ([], ["好"] * 257, [""], "好"):
        answer = await nlp.client.post("/v1/embed", json={"texts": texts})
        assert answer.status_code == 422


async def published(nlp: Nlp, words: str) -> Enrichment:
    handler = nlp.service.subscriptions[0].handler
    (result,) = await handler([delivered(received(feedback(1, words)))])
    assert isinstance(result, list)
    return Enrichment.parse(result[0].value)


async def test_what_is_published_lies_where_its_text_does(nlp: Nlp) -> None:
    assert [(await published(nlp, BRAKES)).embedding] == await embed(nlp, BRAKES)
    answer = await nlp.post({"id": "t1", "text": BRAKES})
    assert "embedding" not in answer.json()["items"][0]


async def test_embeddings_can_be_left_out(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_NLP__EMBEDDINGS", "false")
    async with running(platform) as nlp:
        assert (await published(nlp, BRAKES)).embedding is None
        assert await embed(nlp, BRAKES) != [None]
