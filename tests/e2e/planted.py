"""Values of people who do not exist, sent by every way into the platform."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import orjson

from heedful.common.bus.base import Outgoing
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.cloudevents import CloudEvent, to_binary
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED, INTERACTION_RECORDED, Topic
from tests.e2e.stack import KEY, Stack

PHONE = "13987654321"
WORDS = "暖气片漏了一地的紫水"
POISON_WORDS = "门口的石狮子眨了一下眼"
REJECTED_WORDS = "电梯里有一只会算账的鹅"
PLANTED: dict[str, Sequence[str]] = {
    "phone": (PHONE, "139-8765-4321", "139 8765 4321", "+86" + PHONE),
    "resident id": ("11010519491231002X",),
    "e-mail": ("geheim.lily@example.com",),
    "plate": ("京A98Z76",),
    "WeChat id": ("wxid_leak77test",),
    "address": ("幸福里小区37栋2单元1504",),
    "name": ("甄有才",),
    "bank card": ("6222021234567894",),
    "words": (WORDS, POISON_WORDS, REJECTED_WORDS),
}
ALL = (
    f"我叫甄有才，刹车失灵了，{WORDS}，打{PHONE}或139-8765-4321，身份证11010519491231002X，"
    "邮箱geheim.lily@example.com，车牌京A98Z76，微信wxid_leak77test，"
    "地址：幸福里小区37栋2单元1504，退到6222021234567894"
)
IDENTIFIERS = [
    {"type": "phone", "value": "+86" + PHONE},
    {"type": "email", "value": "geheim.lily@example.com"},
]
SAID: dict[str, Any] = {
    "id": "planted-1",
    "source": "shop",
    "channel": "call",
    "text": ALL,
    "identifiers": IDENTIFIERS,
    "attributes": {"remark": ALL[:300], "customer_name": "甄有才"},
    "touchpoint": "store.visit",
}
VISIT: dict[str, Any] = {
    "id": "planted-2",
    "source": "shop",
    "kind": "visit",
    "identifiers": IDENTIFIERS,
    "summary": ALL,
}

_REJECTED = ALL.replace(WORDS, REJECTED_WORDS)
_JSON = "application/json"


def leaks(emitted: str) -> list[str]:
    """Which of the planted values are in what was emitted."""
    return [name for name, values in PLANTED.items() if any(one in emitted for one in values)]


def rejections(stack: Stack) -> Iterator[httpx.Response]:
    """Answers to requests that carry planted values and are refused, on every way in."""
    wrong: dict[str, Any] = {**SAID, "id": "planted-3", "text": _REJECTED}
    bodies: list[tuple[str, str, object]] = [
        ("ingest", "/v1/feedback", {**wrong, _REJECTED: _REJECTED}),
        ("ingest", "/v1/feedback", {**wrong, "channel": _REJECTED}),
        ("ingest", "/v1/feedback", {**wrong, "occurred_at": _REJECTED}),
        ("ingest", "/v1/feedback", {**wrong, "identifiers": [{"type": PHONE, "value": PHONE}]}),
        ("ingest", "/v1/feedback", {**wrong, "attributes": {PHONE: _REJECTED}}),
        ("ingest", "/v1/feedback", {**SAID, "text": _REJECTED}),
        ("ingest", "/v1/feedback/batch", [_REJECTED, {**wrong, "channel": PHONE}, {**wrong}]),
        ("ingest", "/v1/interactions", {**VISIT, "kind": _REJECTED, "summary": 7}),
        ("ingest", "/v1/interactions", {**VISIT, "actor": {"type": _REJECTED}}),
        ("ingest", "/v1/events", {"specversion": "1.0", "type": _REJECTED, "data": wrong}),
        ("ingest", "/v1/privacy", {"redaction": _REJECTED}),
        ("ingest", f"/v1/channels/wecom/{PHONE}", {"text": _REJECTED}),
        ("ingest", "/v1/standards/try", {"kind": "feedback", "item": {**wrong, PHONE: PHONE}}),
        ("nlp", "/v1/enrich", {"items": [{"id": "1", "text": _REJECTED, "channel": PHONE}]}),
        (
            "nlp",
            "/v1/corrections",
            {"feedback": {"source": "shop", "id": PHONE}, "note": _REJECTED},
        ),
        ("alerting", f"/v1/cases/{PHONE}/plan", {"plan": _REJECTED}),
        ("alerting", "/v1/endpoints", {"url": f"ftp://{PHONE}/{_REJECTED}"}),
    ]
    with httpx.Client(headers={"X-API-Key": KEY}, timeout=30) as client:
        for service, path, body in bodies:
            method = "PUT" if path == "/v1/privacy" else "POST"
            yield client.request(method, stack.url(service) + path, json=body)
        broken = f'{{"text": "{_REJECTED}", "phone": {PHONE}'
        for media in (_JSON, "application/cloudevents+json", "application/x-ndjson"):
            for path in ("/v1/feedback", "/v1/feedback/batch", "/v1/events"):
                yield client.post(
                    stack.url("ingest") + path,
                    content=broken.encode(),
                    headers={"content-type": media},
                )
        for service, path in (
            ("journey", f"/v1/customers?identifier={PHONE}"),
            ("journey", f"/v1/customers/{PHONE}/timeline?from={PHONE}"),
            ("alerting", f"/v1/cases?cursor={PHONE}"),
            ("ingest", f"/v1/{PHONE}"),
        ):
            yield client.get(stack.url(service) + path)


def poison(stack: Stack) -> int:
    """Put records that cannot be read into the log; gives how many."""
    words = ALL.replace(WORDS, POISON_WORDS)
    records = [
        _raw(FEEDBACK_RECEIVED, words.encode()),
        _event(FEEDBACK_RECEIVED, {"text": words, words: words}),
        _event(FEEDBACK_RECEIVED, {**SAID, "tenant": "e2e", "text": words, "received_at": words}),
        _event(INTERACTION_RECORDED, {"summary": words, "kind": words}),
        _event(FEEDBACK_ENRICHED, {"feedback": {"text": words}}),
    ]

    async def send() -> None:
        bus = EmbeddedBus(stack.database_url(), "heedful-planting")
        await bus.start()
        try:
            for record in records:
                await bus.producer.send([record])
        finally:
            await bus.stop()

    asyncio.run(send())
    return len(records)


def _raw(topic: Topic, value: bytes) -> Outgoing:
    return Outgoing(topic.name, b"key", value, [])


def _event(topic: Topic, body: object) -> Outgoing:
    message = to_binary(
        CloudEvent(
            id="poison",
            source="/e2e/shop",
            type=topic.event_type,
            data=orjson.dumps(body),
            extensions={"partitionkey": "key"},
        )
    )
    return Outgoing(topic.name, message.key, message.value, message.headers)
