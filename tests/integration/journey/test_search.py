"""Search by words and by meaning, on a real PostgreSQL with pgvector."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from heedful.common.contracts import Colour, Embedding
from heedful.common.service import Platform
from heedful.journey import store_texts
from heedful.journey.embedder import Embedder, NoEmbedding
from tests.integration.conftest import OTHER_API_KEY
from tests.integration.journey.erasing import erase
from tests.integration.journey.test_ageing import age
from tests.integration.journey.world import Journey, problem, running
from tests.unit.journey.material import at, feedback

ANN = "customer_id:ann"
TEXTS = [
    "刹车异响，去了三次店都没修好",
    "刹车片磨损，换了一副",
    "充电桩又坏了，App 也打不开",
    "The brakes are squeaking, two visits and no refunds",
    "服务态度很好，给个好评",
]


def towards(direction: int, share: float = 1.0) -> Embedding:
    """A place in one of some directions, or a share of the way there."""
    vector = np.zeros(512)
    vector[direction], vector[511] = share, (1 - share**2) ** 0.5
    return Embedding.of("m1", np.rint(vector * 127).astype(np.int8).tobytes())


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Embedding]:
    """Where questions lie; of others nlp says nothing."""
    known: dict[str, Embedding] = {}

    async def embed(_: Embedder, question: str) -> Embedding:
        if question not in known:
            raise NoEmbedding("nlp did not answer in time")
        return known[question]

    monkeypatch.setattr(Embedder, "embed", embed)
    return known


async def say(journey: Journey, **fields: Any) -> None:
    for number, words in enumerate(TEXTS):
        await journey.consume(
            feedback(number, ANN, text=words, embedding=towards(number), **fields)
        )


async def ids(journey: Journey, q: str, **params: Any) -> list[str]:
    return [one["id"] for one in (await journey.get("/v1/search", q=q, **params))["items"]]


async def test_words_are_found_in_both_languages(journey: Journey) -> None:
    await say(journey)
    assert set(await ids(journey, "刹车")) == {"f0", "f1"}
    assert await ids(journey, "车片") == ["f1"]
    assert await ids(journey, "坏") == ["f2"]
    assert await ids(journey, "APP") == ["f2"]
    assert await ids(journey, "brake refund") == ["f3"]
    assert await ids(journey, "发动机") == []


async def test_who_has_every_word_goes_before_who_has_some(journey: Journey) -> None:
    await say(journey)
    assert await ids(journey, "刹车片磨损异响") == ["f1", "f0"]
    assert await ids(journey, "刹车 异响") == ["f0", "f1"]


async def test_an_item_says_what_was_found_and_why(journey: Journey) -> None:
    await say(journey, touchpoint="store.visit")
    answer = await journey.get("/v1/search", q="异响 店")
    (item,) = answer["items"]
    assert item["matched"] == {"text": {"rank": 1, "terms": ["异响", "店"]}, "vector": None}
    assert item["score"] == 1 / 61
    marks = [item["snippet"]["text"][one["start"] : one["end"]] for one in item["snippet"]["marks"]]
    assert marks == ["异响", "店"]
    assert (item["touchpoint"], item["occurred_at"]) == ("store.visit", "2026-11-01T08:00:00Z")
    assert item["customer_id"] == await journey.customer_of(ANN)
    assert answer["searched"] == ["text"]
    assert "nlp did not answer" in answer["note"]


async def test_meaning_finds_what_no_word_does(
    journey: Journey, asked: dict[str, Embedding]
) -> None:
    await say(journey)
    asked["制动有噪音"] = towards(1, 0.9)
    answer = await journey.get("/v1/search", q="制动有噪音")
    assert [one["id"] for one in answer["items"]] == ["f1"]
    (item,) = answer["items"]
    assert item["matched"]["vector"]["rank"] == 1
    assert item["matched"]["vector"]["cosine"] == pytest.approx(0.9, abs=0.01)
    assert item["matched"]["text"] is None
    assert (answer["searched"], answer["note"]) == (["text", "vector"], None)


async def test_both_parts_are_fused(journey: Journey, asked: dict[str, Embedding]) -> None:
    await say(journey)
    asked["刹车"] = towards(1)
    assert (await ids(journey, "刹车"))[0] == "f1"
    assert await ids(journey, "刹车", mode="vector") == ["f1"]
    assert len(await ids(journey, "刹车", mode="text")) == 2


async def test_other_versions_of_the_model_are_not_compared(
    journey: Journey, asked: dict[str, Embedding]
) -> None:
    await say(journey)
    asked["异响"] = Embedding.of("m2", towards(1).vector)
    assert await ids(journey, "异响", mode="vector") == []


async def test_filters_hold_for_both_parts(journey: Journey, asked: dict[str, Embedding]) -> None:
    for number, colour in enumerate(Colour):
        await journey.consume(
            feedback(
                number,
                f"customer_id:c{number % 2}",
                text="刹车异响",
                colour=colour,
                topics=[f"t{number}"],
                touchpoint=f"p{number}",
                channel="call" if number else "chat",
                embedding=towards(1),
            )
        )
    asked["刹车"] = towards(1)
    customer = await journey.customer_of("customer_id:c1")
    for params, found in (
        ({"light": "red"}, {"f0"}),
        ({"topic": "t1"}, {"f1"}),
        ({"touchpoint": "p2"}, {"f2"}),
        ({"channel": "chat"}, {"f0"}),
        ({"from": at(1).isoformat(), "to": at(3).isoformat()}, {"f1", "f2"}),
        ({"customer_id": customer}, {"f1", "f3"}),
        ({"light": "red", "topic": "t1"}, set()),
    ):
        for mode in ("text", "vector", "hybrid"):
            assert set(await ids(journey, "刹车", mode=mode, **params)) == found, (params, mode)


async def test_pages_follow_each_other(journey: Journey) -> None:
    for number in range(7):
        await journey.consume(feedback(number, ANN, text="刹车异响"))
    found = await journey.pages("/v1/search", q="刹车", limit=2)
    assert sorted(one["id"] for one in found) == [f"f{number}" for number in range(7)]
    answer = await journey.client.get("/v1/search", params={"q": "刹车", "cursor": "x"})
    problem(answer, 400, "bad-cursor")


async def test_without_words_it_is_what_was_said_last(journey: Journey) -> None:
    for number in range(5):
        colour = Colour.RED if number % 2 else Colour.GREEN
        await journey.consume(
            feedback(number, ANN, text=f"第{number}条", colour=colour, touchpoint="store.visit")
        )
    found = await journey.pages("/v1/search", touchpoint="store.visit", limit=2)
    assert [one["id"] for one in found] == ["f4", "f3", "f2", "f1", "f0"]
    assert {one["score"] for one in found} == {0}
    answer = await journey.get("/v1/search", light="red", to=at(3).isoformat())
    assert [one["id"] for one in answer["items"]] == ["f1"]
    assert (answer["searched"], answer["note"]) == ([], None)
    assert answer["items"][0]["snippet"] == {"text": "第1条", "marks": []}
    words = await journey.get("/v1/search", q="条", limit=1)
    for cursor in ("x", words["next_cursor"]):
        answer = await journey.client.get("/v1/search", params={"cursor": cursor})
        problem(answer, 400, "bad-cursor")


async def test_a_question_without_words_is_refused(journey: Journey) -> None:
    problem(await journey.client.get("/v1/search", params={"q": "？！"}), 400, "no-words")
    problem(await journey.client.get("/v1/search", params={"q": ""}), 422, "invalid")


async def test_nobody_finds_what_another_tenant_was_told(
    journey: Journey, asked: dict[str, Embedding]
) -> None:
    await say(journey)
    asked["刹车"] = towards(1)
    headers = {"X-API-Key": OTHER_API_KEY}
    answer = await journey.client.get("/v1/search", params={"q": "刹车"}, headers=headers)
    assert answer.json()["items"] == []


async def test_what_was_judged_again_is_found_as_it_is_now(
    journey: Journey, asked: dict[str, Embedding]
) -> None:
    asked["刹车"] = towards(1)
    await journey.consume(feedback(1, ANN, text="刹车异响", embedding=towards(1)))
    await journey.consume(feedback(1, ANN, text="<name>说油漆掉了", enriched=50))
    assert await ids(journey, "刹车") == []
    assert await ids(journey, "油漆") == ["f1"]
    await journey.consume(feedback(1, ANN, text="老话", enriched=2))
    assert await ids(journey, "老话") == []


async def test_the_embedding_is_kept_beside_the_payload(journey: Journey) -> None:
    await say(journey)
    assert await journey.query("SELECT 1 FROM journey.event WHERE payload ? 'embedding'") == []
    rows = await journey.query("SELECT embedding FROM journey.feedback_text WHERE id = 'f1'")
    assert bytes(rows[0].embedding) == towards(1).vector


async def test_vectors_are_stored_as_the_numbers_that_they_are(journey: Journey) -> None:
    numbers = [*range(-128, 128), *range(127, -129, -1)]
    vector = bytes(number % 256 for number in numbers)
    await journey.consume(feedback(1, ANN, text="刹车", embedding=Embedding.of("e1", vector)))
    (row,) = await journey.query("SELECT CAST(embedding AS text) FROM journey.feedback_vector")
    assert row.embedding == str(numbers).replace(" ", "")


async def test_erasing_and_ageing_take_words_and_vectors_along(journey: Journey) -> None:
    await say(journey)
    await journey.consume(
        feedback(30, "customer_id:bob", text="刹车", embedding=towards(1)),
        feedback(31, "customer_id:eve", text="刹车", embedding=towards(1)),
    )
    for table in ("feedback_text", "feedback_vector"):
        assert len(await journey.query(f"SELECT 1 FROM journey.{table}")) == 7  # noqa: S608
    await erase(journey, ANN)
    assert await age(journey, 30.5) == 1
    for table in ("feedback_text", "feedback_vector"):
        rows = await journey.query(f"SELECT id FROM journey.{table}")  # noqa: S608
        assert [row.id for row in rows] == ["f31"]


async def test_without_pgvector_words_are_searched_and_the_answer_says_so(
    platform: Platform, asked: dict[str, Embedding]
) -> None:
    asked["刹车"] = towards(1)
    async with platform.engine.begin() as connection:
        await connection.execute(text("DROP TABLE journey.feedback_vector"))
    async with running(platform) as journey:
        await say(journey)
        answer = await journey.get("/v1/search", q="刹车")
        assert (len(answer["items"]), answer["searched"]) == (2, ["text"])
        assert "install pgvector" in answer["note"]
        # As `heedful search rebuild` does it, when it was installed.
        async with platform.engine.begin() as connection:
            assert await store_texts.make_vectors(connection)
            assert await store_texts.place_more(connection, 100) == 5
            assert await store_texts.place_more(connection, 100) == 0
    async with running(platform) as journey:
        assert (await ids(journey, "刹车"))[0] == "f1"


async def test_what_came_before_the_index_is_indexed(journey: Journey) -> None:
    await say(journey)
    async with journey.platform.engine.begin() as connection:
        await connection.execute(text("TRUNCATE journey.feedback_text CASCADE"))
        assert await store_texts.index_more(connection, 3) == 3
        assert await store_texts.index_more(connection, 3) == 2
        assert await store_texts.index_more(connection, 3) == 0
    assert len(await ids(journey, "刹车", mode="text")) == 2


async def test_texts_are_found_by_their_labels_and_those_from_before_by_their_events(
    journey: Journey,
) -> None:
    for number, colour in enumerate((Colour.RED, Colour.AMBER, Colour.RED)):
        await journey.consume(
            feedback(number, ANN, text="刹车", colour=colour, topics=["brakes"], touchpoint="shop")
        )
    where = {"touchpoint": "shop", "channel": "chat", "topic": "brakes", "mode": "text"}
    async with journey.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE journey.feedback_text SET labels = NULL"))
    assert set(await ids(journey, "刹车", light="red", **where)) == {"f0", "f2"}
    later = feedback(0, ANN, text="刹车", colour=Colour.AMBER, topics=["price"], enriched=99)
    await journey.consume(later)
    for touched in (2, 0):
        assert await ids(journey, "刹车", light="red", **where) == ["f2"]
        assert await ids(journey, "刹车", light="amber", **where) == ["f1"]
        assert await ids(journey, "刹车", topic="price", mode="text") == ["f0"]
        async with journey.platform.engine.begin() as connection:
            assert await store_texts.label_more(connection, 100) == touched
