"""Marked text in pieces."""

from hypothesis import given
from hypothesis import strategies as st

from heedful.console.journeys.pieces import Piece, pieces

TEXTS = st.text(max_size=30)
PLACES = st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=6)


def test_places_count_code_points() -> None:
    assert pieces("🚗刹车异响", [(1, 3)]) == [
        Piece("🚗", marked=False),
        Piece("刹车", marked=True),
        Piece("异响", marked=False),
    ]


def test_places_that_overlap_do_not_say_anything_twice() -> None:
    assert pieces("abcdef", [(2, 4), (0, 3)]) == [
        Piece("abc", marked=True),
        Piece("d", marked=True),
        Piece("ef", marked=False),
    ]


@given(TEXTS, PLACES)
def test_the_pieces_are_the_text_and_just_what_was_marked_is(
    text: str, marks: list[tuple[int, int]]
) -> None:
    found = pieces(text, marks)
    assert "".join(one.text for one in found) == text
    assert all(one.text for one in found)
    marked = [one.marked for one in found for _ in one.text]
    assert marked == [any(start <= at < end for start, end in marks) for at in range(len(text))]
