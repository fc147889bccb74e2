"""feedback.received in, feedback.enriched out, on the embedded bus."""

import asyncio
import json
from collections import defaultdict

import pytest
from prometheus_client import REGISTRY

from heedful.common.bus.base import Outgoing
from heedful.common.contracts import Colour, Identifier, IdentifierType, Score, ScoreKind
from heedful.common.errors import InvalidMessage, Retryable
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED
from heedful.nlp import consumer
from tests.integration.nlp.world import (
    NOW,
    Nlp,
    delivered,
    feedback,
    payload,
    quotes,
    received,
)

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TEXTS = {
    "red": "车在高速上突然熄火了，麻烦安排检查",
    "amber": "上菜有点慢，味道一般",
    "green": "师傅很专业，宽带很快就修好了，谢谢",
    "grey": "请问你们几点关门？",
}
HARD = {
    "emoji": ("😡😡等了2个小时，师傅态度很差👎🏽 刹车失灵🚗💥", "态度很差"),
    "family of one glyph": ("👨‍👩‍👧‍👦 服务员态度很差👨‍👩‍👧‍👦味道不错", "态度很差"),
    "right to left": ("الخدمة سيئة جدا، 态度很差 ‏שלום‏ the food was cold", "态度很差"),
    "beyond the basic plane": ("𠮷𠮷野家味道不错，上菜太慢𠮷", "太慢"),
    "full width and traditional": ("師傅態度很差，ＷｉＦｉ很慢，退款還沒到帳", "態度很差"),
    "zero width": ("态\u200b度\u200b很差，退\ufeff款还没到账", "态\u200b度\u200b很差"),
    "spaced as speech recognition does": ("那 个 师 傅 态 度 很 差 啊", "态 度 很 差"),
    "combining marks": ("the food was co\u0301ld and the waiter was rude\u0301", "rude"),
    "controls": ("味道不错\x01\x02\t上菜太慢\r\n退款没到账", "太慢"),
}
"""Texts whose characters are easily miscounted, each with words that are evidence."""


async def test_labels_come_out_in_the_shape_of_the_contract(nlp: Nlp) -> None:
    said = feedback(
        1,
        TEXTS["red"],
        score=Score(kind=ScoreKind.STARS, value=1, minimum=1, maximum=5),
        identifiers=(Identifier(type=IdentifierType.PHONE, value="13900001234"),),
        conversation_id="k1",
        touchpoint="callcentre.inbound",
        attributes={"agent": "a-7"},
    )
    await nlp.send(received(said, key="0123abcd", traceparent=TRACE))
    await nlp.run_until(1)
    (record,) = await nlp.records(FEEDBACK_ENRICHED.name)
    (delivery,) = await nlp.enriched()
    enrichment = payload(delivery)
    assert enrichment.feedback == said
    assert enrichment.tenant == said.tenant
    assert enrichment.light.colour is Colour.RED
    assert enrichment.light.reasons
    assert enrichment.language == "zh"
    assert enrichment.enriched_at > NOW
    assert all(enrichment.versions.model_dump().values())
    assert delivery.event.id == enrichment.id
    assert delivery.event.type == FEEDBACK_ENRICHED.event_type
    assert delivery.event.source == "/acme/nlp"
    assert delivery.event.dataschema == FEEDBACK_ENRICHED.schema_uri
    assert delivery.event.time == enrichment.enriched_at
    assert (record.key, delivery.event.partition_key) == (b"0123abcd", "0123abcd")
    assert dict(record.headers)["traceparent"].decode().split("-")[1] == TRACE.split("-")[1]


async def test_every_light_comes_through(nlp: Nlp) -> None:
    await nlp.send(*(received(feedback(n, words)) for n, words in enumerate(TEXTS.values())))
    await nlp.run_until(len(TEXTS))
    lights = [payload(delivery).light.colour.value for delivery in await nlp.enriched()]
    assert lights == list(TEXTS)


async def test_evidence_quotes_the_text_that_is_published(nlp: Nlp) -> None:
    """Offsets count code points, as a reader of the topic counts them."""
    sent = [received(feedback(n, words)) for n, (words, _) in enumerate(HARD.values())]
    await nlp.send(*sent)
    await nlp.run_until(len(HARD))
    records = await nlp.records(FEEDBACK_ENRICHED.name)
    for record, (words, evidence) in zip(records, HARD.values(), strict=True):
        enrichment = json.loads(record.value or b"")
        assert enrichment["feedback"]["text"] == words
        found = [words[quote["start"] : quote["end"]] for quote in quotes(enrichment)]
        assert found == [quote["text"] for quote in quotes(enrichment)]
        assert any(evidence in quoted for quoted in found), words


async def test_a_replay_gives_the_same_events(nlp: Nlp) -> None:
    """Same ids and same labels; a consumer that has seen them drops them."""
    records = [received(feedback(n, words)) for n, words in enumerate(TEXTS.values())]
    await nlp.send(*records)
    await nlp.run_until(4)
    await nlp.send(*records)
    await nlp.run_until(8)
    first, again = (await nlp.enriched())[:4], (await nlp.enriched())[4:]
    assert len({delivery.event.id for delivery in first}) == 4
    for one, other in zip(first, again, strict=True):
        assert one.event.id == other.event.id
        later = payload(other).enriched_at
        assert payload(one).model_copy(update={"enriched_at": later}) == payload(other)


async def test_the_same_words_of_others_are_other_events(nlp: Nlp) -> None:
    same = [feedback(1, "很好"), feedback(2, "很好"), feedback(1, "很好", source="survey")]
    await nlp.send(*map(received, same), received(feedback(1, "很好", tenant="other")))
    await nlp.run_until(4)
    assert len({delivery.event.id for delivery in await nlp.enriched()}) == 4


async def test_what_one_customer_says_keeps_its_order(nlp: Nlp) -> None:
    """Long and short texts of ten customers, interleaved, on every inference thread."""
    words = ["好", "上菜有点慢，味道一般。" * 40, "请问你们几点关门？"]
    sent = defaultdict(list)
    records = []
    for number in range(120):
        key = f"customer-{number % 10}"
        sent[key].append(f"f{number}")
        records.append(received(feedback(number, words[number % 3]), key=key))
    await nlp.send(*records)
    await nlp.run_until(120)
    found = defaultdict(list)
    partitions = defaultdict(set)
    for delivery in await nlp.enriched():
        key = delivery.event.partition_key or ""
        found[key].append(payload(delivery).feedback.id)
        partitions[key].add(delivery.record.partition)
    assert found == sent
    assert all(len(one) == 1 for one in partitions.values())


async def test_a_record_key_keeps_its_order_without_the_attribute(nlp: Nlp) -> None:
    """CloudEvents' Kafka binding makes `partitionkey` optional; the record's key is what counts."""
    for number in range(3):
        sent = received(feedback(number, "很好"))
        headers = tuple(one for one in sent.headers if one[0] != "ce_partitionkey")
        await nlp.send(Outgoing(sent.topic, b"theirs", sent.value, headers))
    await nlp.run_until(3)
    assert {record.key for record in await nlp.records(FEEDBACK_ENRICHED.name)} == {b"theirs"}


async def test_a_record_without_any_key_gets_one(nlp: Nlp) -> None:
    sent = received(feedback(1, "很好"))
    headers = tuple(one for one in sent.headers if one[0] != "ce_partitionkey")
    await nlp.send(Outgoing(sent.topic, None, sent.value, headers))
    await nlp.run_until(1)
    (delivery,) = await nlp.enriched()
    assert delivery.record.key == delivery.event.id.encode()


@pytest.mark.parametrize("backfill", [True, False])
async def test_history_stays_marked_as_history(nlp: Nlp, backfill: bool) -> None:
    """alerting opens no case for it; the labels are the same."""
    await nlp.send(received(feedback(1, TEXTS["red"], backfill=backfill)))
    await nlp.run_until(1)
    (delivery,) = await nlp.enriched()
    assert payload(delivery).feedback.backfill is backfill
    assert payload(delivery).light.colour is Colour.RED


async def test_words_of_any_length_come_through(nlp: Nlp) -> None:
    texts = ["很", "😀" * 10_000, "今天天气" * 2_500, "\x01" * 100_000]
    await nlp.send(*(received(feedback(n, words)) for n, words in enumerate(texts)))
    await nlp.run_until(4)
    assert [payload(one).feedback.text for one in await nlp.enriched()] == texts


async def test_words_that_say_nothing_have_no_label(nlp: Nlp) -> None:
    """No label is null, not zero; the light is grey, and the item is not lost. Of what can be seen
    it is said that there is nothing to understand."""
    texts = [" ", "\n\t ", "\u3000", "\u200b\u200b", "。。。", "\u202e"]
    await nlp.send(*(received(feedback(n, words)) for n, words in enumerate(texts)))
    await nlp.run_until(len(texts))
    for enrichment in map(payload, await nlp.enriched()):
        assert enrichment.light.colour is Colour.GREY
        assert (enrichment.sentiment, enrichment.urgency) == (None, None)
        assert enrichment.intent is None or enrichment.intent.label == "not_meaningful"
        assert enrichment.aspects == ()


async def test_words_that_no_contract_allows_are_buried_and_hold_nobody_up(nlp: Nlp) -> None:
    sent = received(feedback(1, "x"))
    assert sent.value is not None
    broken = {
        "lone surrogate": rb'"\ud83d"',
        "empty": b'""',
        "too long": b'"' + b"a" * 100_001 + b'"',
        "NUL": rb'"\u0000"',
        "not UTF-8": b'"\xff"',
        "null": b"null",
    }
    for number, raw in enumerate(broken.values()):
        value = sent.value.replace(b'"x"', raw)
        await nlp.send(
            Outgoing(sent.topic, sent.key, value, sent.headers),
            received(feedback(number, "很好")),
        )
    await nlp.run_until(len(broken))
    letters = await nlp.records(FEEDBACK_RECEIVED.dlq)
    assert [letter.value for letter in letters] == [
        sent.value.replace(b'"x"', raw) for raw in broken.values()
    ]
    assert {dict(letter.headers)["error_name"] for letter in letters} == {b"bad_payload"}
    ids = [payload(one).feedback.id for one in await nlp.enriched()]
    assert ids == [f"f{number}" for number in range(len(broken))]


async def test_an_enrichment_that_fits_no_record_is_refused_and_the_rest_goes_on(
    nlp: Nlp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text and evidence together may exceed a record where the text alone did not."""
    monkeypatch.setattr(consumer, "MAX_RECORD_BYTES", 20_000)
    subscription = nlp.service.subscriptions[0]
    batch = [feedback(1, "很好"), feedback(2, "好" * 10_000), feedback(3, "很好")]
    results = await subscription.handler([delivered(received(one)) for one in batch])
    assert [isinstance(one, InvalidMessage) for one in results] == [False, True, False]
    assert isinstance(results[1], InvalidMessage)
    assert results[1].code == "record_too_large"


async def test_the_event_loop_goes_on_while_a_batch_is_enriched(nlp: Nlp) -> None:
    """Else the consumer's heartbeat stops and its partitions go to another member."""
    subscription = nlp.service.subscriptions[0]
    batch = [delivered(received(feedback(n, f"{n}" + TEXTS["amber"] * 8))) for n in range(60)]

    def finished() -> float:
        return REGISTRY.get_sample_value("heedful_nlp_inference_seconds_count") or 0

    before = finished()
    task = asyncio.ensure_future(subscription.handler(batch))
    seen = set()
    while not task.done():
        seen.add(finished() - before)
        await asyncio.sleep(0)
    assert len(await task) == len(batch)
    midway = {count for count in seen if 0 < count < len(batch)}
    assert len(midway) >= 3, "the loop saw the batch grow"


async def test_a_batch_that_meets_the_stop_comes_again(nlp: Nlp) -> None:
    subscription = nlp.service.subscriptions[0]
    batch = [delivered(received(feedback(n, f"{n}" + TEXTS["amber"] * 20))) for n in range(100)]
    task = asyncio.ensure_future(subscription.handler(batch))
    await asyncio.sleep(0)
    assert nlp.service.stop is not None
    await nlp.service.stop()
    with pytest.raises(Retryable):
        await task
    with pytest.raises(Retryable):
        await subscription.handler(batch[:1])


async def test_lights_are_counted(nlp: Nlp) -> None:
    def count(colour: str) -> float:
        return REGISTRY.get_sample_value("heedful_nlp_enriched_total", {"light": colour}) or 0

    before = {colour: count(colour) for colour in TEXTS}
    subscription = nlp.service.subscriptions[0]
    words = [TEXTS["red"], TEXTS["red"], TEXTS["green"]]
    await subscription.handler([delivered(received(feedback(n, w))) for n, w in enumerate(words)])
    gained = {colour: count(colour) - before[colour] for colour in TEXTS}
    assert gained == {"red": 2, "amber": 0, "green": 1, "grey": 0}


async def test_freshness_is_measured_from_the_receipt(nlp: Nlp) -> None:
    def read(what: str) -> float:
        return REGISTRY.get_sample_value(f"heedful_nlp_freshness_seconds_{what}") or 0

    count, total = read("count"), read("sum")
    batch = [received(feedback(n, TEXTS["green"])) for n in range(3)]
    await nlp.send(*batch)
    await nlp.run_until(len(batch))
    ages = [
        (one.enriched_at - one.feedback.received_at).total_seconds()
        for one in map(payload, await nlp.enriched())
    ]
    assert read("count") - count == len(batch)
    assert read("sum") - total == pytest.approx(sum(ages))
    assert min(ages) > 0
