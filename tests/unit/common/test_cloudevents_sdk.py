"""Interoperation with the `cloudevents` SDK, and where the SDK differs from the specification.

A test named after a difference fails when the SDK mends it; then the difference is history.
"""

from datetime import UTC, datetime
from typing import Any, get_type_hints

import orjson
import pytest
from cloudevents.core.bindings import kafka as sdk
from cloudevents.core.v1.event import CloudEvent as SdkEvent
from cloudevents.v1 import kafka as sdk_v1
from cloudevents.v1.http import CloudEvent as SdkEventV1
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.cloudevents import CloudEvent, Message, from_kafka, to_binary, to_structured
from heedful.common.errors import InvalidMessage
from tests.unit.common.material import event, extensions, headers, json_values, times, words

objects = st.dictionaries(words, json_values, max_size=3)
written = st.builds(
    CloudEvent,
    id=words,
    source=words,
    type=words,
    data=objects.map(orjson.dumps),
    time=times,
    subject=st.none() | words,
    dataschema=st.none() | words,
    extensions=extensions,
)
attributes = st.fixed_dictionaries(
    {"id": words, "source": words, "type": words, "time": times},
    optional={"subject": words, "dataschema": words, "partitionkey": words, "traceparent": words},
)
PLAIN: dict[str, Any] = {
    "id": "call-1",
    "source": "/crm/calls",
    "type": "voc.feedback.received.v1",
    "time": datetime(2026, 11, 24, 8, 15, tzinfo=UTC),
    "datacontenttype": "application/json",
}


def _to_sdk(message: Message) -> sdk.KafkaMessage:
    assert message.value is not None
    return sdk.KafkaMessage(dict(message.headers), message.key, message.value)


def _same(ours: CloudEvent, theirs: Any) -> None:
    assert theirs.get_specversion() == "1.0"
    assert theirs.get_id() == ours.id
    assert theirs.get_source() == ours.source
    assert theirs.get_type() == ours.type
    assert theirs.get_time() == ours.time
    assert theirs.get_subject() == ours.subject
    assert theirs.get_dataschema() == ours.dataschema
    assert theirs.get_datacontenttype() == ours.datacontenttype
    for name, value in ours.extensions.items():
        assert theirs.get_extension(name) == value


@given(written)
def test_the_sdk_reads_our_binary_mode(ours: CloudEvent) -> None:
    theirs = sdk.from_kafka_event(_to_sdk(to_binary(ours)))
    _same(ours, theirs)
    assert (theirs.get_data() or {}) == orjson.loads(ours.data or b"")


@given(written)
def test_the_sdk_reads_our_structured_mode(ours: CloudEvent) -> None:
    theirs = sdk.from_kafka_event(_to_sdk(to_structured(ours)))
    _same(ours, theirs)
    assert theirs.get_data() == orjson.loads(ours.data or b"")


@given(attributes, objects)
def test_we_read_the_binary_mode_of_the_sdk(given_: dict[str, Any], data: dict[str, Any]) -> None:
    theirs = SdkEvent({**given_, "datacontenttype": "application/json"}, data)
    message = sdk.to_binary_event(theirs)
    ours = from_kafka(message.value, list(message.headers.items()))
    _same(ours, theirs)
    assert ours.partition_key == given_.get("partitionkey")
    assert orjson.loads(ours.data or b"") == data


@given(attributes, objects)
def test_we_read_the_structured_mode_of_the_sdk(
    given_: dict[str, Any], data: dict[str, Any]
) -> None:
    theirs = SdkEvent({**given_, "datacontenttype": "application/json"}, data)
    message = sdk.to_structured_event(theirs)
    ours = from_kafka(message.value, list(message.headers.items()))
    _same(ours, theirs)
    assert ours.partition_key == given_.get("partitionkey")
    assert orjson.loads(ours.data or b"") == data


@pytest.mark.parametrize("write", [sdk.to_binary_event, sdk.to_structured_event])
def test_we_read_data_of_the_sdk_that_is_not_json(write: Any) -> None:
    theirs = SdkEvent({**PLAIN, "datacontenttype": "image/png"}, b"\x89PNG\xff")
    message = write(theirs)
    ours = from_kafka(message.value, list(message.headers.items()))
    assert (ours.data, ours.datacontenttype) == (b"\x89PNG\xff", "image/png")


def test_difference_the_sdk_takes_any_ce_header_for_binary_mode() -> None:
    # §3: the content-type decides; §3.3.3: structured mode may carry the ce_ headers too.
    structured = to_structured(event(id="inner"))
    both = [*structured.headers, *headers(ce_id=b"outer")]
    assert structured.value is not None
    theirs = sdk.from_kafka_event(sdk.KafkaMessage(dict(both), None, structured.value))
    assert theirs.get_id() == "outer"
    assert from_kafka(structured.value, both).id == "inner"


def test_difference_the_sdk_keeps_one_header_of_a_name() -> None:
    # Kafka headers may repeat; a mapping cannot say so.
    assert get_type_hints(sdk.KafkaMessage)["headers"] == dict[str, bytes]
    assert from_kafka(b"{}", [*headers(), ("x", b"1"), ("x", b"2")]).id == "call-1"


def test_difference_the_sdk_makes_the_record_key_an_attribute() -> None:
    # §3.1: what maps the key must not add an attribute to the event.
    message = to_binary(event())
    assert message.value is not None
    theirs = sdk.from_kafka_event(sdk.KafkaMessage(dict(message.headers), b"key", message.value))
    assert theirs.get_extension("partitionkey") == "key"
    assert from_kafka(message.value, message.headers).partition_key is None


def test_difference_the_sdk_writes_no_tombstones() -> None:
    # §3.2.2: an event without data is a message without value.
    assert sdk.to_binary_event(SdkEvent(dict(PLAIN))).value == b""
    assert to_binary(event(data=None)).value is None


def test_the_sdk_2_keeps_partitionkey_among_the_headers() -> None:
    message = sdk.to_binary_event(SdkEvent({**PLAIN, "partitionkey": "k"}, {}))
    assert (message.key, message.headers["ce_partitionkey"]) == ("k", b"k")


def test_difference_the_sdk_1_drops_partitionkey_from_the_headers() -> None:
    # §3.1: the attribute must still be included when it becomes the key.
    message = sdk_v1.to_binary(_event_v1())
    assert message.key == "k"
    assert "ce_partitionkey" not in message.headers
    ours = from_kafka(_bytes(message.value), list(message.headers.items()))
    assert (ours.id, ours.partition_key) == ("call-1", None)


def test_difference_the_sdk_1_gives_structured_mode_the_content_type_of_the_data() -> None:
    # §3.3.1: it must be the media type of the event format.
    message = sdk_v1.to_structured(_event_v1())
    assert message.headers == {"content-type": b"application/json"}
    with pytest.raises(InvalidMessage) as caught:
        from_kafka(_bytes(message.value), list(message.headers.items()))
    assert caught.value.code == "not_cloudevent"


def _event_v1() -> SdkEventV1:
    fields = {**PLAIN, "time": "2026-11-24T08:15:00Z", "partitionkey": "k"}
    return SdkEventV1.create(fields, {"text": "hello"})


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
