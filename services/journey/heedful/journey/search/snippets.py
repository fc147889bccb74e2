"""The part of a text that was asked for, with the places that say so. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from heedful.journey.search.terms import Run, runs

SNIPPET_CHARS: Final = 160
_BEFORE: Final = 30
_ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True)
class Snippet:
    """`marks`: half-open places in `text`, in their order, apart from each other."""

    text: str
    marks: tuple[tuple[int, int], ...]


def snippet(text: str, terms: Sequence[str]) -> Snippet:
    """The part of a text where the most of what was asked for stands together.

    A Chinese term that does not stand there as a whole is marked where pairs of its characters do.
    """
    places = _joined(_places(text, terms))
    start = _best(places)
    end = min(len(text), start + SNIPPET_CHARS)
    start = max(0, end - SNIPPET_CHARS)
    head = _ELLIPSIS if start else ""
    tail = _ELLIPSIS if end < len(text) else ""
    shift = len(head) - start
    marks = tuple(
        (max(first, start) + shift, min(last, end) + shift)
        for first, last in places
        if first < end and last > start
    )
    return Snippet(f"{head}{text[start:end]}{tail}", marks)


def found(text: str, terms: Sequence[str]) -> list[str]:
    """Those of the terms that stand in a text, or of which a part does."""
    own = list(runs(text))
    return [term for term in terms if any(True for run in own for _ in _in_run(run, [term]))]


def _places(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    return [place for run in runs(text) for place in _in_run(run, terms)]


def _in_run(run: Run, terms: Sequence[str]) -> Iterator[tuple[int, int]]:
    if not run.cjk:
        if run.term in terms:
            yield run.start, run.end
        return
    for term in terms:
        parts = [term] if term in run.text else [term[at : at + 2] for at in range(len(term) - 1)]
        for part in parts:
            at = run.text.find(part)
            while at >= 0:
                yield run.places[at], run.places[at + len(part) - 1] + 1
                at = run.text.find(part, at + 1)


def _joined(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(places):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _best(places: Sequence[tuple[int, int]]) -> int:
    """Where the window begins that shows the most marked characters, the first of equal ones."""
    best, most = 0, -1
    for first, _ in places:
        start = max(0, first - _BEFORE)
        shown = sum(
            min(last, start + SNIPPET_CHARS) - one
            for one, last in places
            if start <= one < start + SNIPPET_CHARS
        )
        if shown > most:
            best, most = start, shown
    return best
