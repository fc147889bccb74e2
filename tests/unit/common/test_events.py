"""From a contract to a record and back; ids and keys that never change."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.bus.base import Header, LogRecord
from heedful.common.contracts import Identifier, IdentifierType
from heedful.common.errors import InvalidMessage
from heedful.common.events import deterministic_id, from_record, partition_key, to_record
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED, TOPICS, Topic
from tests.contract.events.material import newest
from tests.unit.common.material import words

SECRET = b"0123456789abcdef0123456789abcdef"
PHONE = Identifier(type=IdentifierType.PHONE, value="+8613900001234")
CARD = Identifier(type=IdentifierType.MEMBER_CARD, value="M-88")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PRIVATE = "张三13900001234"


def payload(topic: Topic) -> Any:
    return topic.payload.parse(newest(topic, "full").text)


def record(topic: Topic, **changes: Any) -> LogRecord:
    """A record as a consumer gets it; `headers` of changes are merged, None leaves one out."""
    made = to_record(topic, payload(topic), id="id-1", source="/test", key="k" * 32, time=NOON)
    merged = {**dict(made.headers), **changes.pop("headers", {})}
    headers: tuple[Header, ...] = tuple((k, v) for k, v in merged.items() if v is not None)
    fields = {"key": made.key, "value": made.value, **changes}
    return LogRecord(
        topic=topic.name, partition=0, offset=5, timestamp=0, headers=headers, **fields
    )


def test_a_deterministic_id_never_changes() -> None:
    # Ids of published events: another value here would make every replay a new event.
    assert deterministic_id("acme", "callcentre", "call-1", "enrich") == (
        "deba0134-72f9-5021-87d6-229378047ba1"
    )
    assert deterministic_id("门店") == "b85096fd-968b-5ea6-8d55-cfc6320b3636"


def test_other_parts_give_another_id() -> None:
    # Parts may hold the separator, and what escapes it.
    texts = ["".join(letters) for size in range(3) for letters in product("a\x1e\x1f", repeat=size)]
    lists = [parts for size in (1, 2, 3) for parts in product(texts, repeat=size)]
    assert len({deterministic_id(*parts) for parts in lists}) == len(lists) > 2000


@given(words, words, words)
def test_a_partition_key_shows_no_identifier(tenant: str, phone: str, conversation: str) -> None:
    identifier = Identifier.model_construct(type=IdentifierType.PHONE, value=phone)
    for identifiers in ((identifier,), ()):
        key = partition_key(SECRET, tenant, conversation, identifiers, "fallback")
        assert len(key) == 32
        assert set(key) <= set("0123456789abcdef")
        # A keyed hash: without the secret, trying every phone number finds nothing.
        assert key != partition_key(b"another", tenant, conversation, identifiers, "fallback")


def test_a_partition_key_never_changes() -> None:
    assert partition_key(SECRET, "acme", None, (PHONE,), "x") == (
        "02bc35aa4aec63e484ad11118b78f631"
    )


def test_one_customer_has_one_key_in_every_conversation() -> None:
    alone = partition_key(SECRET, "acme", None, (PHONE,), "a")
    assert partition_key(SECRET, "acme", "conversation-1", (PHONE, CARD), "b") == alone
    assert partition_key(SECRET, "acme", "conversation-2", (PHONE,), "c") == alone


def test_without_identifiers_a_conversation_has_one_key() -> None:
    key = partition_key(SECRET, "acme", "conversation-1", (), "a")
    assert partition_key(SECRET, "acme", "conversation-1", (), "b") == key
    assert partition_key(SECRET, "acme", "conversation-2", (), "a") != key


def test_keys_differ_by_tenant_kind_and_value() -> None:
    keys = [
        partition_key(SECRET, "acme", None, (PHONE,), "x"),
        partition_key(SECRET, "other", None, (PHONE,), "x"),
        partition_key(SECRET, "acme", None, (CARD,), "x"),
        partition_key(SECRET, "acme", PHONE.value, (), "x"),
        partition_key(SECRET, "acme", None, (), PHONE.value),
        partition_key(
            SECRET, "acme", None, (Identifier(type=IdentifierType.EMAIL, value=PHONE.value),), "x"
        ),
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_payload_travels_as_a_cloudevent_of_its_topic(topic: Topic) -> None:
    made = to_record(
        topic,
        payload(topic),
        id="id-1",
        source="heedful/ingest",
        key="k" * 32,
        time=NOON,
        traceparent="00-1-2-01",
    )
    headers = dict(made.headers)
    assert (made.topic, made.key) == (topic.name, b"k" * 32)
    assert headers["ce_type"].decode() == topic.event_type
    assert headers["ce_dataschema"].decode() == topic.schema_uri
    assert headers["ce_partitionkey"] == b"k" * 32
    assert headers["ce_traceparent"] == headers["traceparent"] == b"00-1-2-01"
    assert headers["ce_time"] == b"2026-11-24T12:00:00Z"
    assert topic.payload.parse(made.value or b"") == payload(topic)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_record_is_read_by_the_contract_of_its_topic(topic: Topic) -> None:
    given_ = record(topic)
    found = from_record(given_, topic)
    assert found.payload == payload(topic)
    assert (found.record, found.topic, found.event.id) == (given_, topic, "id-1")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"headers": {"ce_specversion": None}}, "not_cloudevent"),
        ({"headers": {"ce_id": b""}}, "missing_attribute"),
        ({"headers": {"ce_type": b"voc.feedback.enriched.v1"}}, "unexpected_type"),
        ({"headers": {"ce_type": b"voc.feedback.received.v2"}}, "unexpected_type"),
        ({"value": None}, "no_data"),
        ({"value": b""}, "no_data"),
        ({"value": b"{"}, "bad_payload"),
        ({"value": b"{}"}, "bad_payload"),
        ({"value": b"\xff\xfe"}, "bad_payload"),
    ],
)
def test_a_record_that_cannot_be_read_says_why_with_a_stable_code(
    changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidMessage) as caught:
        from_record(record(FEEDBACK_RECEIVED, **changes), FEEDBACK_RECEIVED)
    assert caught.value.code == code


def _wrong(**changes: Any) -> bytes:
    return orjson.dumps({**newest(FEEDBACK_RECEIVED, "full").body, **changes})


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (b'{"text":"' + PRIVATE.encode(), "body"),
        (_wrong(occurred_at=PRIVATE), "occurred_at"),
        (_wrong(backfill=PRIVATE), "backfill"),
        (
            _wrong(score={"kind": "nps", "value": PRIVATE, "minimum": 0, "maximum": 1}),
            "score.value",
        ),
        (_wrong(identifiers=[{"type": PRIVATE, "value": "1"}]), "identifiers.0.type"),
        (_wrong(text=[PRIVATE]), "text"),
        (_wrong(attributes={PRIVATE: "1"}), "attributes.*.[key]"),
        (_wrong(attributes={"13900001234": "1"}), "attributes.*.[key]"),
        (_wrong(attributes={"note": [PRIVATE]}), "attributes.note"),
    ],
)
def test_what_is_wrong_with_a_payload_is_told_by_place_and_never_by_value(
    value: bytes, place: str
) -> None:
    with pytest.raises(InvalidMessage) as caught:
        from_record(record(FEEDBACK_RECEIVED, value=value), FEEDBACK_RECEIVED)
    said = str(caught.value)
    assert f"{place}:" in said
    assert "13900001234" not in said
    assert "张三" not in said


@given(st.binary(max_size=40), st.lists(st.tuples(words, st.binary(max_size=10)), max_size=4))
def test_any_record_is_read_or_refused(value: bytes, headers: list[Header]) -> None:
    given_ = record(FEEDBACK_ENRICHED, value=value, headers=dict(headers))
    with pytest.raises(InvalidMessage):
        from_record(given_, FEEDBACK_ENRICHED)
