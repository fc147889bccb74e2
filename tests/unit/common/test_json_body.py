"""JSON of strangers: strict, and no deeper than the limit."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.http.json_body import MAX_DEPTH, parse, too_deep
from heedful.common.http.problems import Refused

values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(values, st.integers(0, 6))
def test_depth_is_counted_in_objects_and_lists(value: object, limit: int) -> None:
    assert too_deep(value, limit) is (depth(value) > limit)


@given(values)
def test_what_is_not_deep_is_read_as_ever(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_one_level_too_many_is_refused(opening: bytes, closing: bytes) -> None:
    def nested(levels: int) -> bytes:
        return opening * levels + b"1" + closing * levels

    parse(nested(MAX_DEPTH))
    with pytest.raises(Refused) as caught:
        parse(nested(MAX_DEPTH + 1))
    assert caught.value.problem.status == 422
    assert str(MAX_DEPTH) in caught.value.problem.detail


def test_brackets_in_a_text_are_text() -> None:
    text = "[{" * 500
    assert parse(json.dumps({"text": text}).encode()) == {"text": text}


@pytest.mark.parametrize("levels", [2000, 1_000_000])
def test_no_depth_brings_the_parser_down(levels: int) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        parse(b"[" * levels + b"]" * levels)


@pytest.mark.parametrize("raw", [b"NaN", b"Infinity", b'"\\ud800"', b"{'a': 1}", b"", b"[1,]"])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        parse(raw)
