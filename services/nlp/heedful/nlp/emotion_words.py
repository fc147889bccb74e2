"""Words that name or show an emotion, in their context: denied, strengthened or weakened."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field, model_validator

from heedful.common.datafiles import DataModel
from heedful.nlp.matching import Literals, is_latin, longest
from heedful.nlp.text import Text, fold

FILE: Final = "emotion.yaml"
_REACH: Final = 3
_REACH_LATIN: Final = 24
_LOOK_BACK: Final = 24
_MILD, _PLAIN, _STRONG = 2, 3, 4

_Label = Literal["angry", "sad", "fear", "happy", "surprise"]


class Strengths(DataModel):
    strong: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    mild: tuple[str, ...] = ()


class EmotionFile(DataModel):
    version: str
    emotions: dict[_Label, Strengths]
    other: tuple[str, ...] = ()
    negators: tuple[str, ...] = Field(min_length=1)
    fillers: tuple[str, ...] = ()
    intensifiers: tuple[str, ...] = Field(min_length=1)
    diminishers: tuple[str, ...] = Field(min_length=1)
    complements: tuple[str, ...] = Field(min_length=1)

    def words(self) -> list[tuple[str, str, int]]:
        """Every word with its emotion and strength."""
        return [
            (word, label, strength)
            for label, lists in self.emotions.items()
            for strength, listed in (
                (_STRONG, lists.strong),
                (_PLAIN, lists.plain),
                (_MILD, lists.mild),
            )
            for word in listed
        ]

    @model_validator(mode="after")
    def _one_sense(self) -> "EmotionFile":
        every = [word for word, _, _ in self.words()] + list(self.other)
        twice = sorted({word for word in every if every.count(word) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} listed twice; keep one")
        return self


@dataclass(frozen=True, slots=True)
class EmotionWord:
    """A word at its place in the normal form; `degree` is +1, 0 or -1 by what stands around it."""

    label: str
    start: int
    end: int
    strength: int
    degree: int
    emoji: bool


class EmotionWords:
    """The words of all emotions, ready to be found."""

    def __init__(self, file: EmotionFile) -> None:
        entries = [(fold(word), (label, strength)) for word, label, strength in file.words()]
        nothing = [(fold(word), None) for word in file.other]
        self._words: Literals[tuple[str, int] | None] = Literals([*entries, *nothing])
        fillers = _any(file.fillers)
        self._denied = re.compile(rf"{_any(file.negators)}\s*(?:{fillers})?\s*$")
        self._more = re.compile(_any(file.intensifiers))
        # "最" and "好" are part of too many words to count where nothing says what they belong to.
        self._surely_more = re.compile(
            _any(tuple(one for one in file.intensifiers if len(one) > 1))
        )
        self._less = re.compile(_any(file.diminishers))
        self._behind = re.compile(_any(file.complements))

    def find(self, text: Text) -> list[EmotionWord]:
        """The words of a text that show an emotion, in its order; denied ones do not."""
        found = []
        for hit in longest(self._words.find(text.normal)):
            if hit.payload is None or not text.clauses:
                continue
            clause = text.clauses[text.clause_at(hit.start)]
            before = text.normal[max(clause.start, hit.start - _LOOK_BACK) : hit.start]
            if self._denied.search(before):
                continue
            label, strength = hit.payload
            emoji = not any(map(str.isalnum, text.normal[hit.start : hit.end]))
            reach = _REACH_LATIN if is_latin(text.normal[hit.start]) else _REACH
            degree = self._degree(before[-reach:], self._more)
            if self._behind.match(text.normal, hit.end):
                degree = 1
            found.append(EmotionWord(label, hit.start, hit.end, strength, degree, emoji))
        return found

    def degree_of(self, clause: str) -> int:
        """+1 where a clause speaks strongly, -1 where it speaks weakly, else 0."""
        return self._degree(clause, self._surely_more)

    def _degree(self, words: str, more: re.Pattern[str]) -> int:
        if self._less.search(words):
            return -1
        return 1 if more.search(words) else 0


def _any(words: tuple[str, ...]) -> str:
    """One of these; a Latin one as a whole word. Longer ones first."""
    ordered = sorted(map(fold, words), key=len, reverse=True)
    return "(?:" + "|".join(map(_word, ordered)) + ")"


def _word(word: str) -> str:
    start = r"\b" if is_latin(word[0]) else ""
    end = r"\b" if is_latin(word[-1]) else ""
    return start + re.escape(word) + end
