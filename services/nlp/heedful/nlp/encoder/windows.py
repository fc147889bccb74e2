"""Long texts in overlapping windows, each piece read where it has the most text around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LENGTH: Final = 126
"""Pieces of a window. The encoder has places for 510, but a sentence that matters is lost among so
many: a fire among sixty calm sentences was heard with 0.12 in windows of 510, 0.66 in windows of
190 and 0.98 in these. Aspects of restaurants lose a point of F1."""

OVERLAP: Final = 32


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces `start` to `end` are read together; for `first` to `last` this window is the best."""

    start: int
    end: int
    first: int
    last: int


def windows(count: int, length: int = LENGTH, overlap: int = OVERLAP) -> list[Window]:
    """The windows over so many pieces; every piece has exactly one best window.

    Raises:
        ValueError: windows would not advance.
    """
    if not 0 <= overlap < length:
        raise ValueError(f"overlap {overlap} of windows of {length}")
    starts = [0]
    while starts[-1] + length < count:
        starts.append(starts[-1] + length - overlap)
    # The last window is moved back to be full: its pieces have more to lean on.
    if len(starts) > 1:
        starts[-1] = count - length
    ends = [min(start + length, count) for start in starts]
    borders = [0, *_borders(starts, ends), count]
    return [
        Window(start, end, borders[number], borders[number + 1])
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def _borders(starts: Sequence[int], ends: Sequence[int]) -> list[int]:
    """The middle of each overlap."""
    return [(start + end) // 2 for start, end in zip(starts[1:], ends, strict=False)]
