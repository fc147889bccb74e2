"""A dead letter is the record as it was, and why it is dead."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.bus import Header, LogRecord
from heedful.common.bus.limits import ENVELOPE_BYTES
from heedful.common.errors import InvalidMessage
from heedful.common.runtime.deadletter import DIAGNOSTIC_HEADERS, dead_letter
from heedful.common.version import service_version

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
REASON = InvalidMessage("bad_payload", "score: Input should be less than or equal to 10")
NAMES = st.text(max_size=10).filter(lambda name: name not in DIAGNOSTIC_HEADERS)


def record(
    headers: tuple[Header, ...] = (), key: bytes | None = b"k", value: bytes | None = b"v"
) -> LogRecord:
    return LogRecord("heedful.x.v1", 3, 42, 1_700_000_000_123, key, value, headers)


def test_it_says_what_failed_where_when_and_how_often() -> None:
    letter = dead_letter(record(), REASON, group="nlp", attempts=2, failed_at=NOW)
    assert letter.topic == "heedful.x.v1.dlq"
    assert dict(letter.headers) == {
        "error_name": b"bad_payload",
        "error_message": b"score: Input should be less than or equal to 10",
        "failed_at": b"2026-03-01T12:30:00+00:00",
        "source_topic": b"heedful.x.v1",
        "source_partition": b"3",
        "source_offset": b"42",
        "source_timestamp": b"1700000000123",
        "consumer_group": b"nlp",
        "service_version": service_version().encode(),
        "attempts": b"2",
    }
    assert tuple(name for name, _ in letter.headers) == DIAGNOSTIC_HEADERS


@given(
    key=st.none() | st.binary(),
    value=st.none() | st.binary(),
    headers=st.lists(st.tuples(NAMES, st.binary())).map(tuple),
)
def test_key_value_and_headers_are_untouched(
    key: bytes | None, value: bytes | None, headers: tuple[Header, ...]
) -> None:
    """Not decoded, not reordered, repeated names and all."""
    letter = dead_letter(record(headers, key, value), REASON, group="g", attempts=1, failed_at=NOW)
    assert (letter.key, letter.value) == (key, value)
    assert letter.headers[: len(headers)] == headers
    assert len(letter.headers) == len(headers) + len(DIAGNOSTIC_HEADERS)


def test_a_replayed_record_keeps_its_replay_count_and_loses_its_older_diagnostics() -> None:
    first = dead_letter(record((("ce_id", b"1"),)), REASON, group="old", attempts=1, failed_at=NOW)
    replayed = record((*first.headers, ("dlq_replay_count", b"2")))
    again = dead_letter(
        replayed, InvalidMessage("no_data", "empty"), group="new", attempts=1, failed_at=NOW
    )
    names = [name for name, _ in again.headers]
    assert len(names) == len(set(names))
    headers = dict(again.headers)
    assert headers["ce_id"] == b"1"
    assert headers["dlq_replay_count"] == b"2"
    assert (headers["error_name"], headers["consumer_group"]) == (b"no_data", b"new")


@pytest.mark.parametrize("message", ["x" * 10_000, "错" * 10_000, "broken \ud800 text"])
def test_a_long_or_broken_message_cannot_make_the_letter_too_large(message: str) -> None:
    letter = dead_letter(
        record(), InvalidMessage("c", message), group="g", attempts=1, failed_at=NOW
    )
    told = dict(letter.headers)["error_message"]
    assert 0 < len(told) <= 500
    told.decode()
    assert sum(len(name) + len(held) for name, held in letter.headers) < ENVELOPE_BYTES
