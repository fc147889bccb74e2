"""POST /v1/enrich and GET /v1/labels as their callers see them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from heedful.common.contracts import Enrichment
from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.common.security import Scope
from heedful.nlp.api.enrich import MAX_TEXTS
from tests.integration.conftest import OTHER_API_KEY, OTHER_TENANT, TENANT
from tests.integration.nlp.test_consumer import HARD, TEXTS
from tests.integration.nlp.world import NOW, Nlp, delivered, feedback, quotes, received
from tests.keys import make_key


def item(words: Any, **fields: Any) -> dict[str, Any]:
    return {"id": "t1", "text": words, **fields}


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"].rsplit("/", 1)[1] == code
    return body


async def test_texts_are_labelled_in_the_order_in_which_they_came(nlp: Nlp) -> None:
    """On every inference thread, long and short."""
    words = [list(TEXTS.values())[n % 4] * (1 + n % 5) for n in range(100)]
    answer = await nlp.post(*(item(text, id=f"t{n}") for n, text in enumerate(words)))
    assert answer.status_code == 200
    found = answer.json()["items"]
    assert [one["feedback"]["id"] for one in found] == [f"t{n}" for n in range(100)]
    assert [one["feedback"]["text"] for one in found] == words


async def test_an_answer_has_the_shape_of_the_contract(nlp: Nlp) -> None:
    given = item(
        TEXTS["red"],
        channel="chat",
        score={"kind": "stars", "value": 1, "minimum": 1, "maximum": 5},
        occurred_at="2026-11-24T16:00:00+08:00",
    )
    answer = await nlp.post(given)
    (found,) = answer.json()["items"]
    enrichment = Enrichment.model_validate_json(httpx.Response(200, json=found).content)
    assert enrichment.tenant == TENANT
    assert enrichment.light.colour == "red"
    said = enrichment.feedback
    assert (said.channel, said.occurred_at.isoformat()) == ("chat", "2026-11-24T08:00:00+00:00")
    assert said.score is not None
    assert said.received_at > NOW
    for quote in quotes(found):
        assert said.text[quote["start"] : quote["end"]] == quote["text"]


async def test_the_answer_is_what_the_topic_would_say(nlp: Nlp) -> None:
    """Same pipeline, same versions: only who asked and when differ."""
    subscription = nlp.service.subscriptions[0]
    answer = await nlp.post(*(item(words) for words in TEXTS.values()))
    batch = [delivered(received(feedback(n, words))) for n, words in enumerate(TEXTS.values())]
    results = await subscription.handler(batch)
    labels = ("language", "sentiment", "aspects", "urgency", "intent", "light", "versions")
    for found, result in zip(answer.json()["items"], results, strict=True):
        assert isinstance(result, list)
        published = Enrichment.parse(result[0].value)
        asked = Enrichment.model_validate_json(httpx.Response(200, json=found).content)
        assert [getattr(asked, name) for name in labels] == [
            getattr(published, name) for name in labels
        ]


async def test_a_tenant_gets_ids_of_its_own(nlp: Nlp) -> None:
    mine = await nlp.post(item("很好"))
    theirs = await nlp.client.post(
        "/v1/enrich", json={"items": [item("很好")]}, headers={"X-API-Key": OTHER_API_KEY}
    )
    (one,), (other,) = mine.json()["items"], theirs.json()["items"]
    assert (one["tenant"], other["tenant"]) == (TENANT, OTHER_TENANT)
    assert one["id"] != other["id"]


async def test_offsets_fit_the_text_of_the_answer(nlp: Nlp) -> None:
    answer = await nlp.post(*(item(words) for words, _ in HARD.values()))
    for found, (words, evidence) in zip(answer.json()["items"], HARD.values(), strict=True):
        assert found["feedback"]["text"] == words
        quoted = [words[quote["start"] : quote["end"]] for quote in quotes(found)]
        assert quoted == [quote["text"] for quote in quotes(found)]
        assert any(evidence in one for one in quoted), words


async def test_a_text_of_the_greatest_length_is_labelled(nlp: Nlp) -> None:
    # Mostly blank: what it costs to read so many words is seen by the tests of the pipeline.
    words = "厨房一股煤气味，" + " " * 99_984 + "快来人吧，求你们"
    assert len(words) == MAX_TEXT_CHARS
    (found,) = (await nlp.post(item(words))).json()["items"]
    assert found["light"]["colour"] == "red"
    assert found["feedback"]["text"] == words


async def test_blank_words_are_grey_and_without_labels(nlp: Nlp) -> None:
    answer = await nlp.post(*(item(words) for words in (" ", "\n", "\u3000\u3000", "\u200b")))
    for found in answer.json()["items"]:
        assert found["light"]["colour"] == "grey"
        assert not {"sentiment", "urgency", "intent"} & found.keys()
        assert found["aspects"] == []


# What callers get wrong


async def test_a_text_has_1_to_100000_characters(nlp: Nlp) -> None:
    for words in ("", "a" * 100_001, "a\x00b", None, 5, ["a"]):
        body = problem(await nlp.post(item(words)), 422, "invalid")
        assert body["errors"][0]["at"] == "body.items.0.text"
        assert "aaa" not in str(body), "the words are not quoted"


async def test_lone_surrogates_are_refused(nlp: Nlp) -> None:
    """No UTF-8 can carry them: a record or an answer with one could not be written."""
    for raw in (
        rb'{"items":[{"id":"t1","text":"\ud83d"}]}',
        rb'{"items":[{"id":"t1","text":"a\ude00b"}]}',
        rb'{"items":[{"id":"\ud800","text":"a"}]}',
        rb'{"items":[{"id":"t1","text":"a","\ud800":1}]}',
        rb'{"items":[{"id":"t1","text":"a"}],"\ud800":1}',
    ):
        problem(await nlp.post_raw(raw), 422, "invalid")


async def test_a_body_without_items_is_refused(nlp: Nlp) -> None:
    for raw in (b"", b"{", b"[]", b'{"items":{}}', b'{"items":[]}', b'{"items":[{"id":"\xff"}]}'):
        answer = await nlp.post_raw(raw)
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_request_has_at_most_256_texts(nlp: Nlp) -> None:
    most = [item("很好", id=f"t{n}") for n in range(MAX_TEXTS)]
    answer = await nlp.post(*most)
    assert len(answer.json()["items"]) == MAX_TEXTS == 256
    body = problem(await nlp.post(*most, item("很好")), 422, "invalid")
    assert body["errors"][0]["at"] == "body.items"


async def test_a_request_has_at_most_8_megabytes(nlp: Nlp) -> None:
    answer = await nlp.post(*(item("好" * 100_000) for _ in range(27)))
    problem(answer, 413, "too-large")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * 1_000_000

    problem(await nlp.post_raw(chunks()), 413, "too-large")


async def test_a_field_that_is_not_documented_is_refused(nlp: Nlp) -> None:
    wrong: list[dict[str, Any]] = [
        {"channel": "pigeon"},
        {"occurred_at": "2026-11-24T08:00:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"score": {"kind": "stars", "value": 1}},
        {"score": {"kind": "stars", "value": "NaN", "minimum": 1, "maximum": 5}},
        {"id": ""},
        {"id": "x" * 201},
        {"colour": "red"},
        {"tenant": "other"},
    ]
    for fields in wrong:
        body = problem(await nlp.post(item("很好", **fields)), 422, "invalid")
        (name,) = fields
        assert body["errors"][0]["at"].startswith(f"body.items.0.{name}"), fields


async def test_only_a_key_with_the_scope_may_ask(nlp: Nlp) -> None:
    engine = nlp.platform.engine
    _, asker = await make_key(engine, TENANT, [Scope.ENRICH.value], NOW)
    rest = [scope.value for scope in Scope if scope is not Scope.ENRICH]
    _, stranger = await make_key(engine, TENANT, rest, NOW)
    for key, status in ((asker, 200), (stranger, 403), ("nobody's", 401)):
        headers = {"X-API-Key": key}
        asked = await nlp.client.post("/v1/enrich", json={"items": [item("很好")]}, headers=headers)
        listed = await nlp.client.get("/v1/labels", headers=headers)
        assert (asked.status_code, listed.status_code) == (status, status)


# GET /v1/labels


async def test_every_label_that_comes_out_is_in_the_catalogue(nlp: Nlp) -> None:
    labels = (await nlp.client.get("/v1/labels")).json()["items"]
    assert all(set(one) == {"kind", "code", "zh", "en", "version"} for one in labels)
    known = {(one["kind"], one["code"]) for one in labels}
    words = [
        *TEXTS.values(),
        *(words for words, _ in HARD.values()),
        "退款一周了还没到账，打了三次电话都没人处理",
        "气死我了",
        "太难过了",
        "真的好害怕",
        "开心",
        "太惊讶了",
        "太失望了，我要转网",
        "店员让我写好评送可乐",
    ]
    found = (await nlp.post(*(item(text) for text in words))).json()["items"]
    told = set()
    for one in found:
        told.add(("light", one["light"]["colour"]))
        told.update(("reason", reason["code"]) for reason in one["light"]["reasons"])
        told.update(("topic", aspect["topic"]) for aspect in one["aspects"])
        if "sentiment" in one:
            told.add(("sentiment", one["sentiment"]["polarity"]))
        told.update(("emotion", emotion["label"]) for emotion in one["emotions"])
        if "intent" in one:
            told.add(("intent", one["intent"]["label"]))
        if "urgency" in one:
            told.add(("urgency_level", one["urgency"]["level"]))
            told.update(("urgency", code) for code in one["urgency"]["categories"])
        told.update(("perception", perception["label"]) for perception in one["perceptions"])
        if "need" in one:
            told.add(("need", one["need"]["type"]))
        told.update(("statement", code) for code in ("churn", "solicited") if code in one)
    assert told <= known
    assert {kind for kind, _ in told} == {kind for kind, _ in known}
    versions = {one["version"] for one in labels if one["kind"] in ("topic", "urgency", "reason")}
    assert versions <= set(found[0]["versions"].values())
