"""The canonical form is that of RFC 8785, also where orjson writes it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.audit.canonical import canonical, moment

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LARGEST = 2**53 - 1
NUMBERS = st.integers(-LARGEST, LARGEST) | st.floats(-LARGEST, LARGEST)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=6)


@given(OBJECTS)
def test_every_object_has_the_bytes_of_rfc_8785(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(OBJECTS)
def test_what_was_read_again_has_the_same_bytes(value: dict[str, Any]) -> None:
    written = canonical(value)
    assert canonical(orjson.loads(written)) == written


def test_the_example_of_the_rfc() -> None:
    """Section 3.2.2, but for a number that is too large here."""
    value = {
        "numbers": [333333333.33333329, 1e15, 4.5, 2e-3, 0.000000000000000000000000001],
        "string": '€$\x0f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1000000000000000,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize("value", [LARGEST + 1, -1e17, float("nan"), float("inf")])
def test_what_json_cannot_say_exactly_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="as a string"):
        canonical({"value": [value]})


def test_a_moment_is_one_text_in_every_zone() -> None:
    shanghai = datetime(2026, 3, 1, 16, tzinfo=timezone(timedelta(hours=8)))
    assert (
        moment(shanghai) == moment(shanghai.astimezone(UTC)) == "2026-03-01T08:00:00.000000+00:00"
    )
