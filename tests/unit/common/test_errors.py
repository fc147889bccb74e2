"""The error tree: what the runtime and the HTTP layer decide by."""

import pytest

from heedful.common.bus.base import StaleAssignment
from heedful.common.db.engine import DatabaseUnavailable
from heedful.common.errors import (
    BusUnavailable,
    ConfigurationError,
    Fatal,
    HeedfulError,
    InvalidMessage,
    RecordTooLarge,
    Retryable,
    UnknownTopic,
)
from heedful.common.http import Problem

LEAVES = [
    ConfigurationError("x"),
    InvalidMessage("code", "x"),
    Retryable("x"),
    BusUnavailable("x"),
    DatabaseUnavailable("x"),
    UnknownTopic("t"),
    RecordTooLarge("t", 2, 1),
    Fatal("x"),
    StaleAssignment("x"),
    Problem(400, "code", "x"),
]


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: type(error).__name__)
def test_every_error_of_ours_has_one_base(error: Exception) -> None:
    assert isinstance(error, HeedfulError)
    assert str(error)


def test_only_what_may_pass_by_itself_is_tried_again() -> None:
    assert {type(error) for error in LEAVES if isinstance(error, Retryable)} == {
        Retryable,
        BusUnavailable,
        DatabaseUnavailable,
    }


def test_an_invalid_message_has_a_code_beside_its_text() -> None:
    error = InvalidMessage("bad_payload", "text: Field required")
    assert (error.code, str(error)) == ("bad_payload", "text: Field required")


def test_an_unknown_topic_says_how_to_make_it() -> None:
    error = UnknownTopic("heedful.x.v1")
    assert "'heedful.x.v1'" in str(error)
    assert "heedful topics create" in str(error)
    assert error.topic == "heedful.x.v1"


def test_a_record_that_is_too_large_says_how_large_it_may_be() -> None:
    error = RecordTooLarge("heedful.x.v1", 2_000, 1_000)
    assert all(part in str(error) for part in ("2000", "1000", "heedful.x.v1"))
    assert (error.topic, error.size, error.limit) == ("heedful.x.v1", 2_000, 1_000)
