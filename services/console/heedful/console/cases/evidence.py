"""A text cut at its evidence. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a text.

    Attributes:
        marked: it is evidence.
        reasons: numbers of the reasons that it shows, from 1.
        ending: those of them that the next piece does not show.
    """

    text: str
    marked: bool = False
    reasons: tuple[int, ...] = ()
    ending: tuple[int, ...] = ()


def pieces(text: str, evidence: Iterable[tuple[int, int, int | None]]) -> list[Piece]:
    """The text in its order, cut where evidence begins and ends: overlaps keep every reason.

    Args:
        evidence: start and end, half-open, in code points, and the number of a reason or None;
            what lies outside of the text is left out.
    """
    spans = [
        (max(start, 0), min(end, len(text)), reason)
        for start, end, reason in evidence
        if start < end and start < len(text) and end > 0
    ]
    cuts = sorted({0, len(text), *(one for start, end, _ in spans for one in (start, end))})
    found: list[Piece] = []
    for start, end in pairwise(cuts):
        over = [reason for first, last, reason in spans if first <= start and end <= last]
        reasons = tuple(sorted({one for one in over if one is not None}))
        if found and (found[-1].marked, found[-1].reasons) == (bool(over), reasons):
            start -= len(found.pop().text)
        found.append(Piece(text[start:end], bool(over), reasons))
    after: list[tuple[int, ...]] = [*(one.reasons for one in found[1:]), ()]
    return [
        replace(one, ending=tuple(n for n in one.reasons if n not in following))
        for one, following in zip(found, after, strict=False)
    ]
