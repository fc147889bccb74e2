"""CloudEvents for the codec's tests."""

import string
from datetime import UTC, datetime, timedelta, timezone

import orjson
from hypothesis import strategies as st

from heedful.common.cloudevents import STRUCTURED_PREFIX, CloudEvent, Headers

ATTRIBUTES = frozenset(
    {"specversion", "id", "source", "type", "time", "subject", "dataschema", "datacontenttype"}
)
REQUIRED: dict[str, bytes] = {
    "ce_specversion": b"1.0",
    "ce_id": b"call-1",
    "ce_source": b"/crm/calls",
    "ce_type": b"voc.feedback.received.v1",
}
DOCUMENT: dict[str, object] = {
    "specversion": "1.0",
    "id": "call-1",
    "source": "/crm/calls",
    "type": "voc.feedback.received.v1",
}

# Every character that UTF-8 can carry.
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001  # hypothesis adds the offset
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=offsets,
)
names = (
    st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
    .filter(lambda name: name not in ATTRIBUTES)
    .filter(lambda name: name != "data")
)
extensions = st.dictionaries(
    st.sampled_from(["partitionkey", "traceparent", "tracestate"]) | names, words, max_size=4
)
media_types = words.filter(lambda media: not media.lower().startswith(STRUCTURED_PREFIX))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


def events(
    data: st.SearchStrategy[bytes | None], media: st.SearchStrategy[str | None]
) -> st.SearchStrategy[CloudEvent]:
    """Events that may be written."""
    return st.builds(
        CloudEvent,
        id=words,
        source=words,
        type=words,
        data=data,
        time=st.none() | times,
        subject=st.none() | words,
        dataschema=st.none() | words,
        datacontenttype=media,
        extensions=extensions,
    )


def event(**changes: object) -> CloudEvent:
    """A plain event with JSON data."""
    given: dict[str, object] = {
        "id": "call-1",
        "source": "/crm/calls",
        "type": "voc.feedback.received.v1",
        "data": b'{"text":"hello"}',
        "time": datetime(2026, 11, 24, 8, 15, tzinfo=UTC),
        **changes,
    }
    return CloudEvent(**given)  # type: ignore[arg-type]  # the tests give what fits


def headers(**changes: bytes | None) -> Headers:
    """Headers of a binary event; None leaves one out, `content_type` is the header's name."""
    found = {**REQUIRED, **changes}
    return [
        (name.replace("content_type", "content-type"), value)
        for name, value in found.items()
        if value is not None
    ]


def document(**changes: object) -> bytes:
    """A structured event; a name given as None is JSON null."""
    return orjson.dumps({**DOCUMENT, **changes})
