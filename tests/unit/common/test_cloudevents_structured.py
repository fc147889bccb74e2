"""CloudEvents in structured mode (kafka-protocol-binding.md §3.3, formats/json-format.md)."""

import base64
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.cloudevents import (
    CloudEvent,
    from_kafka,
    from_mapping,
    from_structured,
    to_structured,
)
from heedful.common.errors import InvalidMessage
from tests.unit.common.material import (
    DOCUMENT,
    document,
    event,
    events,
    headers,
    json_values,
    media_types,
)

STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
JSON_TYPES = ["application/json", "application/json; charset=utf-8", "text/JSON", "image/svg+json"]


def _is_json(media: str) -> bool:
    return media.split(";")[0].strip().lower().endswith(("/json", "+json"))


@given(events(json_values.map(orjson.dumps), st.sampled_from(JSON_TYPES)))
def test_an_event_with_json_data_is_read_back_whole(written: CloudEvent) -> None:
    message = to_structured(written)
    read = from_kafka(message.value, message.headers)
    assert orjson.loads(read.data or b"") == orjson.loads(written.data or b"")
    assert {**_fields(read), "data": None} == {**_fields(written), "data": None}


@given(events(st.binary(max_size=50), media_types.filter(lambda media: not _is_json(media))))
def test_an_event_with_other_data_is_read_back_whole(written: CloudEvent) -> None:
    message = to_structured(written)
    assert from_kafka(message.value, message.headers) == written


def _fields(found: CloudEvent) -> dict[str, Any]:
    return {name: getattr(found, name) for name in CloudEvent.__slots__}


def test_the_whole_event_is_one_json_document_under_the_media_type_of_the_format() -> None:
    message = to_structured(event(extensions={"partitionkey": "k"}))
    assert message.headers == (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
    assert message.key == b"k"
    assert orjson.loads(message.value or b"") == {
        "specversion": "1.0",
        "id": "call-1",
        "source": "/crm/calls",
        "type": "voc.feedback.received.v1",
        "time": "2026-11-24T08:15:00Z",
        "partitionkey": "k",
        "datacontenttype": "application/json",
        "data": {"text": "hello"},
    }


def test_data_that_is_not_json_travels_as_base64() -> None:
    body = orjson.loads(
        to_structured(event(data=b"\xff", datacontenttype="image/png")).value or b""
    )
    assert body["data_base64"] == "/w=="
    assert "data" not in body


def test_an_event_without_data_is_no_tombstone() -> None:
    message = to_structured(event(data=None))
    assert message.value is not None
    assert from_kafka(message.value, message.headers) == event(data=None)


@pytest.mark.parametrize(
    "media",
    [
        b"application/cloudevents",
        b"application/cloudevents+json",
        b"application/cloudevents+json; charset=UTF-8",
        b"APPLICATION/CloudEvents+JSON",
    ],
)
def test_the_prefix_of_the_content_type_makes_it_structured_whatever_else_the_headers_say(
    media: bytes,
) -> None:
    found = from_kafka(document(id="inner"), headers(content_type=media, ce_id=b"outer"))
    assert found.id == "inner"


@pytest.mark.parametrize("media", [b"application/json", b"text/plain", b"", b" application/json"])
def test_any_other_content_type_is_binary(media: bytes) -> None:
    value = document(id="inner")
    found = from_kafka(value, headers(content_type=media, ce_id=b"outer"))
    assert (found.id, found.data) == ("outer", value)


@pytest.mark.parametrize("media", [b"application/cloudevents+avro", b"application/cloudevents"])
def test_another_format_than_json_is_refused(media: bytes) -> None:
    with pytest.raises(InvalidMessage) as caught:
        from_kafka(b"Obj\x01avro", headers(content_type=media))
    assert caught.value.code == "bad_structured"


def test_kafka_knows_no_batches() -> None:
    with pytest.raises(InvalidMessage, match="not a JSON object"):
        from_kafka(
            b"[" + document() + b"]", [("content-type", b"application/cloudevents-batch+json")]
        )


def test_a_value_of_an_attribute_may_be_a_string_a_number_or_a_boolean() -> None:
    found = from_structured(document(partitionkey="k", priority=-5, urgent=True, done=False))
    assert found.extensions == {
        "partitionkey": "k",
        "priority": "-5",
        "urgent": "true",
        "done": "false",
    }


def test_a_null_attribute_is_absent() -> None:
    found = from_structured(document(subject=None, time=None, extra=None, datacontenttype=None))
    assert found == from_structured(document())
    assert found.datacontenttype == "application/json"


def test_time_is_read_in_utc() -> None:
    found = from_structured(document(time="2026-11-24T16:15:00+08:00"))
    assert found.time == datetime(2026, 11, 24, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "data"),
    [
        ({}, None),
        ({"data": {"text": "好"}}, '{"text":"好"}'.encode()),
        ({"data": None}, b"null"),
        ({"data": "plain"}, b'"plain"'),
        ({"data": "plain", "datacontenttype": "text/plain"}, b"plain"),
        ({"data": {"a": 1}, "datacontenttype": "text/plain"}, b'{"a":1}'),
        ({"data_base64": base64.b64encode(b"\xff\x00").decode()}, b"\xff\x00"),
    ],
)
def test_data_becomes_bytes_by_its_media_type(
    changes: dict[str, object], data: bytes | None
) -> None:
    assert from_structured(document(**changes)).data == data


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data": 1, "data_base64": "AA=="}, "bad_structured"),
        ({"data_base64": "A"}, "bad_structured"),
        ({"data_base64": "AA=*="}, "bad_structured"),
        ({"data_base64": "é"}, "bad_structured"),
        ({"data_base64": None}, "bad_structured"),
        ({"data_base64": ["AA=="]}, "bad_structured"),
        ({"specversion": "0.3"}, "bad_attribute"),
        ({"specversion": 1.0}, "bad_attribute"),
        ({"specversion": None}, "bad_attribute"),
        ({"id": ""}, "missing_attribute"),
        ({"type": None}, "missing_attribute"),
        ({"time": "2026-11-24"}, "bad_attribute"),
        ({"datacontenttype": 5}, "bad_attribute"),
        ({"datacontenttype": {}}, "bad_attribute"),
        ({"extra": {"a": 1}}, "bad_attribute"),
        ({"extra": [1]}, "bad_attribute"),
        ({"extra": 0.5}, "bad_attribute"),
        ({"camelCase": "1"}, "bad_attribute"),
        ({"": "1"}, "bad_attribute"),
        ({"x\n": "1"}, "bad_attribute"),
    ],
)
def test_a_document_that_is_no_event_is_refused_with_a_stable_code(
    changes: dict[str, object], code: str
) -> None:
    with pytest.raises(InvalidMessage) as caught:
        from_kafka(document(**changes), STRUCTURED)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\xff",
        b"null",
        b'"text"',
        b"{",
        b"[" * 5000 + b"]" * 5000,
        document()[:-1] + b',"x":"\\ud800"}',
        document()[:-1] + b',"x":1e999}',
        # Deeper than can be written back, though not deeper than can be read.
        document()[:-1] + b',"data":' + b"[" * 500 + b"]" * 500 + b"}",
    ],
)
def test_a_value_that_is_no_document_is_refused(value: bytes | None) -> None:
    with pytest.raises(InvalidMessage) as caught:
        from_kafka(value, STRUCTURED)
    assert caught.value.code == "bad_structured"


def test_reading_an_element_of_a_batch_leaves_it_as_it_is() -> None:
    body = {**DOCUMENT, "data": {"a": 1}, "datacontenttype": "application/json"}
    before = dict(body)
    assert from_mapping(body).data == b'{"a":1}'
    assert body == before
