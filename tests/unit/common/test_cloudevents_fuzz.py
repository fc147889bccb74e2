"""Whatever a record holds: an event, or an InvalidMessage that tells nothing of the payload."""

from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heedful.common.cloudevents import from_kafka, to_binary
from heedful.common.errors import InvalidMessage
from tests.unit.common.material import DOCUMENT, REQUIRED, document, headers, json_values

CODES = {"not_cloudevent", "missing_attribute", "bad_attribute", "bad_structured"}
SECRET = "张三13900001234"
STRUCTURED = b"application/cloudevents+json"

known_headers = st.sampled_from([*REQUIRED, "ce_time", "ce_data", "ce_", "content-type", "CE_ID"])
header_values = st.sampled_from([b"1.0", b"1", b"2026-11-24T08:15:00Z", STRUCTURED]) | st.binary(
    max_size=12
)
any_headers = st.lists(
    st.tuples(known_headers | st.text(max_size=8).map(lambda name: f"ce_{name}"), header_values),
    max_size=9,
)
any_document = st.dictionaries(
    st.sampled_from([*DOCUMENT, "time", "data", "data_base64", "datacontenttype", "subject"])
    | st.text(max_size=6),
    json_values,
    max_size=6,
).map(lambda changes: orjson.dumps({**DOCUMENT, **changes}))
any_value = st.none() | st.binary(max_size=40) | json_values.map(orjson.dumps) | any_document


@given(any_value, any_headers)
@example(None, [])
def test_any_record_is_an_event_or_an_invalid_message(
    value: bytes | None, given_headers: list[tuple[str, bytes]]
) -> None:
    _read(value, given_headers)


@given(any_value, any_headers)
def test_any_record_with_the_required_headers_is_an_event_or_an_invalid_message(
    value: bytes | None, given_headers: list[tuple[str, bytes]]
) -> None:
    _read(value, [*headers(), *given_headers])


@given(any_document | st.binary(max_size=40))
def test_any_structured_record_is_an_event_or_an_invalid_message(value: bytes) -> None:
    _read(value, [("content-type", STRUCTURED)])


def _read(value: bytes | None, given_headers: list[tuple[str, bytes]]) -> None:
    found, code = None, None
    try:
        found = from_kafka(value, given_headers)
    except InvalidMessage as error:
        code = error.code
    if found is None:
        assert code in CODES
    else:
        assert all((found.id, found.source, found.type))
        # What can be read can be passed on.
        to_binary(found)


def _bad(**changes: Any) -> tuple[bytes, list[tuple[str, bytes]]]:
    return document(**changes), [("content-type", STRUCTURED)]


@pytest.mark.parametrize(
    ("value", "given_headers"),
    [
        (SECRET.encode(), []),
        (SECRET.encode(), [("content-type", STRUCTURED)]),
        (b'{"' + SECRET.encode(), [("content-type", STRUCTURED)]),
        (orjson.dumps(SECRET), [("content-type", STRUCTURED)]),
        (b"{}", headers(ce_specversion=SECRET.encode())),
        (b"{}", headers(ce_time=SECRET.encode())),
        (b"{}", headers(ce_extra=SECRET.encode() + b"\xff")),
        (b"{}", [*headers(), (f"ce_{SECRET}", b"1")]),
        (b"{}", [*headers(), (f"ce_{SECRET}", b"\xff")]),
        _bad(time=SECRET),
        _bad(specversion=SECRET),
        _bad(data_base64=SECRET),
        _bad(extra=[SECRET]),
        _bad(datacontenttype=[SECRET]),
        _bad(**{SECRET: 1}),
        _bad(**{SECRET: [1]}),
        # Digits alone are a proper name of an attribute, and a phone number.
        _bad(**{"13900001234": [1]}),
        _bad(data=1, data_base64=SECRET),
    ],
)
def test_the_message_tells_nothing_of_the_payload(
    value: bytes, given_headers: list[tuple[str, bytes]]
) -> None:
    with pytest.raises(InvalidMessage) as caught:
        from_kafka(value, given_headers)
    said = str(caught.value)
    assert "13900001234" not in said
    assert "张三" not in said
    assert said


def test_the_message_names_the_attribute_that_a_program_got_wrong() -> None:
    with pytest.raises(InvalidMessage, match="customerId"):
        from_kafka(document(customerId="1"), [("content-type", STRUCTURED)])
