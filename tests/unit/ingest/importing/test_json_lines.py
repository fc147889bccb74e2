"""JSON lines."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.importing.records import Unreadable
from tests.unit.ingest.importing.material import LIMITS, read_all


def lines(*objects: object) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else orjson.dumps(one) for one in objects)


GOOD = {"text": "慢", "created_at": "2026-11-24T08:15:00+08:00"}


def test_objects_within_are_columns_with_dots() -> None:
    found = read_all(
        lines(
            {
                **GOOD,
                "user": {"id": 7, "contact": {"email": "a@example.com"}},
                "identifiers": [{"type": "phone", "value": "13900001234"}],
                "score": {"kind": "stars", "value": 4},
                "tags": ["slow", "cold"],
            },
            {**GOOD, "tags": [{"x": 1}], "late": "first seen here"},
        )
    )
    assert found.proposal.layout.columns[2:6] == (
        "user.id",
        "user.contact.email",
        "identifiers.phone",
        "score.kind",
    )
    posted = found.items[0].posted
    assert {one.type.value: one.value for one in posted.identifiers} == {
        "customer_id": "7",
        "email": "a@example.com",
        "phone": "13900001234",
    }
    assert posted.score is not None
    assert posted.score.value == 4
    assert posted.attributes == {"tags": "slow; cold"}
    assert "tags: holds a list of objects" in found.details[2]


def test_lines_that_are_no_objects_are_told_and_the_others_taken() -> None:
    long = lines({**GOOD, "text": "x" * 100_001})
    found = read_all(lines(GOOD, b"{broken", b"", b"[1]", b"null", b"\xff", long, GOOD))
    assert [item.number for item in found.items] == [1, 8]
    assert [found.details[number][:8] for number in (2, 4, 5, 6)] == [
        "not JSON",
        "not a JS",
        "not a JS",
        "not JSON",
    ]
    assert "longer than 100,000" in found.details[7]


def test_a_mark_at_the_beginning_is_no_fault() -> None:
    assert read_all(b"\xef\xbb\xbf" + lines(GOOD)).texts == ["慢"]


def test_a_line_without_end_is_skipped_in_little_memory() -> None:
    limits = replace(LIMITS, row_chars=1000)
    found = read_all(lines(GOOD, b'{"text": "' + b"a" * 50_000 + b'"}', GOOD), limits=limits)
    assert found.details == {2: "the line is too long"}
    assert [item.number for item in found.items] == [1, 3]


def test_objects_that_are_too_deep_or_too_wide() -> None:
    deep: object = "x"
    for _ in range(20):
        deep = {"in": deep}
    found = read_all(lines(GOOD, {**GOOD, "user": deep}))
    assert len(found.items) == 2
    with pytest.raises(Unreadable, match="more than 200 members"):
        read_all(lines({f"k{number}": 1 for number in range(300)}))


def test_members_that_no_column_can_be_called_after_are_left_out() -> None:
    found = read_all(lines({**GOOD, "": "x", "a\0b": "y", "n" * 300: "z"}))
    assert found.proposal.layout.columns == ("text", "created_at")
    assert found.texts == ["慢"]


def test_no_object_at_all() -> None:
    with pytest.raises(Unreadable, match="no line is a JSON object"):
        read_all(b"{broken\n{too\n")


@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=6), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=4,
    )
)
def test_any_json_is_read_or_told(values: list[object]) -> None:
    written = [orjson.dumps(value, default=str) for value in values if _writable(value)]
    found = read_all(lines(GOOD, *written))
    assert found.items[0].posted.text == "慢"


def _writable(value: object) -> bool:
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True
