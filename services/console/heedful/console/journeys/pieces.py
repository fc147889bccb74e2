"""Text with marked places, cut up so that a template needs no markup in it."""

from collections.abc import Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    text: str
    marked: bool


def pieces(text: str, marks: Sequence[tuple[int, int]]) -> list[Piece]:
    """The text in order, whole; places are half-open, in code points.

    Places that overlap are one; what lies outside of the text is not marked.
    """
    found: list[Piece] = []
    done = 0
    for start, end in sorted(marks):
        start, end = max(start, done), min(end, len(text))
        if start >= end:
            continue
        if start > done:
            found.append(Piece(text[done:start], marked=False))
        found.append(Piece(text[start:end], marked=True))
        done = end
    if done < len(text):
        found.append(Piece(text[done:], marked=False))
    return found
