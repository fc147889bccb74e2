"""Names for groups of texts: the terms that they have and other texts do not."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from typing import Final

TERMS: Final = 3
"""In a name."""
_SHORTEST, _LONGEST = 2, 6
"""Characters of a Chinese term. Chinese is not split into words; pieces of it stand for them."""
_MOST_CHARS = 300
"""Of a text that is looked at."""
_SAME = 0.8
"""A longer term that so many of the texts with the shorter one have says the same, and more."""

_HAN = re.compile(r"[一-鿿]+")
_WORD = re.compile(r"[a-z][a-z'-]+")


def names(groups: Sequence[Sequence[str]], others: Sequence[str]) -> list[str]:
    """A name of each group of texts, told from the other groups and from `others`.

    Class-based TF-IDF (Grootendorst, BERTopic, arXiv:2203.05794, section 3.3) over texts that have
    a term: share of the group times log(1 + A / f), f being how many texts of all classes have
    it and A the mean size of a class.
    """
    within = [_having(group) for group in groups]
    everywhere = _having(others)
    for counts in within:
        everywhere = everywhere + counts
    size = (sum(map(len, groups)) + len(others)) / (len(groups) + 1)
    return [
        _name(counts, len(group), everywhere, size)
        for counts, group in zip(within, groups, strict=True)
    ]


def _name(within: Counter[str], texts: int, everywhere: Counter[str], size: float) -> str:
    def weight(term: str) -> tuple[float, int, str]:
        return within[term] / texts * log(1 + size / everywhere[term]), len(term), term

    chosen: list[str] = []
    common = [term for term, count in within.items() if count > 1 or texts == 1]
    for term in sorted(common, key=weight, reverse=True):
        longest = _longest(term, within)
        if not any(longest in other or other in longest for other in chosen):
            chosen.append(longest)
        if len(chosen) == TERMS:
            break
    return " · ".join(chosen)


def _longest(term: str, within: Counter[str]) -> str:
    if not _HAN.fullmatch(term):
        return term
    enough = max(_SAME * within[term], 2)
    longer = [other for other, count in within.items() if term in other and count >= enough]
    return max(longer, key=lambda other: (len(other), within[other], other), default=term)


def _having(texts: Iterable[str]) -> Counter[str]:
    """How many of the texts have each term."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(_terms(text[:_MOST_CHARS].lower())))
    return found


def _terms(text: str) -> Iterable[str]:
    for run in _HAN.findall(text):
        for length in range(_SHORTEST, min(_LONGEST, len(run)) + 1):
            for start in range(len(run) - length + 1):
                yield run[start : start + length]
    yield from _WORD.findall(text)
