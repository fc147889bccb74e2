"""What a column is called, and what it becomes by its name alone (columns.toml)."""

import functools
import importlib.resources
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from heedful.common.contracts import Channel

TEXT_PART: Final = "text_part"
"""A column whose words go with the text; it becomes `text` too."""

_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>|《[^《》]*》")
_NUMBERING: Final = re.compile(
    r"^(?:q|question|第|题目|问题)?\s*\d{1,3}\s*[.、:题)\s]+|^q\d{1,3}(?=\W)"
)
_SEPARATORS: Final = re.compile(r"[\W_]+")
_LONGEST_PLACEHOLDER: Final = 30
_LONGEST_NAME: Final = 24
"""In characters; a longer one is a question, of which the ending says little."""


class Match(IntEnum):
    """How a name fits; the greater the better."""

    WITHIN = 1
    ENDING = 2
    NAME = 3


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name says.

    Attributes:
        target: what the column becomes; None: it is not taken.
        rank: place in the list of names, 0 is the best; of what is no whole name it is the length.
        reason: why it is not taken.
    """

    target: str | None
    match: Match
    rank: int
    reason: str


class _Named(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    names: tuple[str, ...]
    endings: tuple[str, ...] = ()


class _Column(_Named):
    target: str
    within: tuple[str, ...] = ()


class _Ignored(_Named):
    reason: str


class Vocabulary(BaseModel):
    """columns.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: tuple[_Column, ...]
    ignored: tuple[_Ignored, ...]
    channels: dict[Channel, tuple[str, ...]]
    placeholders: tuple[str, ...]


@functools.cache
def vocabulary() -> Vocabulary:
    text = importlib.resources.files(__package__).joinpath("columns.toml").read_text("utf-8")
    return Vocabulary.model_validate(tomllib.loads(text))


def meaning(name: str) -> Meaning | None:
    """What a column of this name becomes; None: the name says nothing."""
    plain = plain_name(name)
    parts = name.split(".")
    # Of JSON within JSON: `data.score.value`, `user.phone`.
    for form in dict.fromkeys((plain, *(plain_name(".".join(parts[-n:])) for n in (2, 1)))):
        found = _names().get(form) or _by_ending(form)
        if found is not None:
            return found
    return _by_word(plain)


def channel_of(word: str) -> Channel | None:
    """The channel that a cell names; None: it names none of ours."""
    return _channels().get(plain_name(word))


def is_placeholder(text: str) -> bool:
    """Whether it is what a platform writes where a customer wrote nothing."""
    return len(text) <= _LONGEST_PLACEHOLDER and plain_name(text) in _placeholders()


def plain_name(name: str) -> str:
    """The name without case, width, brackets, numbering, spaces and punctuation."""
    narrow = unicodedata.normalize("NFKC", name).casefold().strip(" *")
    bare = _NUMBERING.sub("", _BRACKETS.sub("", narrow), count=1)
    return _SEPARATORS.sub("", bare) or _SEPARATORS.sub("", narrow)


@functools.cache
def _names() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for one in vocabulary().column:
        for rank, name in enumerate(one.names):
            found[plain_name(name)] = Meaning(one.target, Match.NAME, rank, "")
    for other in vocabulary().ignored:
        for rank, name in enumerate(other.names):
            found[plain_name(name)] = Meaning(None, Match.NAME, rank, other.reason)
    return found


@functools.cache
def _endings() -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for one in vocabulary().column:
        for ending in one.endings:
            found[ending] = Meaning(one.target, Match.ENDING, len(ending), "")
    for other in vocabulary().ignored:
        for ending in other.endings:
            found[ending] = Meaning(None, Match.ENDING, len(ending), other.reason)
    return found


@functools.cache
def _placeholders() -> frozenset[str]:
    return frozenset(map(plain_name, vocabulary().placeholders))


@functools.cache
def _channels() -> dict[str, Channel]:
    return {
        plain_name(word): channel
        for channel, words in vocabulary().channels.items()
        for word in (channel.value, *words)
    }


def _by_ending(plain: str) -> Meaning | None:
    if len(plain) > _LONGEST_NAME:
        return None
    for start in range(1, len(plain)):
        found = _endings().get(plain[start:])
        if found is not None:
            return found
    return None


def _by_word(plain: str) -> Meaning | None:
    """The target whose word stands in a question; a score before a text: `how likely … and why`
    has numbers when it is a scale, which the values show."""
    for one in sorted(vocabulary().column, key=lambda column: column.target != "score"):
        for word in one.within:
            if plain_name(word) in plain:
                return Meaning(one.target, Match.WITHIN, len(word), "")
    return None
