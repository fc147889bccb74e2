"""Finding many literals at once.

Aho and Corasick, "Efficient string matching" (1975): one pass over the text, whatever the number
of words. A literal that begins or ends with a Latin letter or digit must stand at the edge of a
word there, so that `rude` is not found in `crude`; Chinese has no such edges.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import ahocorasick

Payload = TypeVar("Payload")


@dataclass(frozen=True, slots=True)
class Hit(Generic[Payload]):
    """`text[start:end]` is a literal that carries this payload."""

    start: int
    end: int
    payload: Payload


class Literals(Generic[Payload]):
    """An automaton over literals; built once, read by any number of threads."""

    def __init__(
        self, entries: Iterable[tuple[str, Payload]], prefixes: frozenset[str] = frozenset()
    ) -> None:
        """`prefixes`: these may be the beginning of a longer Latin word."""
        payloads: dict[str, list[Payload]] = {}
        for literal, payload in entries:
            payloads.setdefault(literal, []).append(payload)
        self._automaton = ahocorasick.Automaton()
        for literal, carried in payloads.items():
            edges = (is_latin(literal[0]), is_latin(literal[-1]) and literal not in prefixes)
            self._automaton.add_word(literal, (len(literal), edges, tuple(carried)))
        self._empty = not payloads
        if payloads:
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[Hit[Payload]]:
        """Every occurrence, overlapping ones too, by its end."""
        if self._empty:
            return
        size = len(text)
        for last, (length, edges, carried) in self._automaton.iter(text):
            start, end = last - length + 1, last + 1
            if edges[0] and start > 0 and is_latin(text[start - 1]):
                continue
            if edges[1] and end < size and is_latin(text[end]):
                continue
            for payload in carried:
                yield Hit(start, end, payload)


def is_latin(char: str) -> bool:
    """Whether a character of the normal form is part of a Latin word or a number."""
    return char.isascii() and char.isalnum()


def longest(hits: Iterable[Hit[Payload]]) -> list[Hit[Payload]]:
    """The leftmost, longest, non-overlapping ones, in the order of the text."""
    chosen: list[Hit[Payload]] = []
    free = 0
    for hit in sorted(hits, key=_leftmost_longest):
        if hit.start >= free:
            chosen.append(hit)
            free = hit.end
    return chosen


def _leftmost_longest(hit: Hit[Payload]) -> tuple[int, int]:
    return hit.start, -hit.end
