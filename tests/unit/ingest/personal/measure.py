"""How well the rules find personal data in the made-up sentences.

    .venv/bin/python -m tests.unit.ingest.personal.measure [tune|held] [--misses]

prints precision and recall by type with Wilson's 95 % intervals.
"""

import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from heedful.ingest.redaction.finding import Found, find
from tests.unit.ingest.personal.sentences import HELD, TUNE, Sentence, Span, sentences, wordings

_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `of`."""

    right: int
    of: int

    @property
    def value(self) -> float:
        return self.right / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval, 95 % (E. B. Wilson, 1927)."""
        if not self.of:
            return 0.0, 1.0
        share, count = self.value, self.of
        middle = share + _Z**2 / (2 * count)
        half = _Z * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
        whole = 1 + _Z**2 / count
        return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one type.

    Attributes:
        precision: of what was found, what is of this type at exactly this place.
        recall: of what there is, what was found at exactly its place and as its type.
        covered: of what there is, what no character of is left, whatever it was taken for.
    """

    type: str
    precision: Share
    recall: Share
    covered: Share


@dataclass(slots=True)
class _Counts:
    found: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    covered: Counter[str] = field(default_factory=Counter)


def measure(of: Sequence[Sentence]) -> list[Measured]:
    """One for each type, and `all`."""
    counts = _Counts()
    for sentence in of:
        found = find(sentence.text)
        places = {(one.start, one.end, one.kind.value) for one in found}
        for one in found:
            counts.found[one.kind.value] += 1
        for span in sentence.spans:
            counts.there[span.type] += 1
            counts.right[span.type] += (span.start, span.end, span.type) in places
            counts.covered[span.type] += _covered(span, found)
    types = sorted(counts.there | counts.found)
    return [
        *(
            Measured(
                kind,
                Share(counts.right[kind], counts.found[kind]),
                Share(counts.right[kind], counts.there[kind]),
                Share(counts.covered[kind], counts.there[kind]),
            )
            for kind in types
        ),
        Measured(
            "all",
            Share(counts.right.total(), counts.found.total()),
            Share(counts.right.total(), counts.there.total()),
            Share(counts.covered.total(), counts.there.total()),
        ),
    ]


def untouched(of: Sequence[Sentence]) -> Share:
    """The sentences without personal data that came out as they went in."""
    impersonal = [one for one in of if not one.spans]
    return Share(sum(not find(one.text) for one in impersonal), len(impersonal))


def _covered(span: Span, found: Sequence[Found]) -> bool:
    left = set(range(span.start, span.end))
    for one in found:
        left -= set(range(one.start, one.end))
    return not left


def _misses(of: Sequence[Sentence]) -> None:
    for sentence in of:
        found = {(one.start, one.end, one.kind.value) for one in find(sentence.text)}
        there = {(one.start, one.end, one.type) for one in sentence.spans}
        if found != there:
            shown = [
                f"{sign}{kind}:{sentence.text[start:end]}"
                for sign, places in (("-", there - found), ("+", found - there))
                for start, end, kind in sorted(places)
            ]
            print(repr(sentence.text), *shown, sep="   ")  # noqa: T201  # a command


def _table(part: str) -> None:
    made = sentences(part)
    clean = untouched(made)
    print(f"{part}: {len(made):,} sentences of {len(wordings(part))} wordings\n")  # noqa: T201
    print("| type | precision | n | recall | n | nothing left |\n|---|---|---|---|---|---|")  # noqa: T201
    for one in measure(made):
        cells = (one.type, _shown(one.precision), one.precision.of, _shown(one.recall),
                 one.recall.of, f"{one.covered.value:.3f}")  # fmt: skip
        print("|", " | ".join(map(str, cells)), "|")  # noqa: T201
    print(f"\n{clean.right} of {clean.of} without personal data are untouched: {_shown(clean)}")  # noqa: T201


def _shown(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.3f} ({low:.3f}-{high:.3f})"


def main() -> None:
    parts = [one for one in sys.argv[1:] if one in (TUNE, HELD)] or [TUNE, HELD]
    for part in parts:
        _table(part)
        if "--misses" in sys.argv:
            _misses(sentences(part))


if __name__ == "__main__":
    main()
