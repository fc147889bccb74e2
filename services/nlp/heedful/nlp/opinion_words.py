"""The data files of the lexicon: which words praise, blame or change what others say."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import product
from typing import Final

from pydantic import Field, model_validator

from heedful.common.datafiles import DataModel

STRONG: Final = 2.0
PLAIN: Final = 1.0
MILD: Final = 0.5


class Strengths(DataModel):
    strong: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    mild: tuple[str, ...] = ()

    def weighted(self) -> Iterator[tuple[str, float]]:
        for words, weight in ((self.strong, STRONG), (self.plain, PLAIN), (self.mild, MILD)):
            for word in words:
                yield word, weight


class Irony(DataModel):
    sure: tuple[str, ...] = ()
    hint: tuple[str, ...] = ()


class Relief(DataModel):
    """Trouble that stays away, one of each: "没" "再" + "断" + "过"."""

    before: tuple[str, ...] = Field(min_length=1)
    trouble: tuple[str, ...] = Field(min_length=1)
    after: tuple[str, ...] = Field(min_length=1)

    def words(self) -> Iterator[str]:
        return map("".join, product(self.before, self.trouble, self.after))


class OpinionFile(DataModel):
    """One language of the lexicon."""

    version: str
    language: str
    positive: Strengths
    negative: Strengths
    troubles: tuple[str, ...] = ()
    relief: tuple[Relief, ...] = ()
    lukewarm: tuple[str, ...] = ()
    courtesy: tuple[str, ...] = ()
    acknowledgements: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    negators: tuple[str, ...] = Field(min_length=1)
    prohibitions: tuple[str, ...] = ()
    denials: tuple[str, ...] = ()
    intensifiers: tuple[str, ...] = ()
    diminishers: tuple[str, ...] = ()
    irony: Irony = Irony()
    hypotheticals: tuple[str, ...] = ()
    fears: tuple[str, ...] = ()
    reservations: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def roles(self) -> Iterator[tuple["Role", tuple[str, ...]]]:
        """The words that praise or blame nothing, by what they do."""
        yield Role.INTENSIFIER, self.intensifiers
        yield Role.DIMINISHER, self.diminishers
        yield Role.NEGATOR, self.negators
        yield Role.PROHIBITION, self.prohibitions
        yield Role.DENIAL, self.denials
        yield Role.HYPOTHETICAL, self.hypotheticals
        yield Role.FEAR, self.fears
        yield Role.RESERVATION, self.reservations
        yield Role.LUKEWARM, self.lukewarm
        yield Role.COURTESY, self.courtesy
        yield Role.HINT, self.irony.hint
        yield Role.IRONY, self.irony.sure
        yield Role.NEUTRAL, self.neutral

    @model_validator(mode="after")
    def _one_sense(self) -> "OpinionFile":
        praising = {word for word, _ in self.positive.weighted()}
        blaming = {word for word, _ in self.negative.weighted()}
        if opposed := praising & blaming:
            raise ValueError(f"both positive and negative: {_listed(opposed)}; keep one")
        if strangers := set(self.troubles) - blaming:
            raise ValueError(f"troubles: {_listed(strangers)} not negative; add or drop them")
        seen = praising | blaming
        for role, listed in self.roles():
            if role is not Role.INTENSIFIER and (twice := seen & set(listed)):
                raise ValueError(f"{_listed(twice)} in two lists, one of {role.name}; keep one")
            seen |= set(listed)
        return self


def _listed(found: set[str]) -> str:
    return ", ".join(sorted(found))


class Role(Enum):
    """What a word does in a clause."""

    OPINION = auto()
    LUKEWARM = auto()
    COURTESY = auto()
    NEUTRAL = auto()
    NEGATOR = auto()
    PROHIBITION = auto()
    DENIAL = auto()
    INTENSIFIER = auto()
    DIMINISHER = auto()
    IRONY = auto()
    HINT = auto()
    HYPOTHETICAL = auto()
    FEAR = auto()
    RESERVATION = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """`trouble`: what a customer comes with, rather than what was done to them."""

    role: Role
    weight: float = 0.0
    trouble: bool = False


def words(file: OpinionFile) -> Iterator[tuple[str, Word]]:
    """Every word of a file with what it does."""
    troubles = frozenset(file.troubles)
    opinions: set[str] = set()
    for relief in file.relief:
        for word in relief.words():
            yield word, Word(Role.OPINION, PLAIN)
    for sign, part in ((1, file.positive), (-1, file.negative)):
        for word, weight in part.weighted():
            opinions.add(word)
            yield word, Word(Role.OPINION, sign * weight, word in troubles)
    for role, listed in file.roles():
        for word in listed:
            # A word that praises or blames and also intensifies stays an opinion.
            if role is not Role.INTENSIFIER or word not in opinions:
                yield word, Word(role)
