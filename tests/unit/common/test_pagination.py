"""Cursors: where the next page starts, opaque to the caller."""

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.http import Cursor, Page, Problem

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@given(st.lists(text, min_size=1, max_size=4))
def test_a_cursor_leads_back_to_its_key(key: list[str]) -> None:
    cursor = Cursor.encode(*key)
    assert Cursor.decode(cursor, len(key)) == tuple(key)


@given(st.lists(text, min_size=1, max_size=3))
def test_a_cursor_needs_no_escaping_in_a_url(key: list[str]) -> None:
    assert all(one.isascii() and (one.isalnum() or one in "-_") for one in Cursor.encode(*key))


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "xyz9",
        "not a cursor",
        "游标",
        "\ud800",
        "=" * 5,
        Cursor.encode("2026-11-24", "id-1")[:-3],
        Cursor.encode("one"),
        Cursor.encode("one", "two", "three"),
        Cursor.encode("one", "with\x00nul"),
        _encoded({"a": 1, "b": 2}),
        _encoded(["one", 2]),
        _encoded(["one", None]),
        _encoded("ab"),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_cursor_that_is_not_ours_is_a_problem(cursor: str) -> None:
    with pytest.raises(Problem) as caught:
        Cursor.decode(cursor, 2)
    assert (caught.value.status, caught.value.code) == (400, "bad-cursor")
    assert not cursor or cursor not in caught.value.detail


@given(
    st.text(max_size=60) | st.binary(max_size=30).map(lambda raw: base64.b64encode(raw).decode())
)
def test_any_text_is_a_cursor_or_a_problem(cursor: str) -> None:
    key: tuple[str, ...] = ("", "")
    try:
        key = Cursor.decode(cursor, 2)
    except Problem as problem:
        assert problem.status == 400  # noqa: PT017  # either outcome is right
    assert len(key) == 2


def test_the_last_page_has_no_next_one() -> None:
    assert Page(items=[1, 2]).model_dump() == {"items": [1, 2], "next_cursor": None}
