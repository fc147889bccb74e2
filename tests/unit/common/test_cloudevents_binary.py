"""CloudEvents in Kafka's binary mode (kafka-protocol-binding.md §3.1 and §3.2)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.cloudevents import from_kafka, to_binary
from heedful.common.errors import InvalidMessage
from tests.unit.common.material import event, events, headers, media_types

CHINA = timezone(timedelta(hours=8))
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@given(events(st.none() | st.binary(max_size=50), st.none() | media_types))
def test_what_is_written_is_read_back_whole(written: object) -> None:
    message = to_binary(written)  # type: ignore[arg-type]  # hypothesis gives events
    assert from_kafka(message.value, message.headers) == written


def test_each_attribute_is_one_utf8_header_with_the_prefix() -> None:
    message = to_binary(
        event(
            subject="门店",
            dataschema="https://heedful.dev/schemas/voc.feedback.received.v1",
            extensions={"channel": "call"},
        )
    )
    assert sorted(message.headers) == [
        ("ce_channel", b"call"),
        ("ce_dataschema", b"https://heedful.dev/schemas/voc.feedback.received.v1"),
        ("ce_id", b"call-1"),
        ("ce_source", b"/crm/calls"),
        ("ce_specversion", b"1.0"),
        ("ce_subject", "门店".encode()),
        ("ce_time", b"2026-11-24T08:15:00Z"),
        ("ce_type", b"voc.feedback.received.v1"),
        ("content-type", b"application/json"),
    ]


def test_data_is_the_value_as_it_is() -> None:
    assert to_binary(event(data=b"\x00\xff{", datacontenttype="image/png")).value == b"\x00\xff{"


def test_an_event_without_data_is_a_tombstone_and_one_with_empty_data_is_not() -> None:
    assert to_binary(event(data=None)).value is None
    assert to_binary(event(data=b"")).value == b""
    assert from_kafka(None, headers()).data is None
    assert from_kafka(b"", headers()).data == b""


def test_the_content_type_header_is_the_attribute_datacontenttype() -> None:
    message = to_binary(event(datacontenttype="text/plain; charset=utf-8"))
    assert dict(message.headers)["content-type"] == b"text/plain; charset=utf-8"
    assert "ce_datacontenttype" not in dict(message.headers)
    assert "content-type" not in dict(to_binary(event(datacontenttype=None)).headers)
    assert from_kafka(b"x", headers(content_type=b"text/plain")).datacontenttype == "text/plain"
    assert from_kafka(b"x", headers()).datacontenttype is None


def test_a_sender_that_also_prefixes_datacontenttype_is_understood() -> None:
    both = headers(content_type=b"text/plain", ce_datacontenttype=b"text/html")
    assert from_kafka(b"x", both).datacontenttype == "text/plain"
    prefixed = from_kafka(b"x", headers(ce_datacontenttype=b"text/html"))
    assert prefixed.datacontenttype == "text/html"
    assert prefixed.extensions == {}


def test_partitionkey_is_the_record_key_and_stays_an_attribute() -> None:
    message = to_binary(event(extensions={"partitionkey": "客户-7"}))
    assert message.key == "客户-7".encode()
    assert dict(message.headers)["ce_partitionkey"] == "客户-7".encode()
    assert from_kafka(message.value, message.headers).partition_key == "客户-7"


def test_without_partitionkey_there_is_no_key() -> None:
    assert to_binary(event()).key is None
    assert from_kafka(b"{}", headers()).partition_key is None


def test_traceparent_travels_as_attribute_and_as_the_plain_header() -> None:
    message = to_binary(event(extensions={"traceparent": TRACE}))
    assert dict(message.headers)["ce_traceparent"] == TRACE.encode()
    assert dict(message.headers)["traceparent"] == TRACE.encode()


def test_the_plain_traceparent_header_alone_is_no_attribute() -> None:
    assert from_kafka(b"{}", headers(traceparent=TRACE.encode())).extensions == {}


def test_headers_of_others_are_no_attributes() -> None:
    assert from_kafka(b"{}", headers(x_request_id=b"\xff", cedar=b"1")).extensions == {}


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (datetime(2026, 11, 24, 16, 15, tzinfo=CHINA), b"2026-11-24T08:15:00Z"),
        (datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC), b"2026-01-01T00:00:00.000005Z"),
        (datetime(1, 1, 1, tzinfo=UTC), b"0001-01-01T00:00:00Z"),
    ],
)
def test_time_is_written_in_utc_as_rfc3339(time: datetime, written: bytes) -> None:
    assert dict(to_binary(event(time=time)).headers)["ce_time"] == written


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-24T08:15:00Z", datetime(2026, 11, 24, 8, 15, tzinfo=UTC)),
        ("2026-11-24t08:15:00z", datetime(2026, 11, 24, 8, 15, tzinfo=UTC)),
        ("2026-11-24 16:15:00+08:00", datetime(2026, 11, 24, 8, 15, tzinfo=UTC)),
        ("2026-11-24T08:15:00-00:00", datetime(2026, 11, 24, 8, 15, tzinfo=UTC)),
        ("2026-11-24T08:15:00.5Z", datetime(2026, 11, 24, 8, 15, 0, 500_000, tzinfo=UTC)),
        ("2026-11-24T08:15:00.123456789Z", datetime(2026, 11, 24, 8, 15, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_every_form_of_rfc3339_is_read_and_kept_in_utc(text: str, time: datetime) -> None:
    found = from_kafka(b"{}", headers(ce_time=text.encode())).time
    assert found == time
    assert found is not None
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "1764000000",
        "2026-11-24",
        "2026-11-24T08:15Z",
        "20261124T081500Z",
        "2026-W48-2T08:15:00Z",
        "2026-11-24T08:15:00",
        "2026-11-24T08:15:00+0800",
        "2026-11-24T08:15:00+00:00:30",
        "2026-11-31T08:15:00Z",
        "2026-11-24T25:15:00Z",
        "２０２６-11-24T08:15:00Z",
        "2026-11-24T08:15:00Z\n",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_another_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidMessage, match="'time'") as caught:
        from_kafka(b"{}", headers(ce_time=text.encode()))
    assert caught.value.code == "bad_attribute"


@pytest.mark.parametrize("name", ["", "Case", "under_score", "da-sh", "ä", "x\n", "x y", "٣"])
def test_a_name_is_lower_case_letters_and_digits(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be an extension"):
        to_binary(event(extensions={name: "1"}))
    if name != "Case":  # header names are read without regard to case
        with pytest.raises(InvalidMessage, match="lower-case letters and digits") as caught:
            from_kafka(b"{}", [*headers(), (f"ce_{name}", b"1")])
        assert caught.value.code == "bad_attribute"


@pytest.mark.parametrize("name", ["id", "specversion", "datacontenttype", "time", "data"])
def test_an_extension_cannot_take_a_name_of_the_specification(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be an extension"):
        to_binary(event(extensions={name: "1"}))


def test_header_names_are_read_without_regard_to_case() -> None:
    shouted = [(name.upper(), value) for name, value in headers(content_type=b"text/plain")]
    assert from_kafka(b"x", shouted) == from_kafka(b"x", headers(content_type=b"text/plain"))


def test_of_repeated_headers_the_last_counts() -> None:
    assert from_kafka(b"{}", [*headers(), ("ce_id", b"call-2")]).id == "call-2"


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"ce_specversion": None}, "not_cloudevent", "ce_specversion"),
        ({"ce_specversion": b"0.3"}, "bad_attribute", "specversion"),
        ({"ce_specversion": b""}, "bad_attribute", "specversion"),
        ({"ce_id": None}, "missing_attribute", "'id'"),
        ({"ce_source": b""}, "missing_attribute", "'source'"),
        ({"ce_type": None}, "missing_attribute", "'type'"),
        ({"ce_id": b"\xff"}, "bad_attribute", "ce_id"),
        ({"ce_extra": b"\xc3"}, "bad_attribute", "ce_extra"),
        ({"content_type": b"\xff"}, "bad_attribute", "content-type"),
        ({"ce_data": b"{}"}, "bad_attribute", "'data'"),
    ],
)
def test_a_record_that_is_no_event_is_refused_with_a_stable_code(
    changes: dict[str, bytes | None], code: str, said: str
) -> None:
    with pytest.raises(InvalidMessage, match=said) as caught:
        from_kafka(b"{}", headers(**changes))
    assert caught.value.code == code


def test_a_record_without_headers_is_no_event() -> None:
    with pytest.raises(InvalidMessage) as caught:
        from_kafka(b'{"text":"hello"}', [])
    assert caught.value.code == "not_cloudevent"
