"""Evidence in a text."""

from hypothesis import given
from hypothesis import strategies as st

from heedful.console.cases.evidence import Piece, pieces

spans = st.tuples(st.integers(-5, 40), st.integers(-5, 40), st.one_of(st.none(), st.integers(1, 4)))


@given(st.text(max_size=30), st.lists(spans, max_size=8))
def test_no_character_is_lost_or_moved(
    text: str, evidence: list[tuple[int, int, int | None]]
) -> None:
    assert "".join(one.text for one in pieces(text, evidence)) == text


@given(st.text(min_size=1, max_size=30), st.lists(spans, max_size=8))
def test_a_character_is_marked_when_some_evidence_covers_it(
    text: str, evidence: list[tuple[int, int, int | None]]
) -> None:
    marked = [one.marked for one in pieces(text, evidence) for _ in one.text]
    expected = [any(start <= at < end for start, end, _ in evidence) for at in range(len(text))]
    assert marked == expected


def test_overlapping_evidence_keeps_every_reason_and_counts_code_points() -> None:
    assert pieces("🚗刹车失灵了", [(1, 5, 1), (3, 6, 2), (0, 1, None)]) == [
        Piece("🚗", True),
        Piece("刹车", True, (1,)),
        Piece("失灵", True, (1, 2), ending=(1,)),
        Piece("了", True, (2,), ending=(2,)),
    ]


def test_evidence_that_lies_side_by_side_is_one_piece() -> None:
    assert pieces("刹车失灵了", [(0, 2, 1), (2, 4, 1)]) == [
        Piece("刹车失灵", True, (1,), ending=(1,)),
        Piece("了"),
    ]
