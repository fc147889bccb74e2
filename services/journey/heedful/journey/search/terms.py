"""The terms of a text, with their places. Pure.

Chinese has no spaces, so its terms are pairs of neighbouring characters, by which any word and any
phrase is found without a dictionary (Nie & Ren, "Chinese information retrieval: using characters or
words?", 1999: about as good as words). Words of other scripts are folded, and lose the plural of
English by the S-stemmer (Harman, "How effective is suffixing?", 1991).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MOST_CHARS: Final = 10_000
"""Of a longer text the beginning is found."""
_MOST_WORD_CHARS: Final = 64

_CJK: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN: Final = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>[^\W_{_CJK}]+)")


@dataclass(frozen=True, slots=True)
class Term:
    """Characters without a break, folded: Chinese ones, or a word."""

    text: str
    cjk: bool

    @property
    def term(self) -> str:
        """Of a word: what it is found by."""
        return singular(self.text)[:_MOST_WORD_CHARS]

    @property
    def pairs(self) -> list[str]:
        """Of Chinese characters: each two neighbours."""
        return [self.text[at : at + 2] for at in range(len(self.text) - 1)]


@dataclass(frozen=True, slots=True)
class Run(Term):
    """Attributes:
    start, end: its place in the text as it was given, half-open.
    places: of each of its characters.
    """

    start: int
    end: int
    places: tuple[int, ...]


def terms(text: str) -> Iterator[Term]:
    """The terms of a text in their order, in the compatibility form (NFKC) and without case."""
    for match in _RUN.finditer("".join(map(_folded, text[:MOST_CHARS]))):
        yield Term(match.group(), match["cjk"] is not None)


def runs(text: str) -> Iterator[Run]:
    """The same with their places."""
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text[:MOST_CHARS]):
        for one in _folded(char):
            folded.append(one)
            places.append(place)
    for match in _RUN.finditer("".join(folded)):
        own = tuple(places[match.start() : match.end()])
        yield Run(match.group(), match["cjk"] is not None, own[0], own[-1] + 1, own)


@lru_cache(maxsize=16_384)
def _folded(char: str) -> str:
    return unicodedata.normalize("NFKC", char).casefold()


def singular(word: str) -> str:
    """An English word without its plural, and whatever else as it is."""
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("us", "ss")) and len(word) > 1:
        return word[:-1]
    return word
