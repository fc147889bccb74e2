"""Texts that want nothing as a whole: nothing to understand in them, or only small talk."""

import re
import unicodedata
from typing import Final

from pydantic import Field

from heedful.common.contracts import Span
from heedful.common.datafiles import DataModel
from heedful.nlp.matching import Literals
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text, fold

# A unit that is repeated so often says nothing; laughter is small talk.
_REPEATED: Final = re.compile(r"^(.{1,6}?)\1{3,}.{0,5}$")
_LAUGHTER: Final = re.compile(r"^[哈嘻嘿呵]+$")
# One Latin word without a vowel, one line of a keyboard, or next to only digits.
_KEYS: Final = re.compile(
    r"^(?:[a-z]{0,3}[bcdfghjklmnpqrstvwxz]{4,}[a-z]{0,3}|(?:qwer|asdf|zxcv|hjkl)[a-z0-9]*|[0-9]+"
    r"|(?:sdf|asd|dsf|fds|jkl|qwe|zxc)+[a-z]{0,3}|[a-z])$"
)
_MOST_TYPED: Final = 24
# What may be left of a text beside its formulas, in characters.
_LEFT: Final = 1
_LONGEST_CHAT: Final = 40
_MAX_SPAN: Final = 80


class Meaningless(DataModel):
    """`exact`: whole texts, without punctuation. `patterns`: anywhere in one."""

    exact: tuple[str, ...] = ()
    patterns: tuple[str, ...] = Field(min_length=1)
    exclude: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Chat(DataModel):
    """`phrases` make a text that holds next to nothing else chat; `patterns` do where no rule
    speaks for another intent."""

    phrases: tuple[str, ...] = Field(min_length=1)
    patterns: tuple[str, ...] = Field(min_length=1)
    exclude: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class WholeTexts:
    """Both kinds, ready to be told apart."""

    def __init__(self, name: str, meaningless: Meaningless, chat: Chat) -> None:
        """`name`: the data file, for errors."""
        self._exact = frozenset(fold(one) for one in meaningless.exact)
        rule = meaningless.model_dump(exclude={"exact"})
        self._meaningless = Rules(
            name, [Rule(code="not_meaningful", zh="无意义", en="Nothing to understand", **rule)]
        )
        self._phrases = Literals((fold(one), None) for one in chat.phrases)
        rule = chat.model_dump(exclude={"phrases"})
        self._talk = Rules(name, [Rule(code="chat", zh="闲聊", en="Small talk", **rule)])

    def meaningless(self, text: Text) -> tuple[Span, ...]:
        """The evidence that a text says nothing; empty where it says something."""
        core = _core(text.normal)
        if not core:
            return () if _pictured(text.normal) else _all(text)
        typed = "".join(text.normal.split())
        if (
            core in self._exact
            or (_REPEATED.match(core) and not _LAUGHTER.match(core))
            or (len(typed) <= _MOST_TYPED and _KEYS.match(core))
        ):
            return _all(text)
        return tuple(text.span(one.start, one.end) for one in self._meaningless.find(text))

    def formula(self, text: Text) -> tuple[Span, ...]:
        """The evidence that a text is greetings and thanks alone; empty where it says more."""
        core = _core(text.normal)
        if not core:
            return _all(text) if _pictured(text.normal) else ()
        if len(core) > _LONGEST_CHAT:
            return ()
        covered = [False] * len(text.normal)
        for hit in self._phrases.find(text.normal):
            covered[hit.start : hit.end] = [True] * (hit.end - hit.start)
        left = sum(
            char.isalnum() and not done for char, done in zip(text.normal, covered, strict=True)
        )
        return _all(text) if left <= _LEFT and left < len(core) else ()

    def talk(self, text: Text) -> tuple[Span, ...]:
        """The small talk in a text."""
        return tuple(text.span(one.start, one.end) for one in self._talk.find(text))


def _core(normal: str) -> str:
    return "".join(char for char in normal if char.isalnum())


def _pictured(normal: str) -> bool:
    """Whether a text without words holds an emoji."""
    return any(unicodedata.category(char) == "So" for char in normal)


def _all(text: Text) -> tuple[Span, ...]:
    start = len(text.normal) - len(text.normal.lstrip())
    end = min(len(text.normal.rstrip()), start + _MAX_SPAN)
    return (text.span(start, end),) if start < end else ()
