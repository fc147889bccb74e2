"""Pages of a timeline: positions, ranges, beginnings of texts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.http import Cursor, Problem
from heedful.journey.timeline import SNIPPET_CHARS, Position, check_range, snippet
from tests.unit.journey.material import at

TIMES = st.datetimes(timezones=st.just(UTC))
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@given(TIMES, TIMES, NAMES, st.sampled_from(["feedback", "interaction"]), NAMES)
def test_a_cursor_brings_back_its_position(
    occurred: datetime, received: datetime, event_id: str, kind: str, source: str
) -> None:
    position = Position(occurred, received, event_id, kind, source)
    assert Position.read(position.cursor()) == position


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "é",
        Cursor.encode("a"),
        Cursor.encode("not a time", "2026-01-01T00:00:00+00:00", "i", "feedback", "s"),
        Cursor.encode("2026-01-01T00:00:00+00:00", "x", "i", "feedback", "s"),
        Cursor.encode("0001-01-01T00:00:00+14:00", "x", "i", "feedback", "s"),
        Cursor.encode("9999-12-31T23:00:00-14:00", "x", "i", "feedback", "s"),
    ],
)
def test_a_cursor_of_something_else_is_the_callers_mistake(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        Position.read(cursor)
    assert (refused.value.status, refused.value.code) == (400, "bad-cursor")


def test_a_range_includes_its_beginning_and_not_its_end() -> None:
    check_range(None, None)
    check_range(at(1), None)
    check_range(at(1), at(2))
    for since, until in ((at(1), at(1)), (at(2), at(1))):
        with pytest.raises(Problem) as refused:
            check_range(since, until)
        assert refused.value.status == 400


def test_a_long_text_shows_its_beginning() -> None:
    assert snippet(None) is None
    assert snippet("好" * SNIPPET_CHARS) == "好" * SNIPPET_CHARS
    assert snippet("好" * (SNIPPET_CHARS + 1)) == "好" * (SNIPPET_CHARS - 1) + "…"
    assert snippet("a" * 100 + " " * 200) == "a" * 100 + "…"
