"""Opinion words in context: what is praised or blamed, after negation, wishes and irony.

The order of work follows Taboada et al., "Lexicon-Based Methods for Sentiment Analysis" (2011):
words with weights, shifted by negators and intensifiers inside the clause.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from pydantic import Field, model_validator

from heedful.nlp.matching import Hit, Literals, longest
from heedful.nlp.resources import DataError, DataModel
from heedful.nlp.text import Clause, Text

_STRONG: Final = 2.0
_PLAIN: Final = 1.0
_MILD: Final = 0.5
_NEGATED: Final = 0.8
_INTENSIFIED: Final = 1.4
_DIMINISHED: Final = 0.6
# How far back a negator reaches, in characters of the normal form.
_REACH_HAN: Final = 6
_REACH_LATIN: Final = 28
_HINTS: Final = 2


class Strengths(DataModel):
    strong: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    mild: tuple[str, ...] = ()

    def weighted(self) -> Iterator[tuple[str, float]]:
        for words, weight in ((self.strong, _STRONG), (self.plain, _PLAIN), (self.mild, _MILD)):
            for word in words:
                yield word, weight


class Irony(DataModel):
    sure: tuple[str, ...] = ()
    hint: tuple[str, ...] = ()


class OpinionFile(DataModel):
    """One language of the lexicon."""

    version: str
    language: str
    positive: Strengths
    negative: Strengths
    neutral: tuple[str, ...] = ()
    negators: tuple[str, ...] = Field(min_length=1)
    intensifiers: tuple[str, ...] = ()
    diminishers: tuple[str, ...] = ()
    irony: Irony = Irony()
    hypotheticals: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_sense(self) -> "OpinionFile":
        opposed = {word for word, _ in self.positive.weighted()} & {
            word for word, _ in self.negative.weighted()
        }
        if opposed:
            raise ValueError(f"both positive and negative: {', '.join(sorted(opposed))}; keep one")
        return self


class Role(Enum):
    """What a word does in a clause."""

    OPINION = auto()
    NEUTRAL = auto()
    NEGATOR = auto()
    INTENSIFIER = auto()
    DIMINISHER = auto()
    IRONY = auto()
    HINT = auto()
    HYPOTHETICAL = auto()


@dataclass(frozen=True, slots=True)
class Word:
    role: Role
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """An opinion word with what stands before it: `weight` is signed."""

    start: int
    end: int
    clause: int
    weight: float
    ironic: bool = False


_QUOTED: Final = re.compile(r'["「『\'](?P<word>[\u4e00-\u9fff]{1,6})["」』\']')


class Opinions:
    """The opinion words of all languages."""

    def __init__(self, files: Sequence[OpinionFile]) -> None:
        """
        Raises:
            DataError: no word at all.
        """
        words: dict[str, Word] = {}
        for file in files:
            words.update(_words(file))
        if not words:
            raise DataError("lexicon: no word in any file")
        self._words: Literals[Word] = Literals(words.items())

    def find(self, text: Text) -> list[Opinion]:
        """The opinions of a text in its order."""
        found: list[list[Hit[Word]]] = [[] for _ in text.clauses]
        for hit in longest(self._words.find(text.normal)):
            if found:
                found[text.clause_at(hit.start)].append(hit)
        opinions: list[Opinion] = []
        for number, (clause, hits) in enumerate(zip(text.clauses, found, strict=True)):
            opinions.extend(_in_clause(clause, number, hits, text.normal))
        return _turn_ironic(text, found, opinions)


def _words(file: OpinionFile) -> Iterator[tuple[str, Word]]:
    """Every word once; where a word is in two lists the later one here wins."""
    for word, weight in file.positive.weighted():
        yield word, Word(Role.OPINION, weight)
    for word, weight in file.negative.weighted():
        yield word, Word(Role.OPINION, -weight)
    for role, words in (
        (Role.INTENSIFIER, file.intensifiers),
        (Role.DIMINISHER, file.diminishers),
        (Role.NEGATOR, file.negators),
        (Role.HYPOTHETICAL, file.hypotheticals),
        (Role.HINT, file.irony.hint),
        (Role.IRONY, file.irony.sure),
        (Role.NEUTRAL, file.neutral),
    ):
        for word in words:
            # A word that praises or blames and also does something else stays an opinion.
            if role is not Role.INTENSIFIER or word not in _opinion_words(file):
                yield word, Word(role)


def _opinion_words(file: OpinionFile) -> set[str]:
    return {word for part in (file.positive, file.negative) for word, _ in part.weighted()}


def _in_clause(
    clause: Clause, number: int, hits: Sequence[Hit[Word]], normal: str
) -> Iterator[Opinion]:
    last = clause.start
    before: list[Hit[Word]] = []
    wished = False
    for hit in hits:
        word = hit.payload
        wished = wished or word.role is Role.HYPOTHETICAL
        if word.role is not Role.OPINION:
            before.append(hit)
            continue
        weight = _shifted(hit, before, normal, last)
        last, before = hit.end, []
        # "Hope it gets better" praises nothing.
        if not (wished and weight > 0):
            yield Opinion(hit.start, hit.end, number, weight)


def _shifted(hit: Hit[Word], before: Sequence[Hit[Word]], normal: str, last: int) -> float:
    """The weight of an opinion word after the words between the previous one and it."""
    weight = hit.payload.weight
    reach = _REACH_LATIN if normal[hit.start].isascii() else _REACH_HAN
    negations = 0
    for word in before:
        if word.end < max(last, hit.start - reach):
            continue
        if word.payload.role is Role.NEGATOR:
            negations += 1
        elif word.payload.role is Role.INTENSIFIER:
            weight *= _INTENSIFIED
        elif word.payload.role is Role.DIMINISHER:
            weight *= _DIMINISHED
    if negations % 2:
        return -weight * _NEGATED
    return weight * _NEGATED if negations else weight


def _turn_ironic(
    text: Text, found: Sequence[Sequence[Hit[Word]]], opinions: list[Opinion]
) -> list[Opinion]:
    """Praise in a sentence that mocks is blame."""
    signs: dict[int, int] = {}
    for clause, hits in zip(text.clauses, found, strict=True):
        for hit in hits:
            role = hit.payload.role
            weight = _HINTS if role is Role.IRONY else int(role is Role.HINT)
            signs[clause.sentence] = signs.get(clause.sentence, 0) + weight
    if not any(signs.values()):
        return opinions
    quoted = [match.span("word") for match in _QUOTED.finditer(text.normal)]
    turned = []
    for opinion in opinions:
        sign = signs.get(text.clauses[opinion.clause].sentence, 0)
        sign += any(start <= opinion.start < end for start, end in quoted) and sign > 0
        if opinion.weight > 0 and sign >= _HINTS:
            opinion = Opinion(
                opinion.start, opinion.end, opinion.clause, -_INTENSIFIED * opinion.weight, True
            )
        turned.append(opinion)
    return turned
