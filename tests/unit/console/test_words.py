"""What pages say: every word that is asked for is there, and none is there for nobody."""

import re
import string
from pathlib import Path

import pytest

from heedful import console
from heedful.console.sessions.preference import Language
from heedful.console.web.words import NoSuchWord, Words

ROOT = Path(str(console.__file__)).parent
# `say("board.title")` and `"board.title"` in Python; `say("light." ~ colour)` asks for a family.
_ASKED = re.compile(r"""["'](?P<name>[a-z_]+(?:\.[a-z0-9_]+)+)["']""")
_FAMILY = re.compile(
    r"""["'](?P<start>[a-z_]+(?:\.[a-z0-9_]+)*\.)["']\s*[~+]|f["'](?P<other>[a-z_.0-9]+\.)\{"""
)
_SAID = re.compile(r"""\bsay\(\s*["'](?P<name>[a-z_.0-9]+)["']\s*[,)]""")


@pytest.fixture(scope="module")
def words() -> Words:
    return Words.load()


@pytest.fixture(scope="module")
def sources() -> str:
    files = [*ROOT.rglob("*.html"), *ROOT.rglob("*.py")]
    return "\n".join(one.read_text(encoding="utf-8") for one in files)


def test_whatever_a_template_says_there_are_words_for(words: Words, sources: str) -> None:
    asked = {found["name"] for found in _SAID.finditer(sources)}
    assert len(asked) > 20
    assert asked <= words.names


def test_there_are_no_words_that_nothing_says(words: Words, sources: str) -> None:
    asked = {found["name"] for found in _ASKED.finditer(sources)}
    families = ("app.", *(one["start"] or one["other"] for one in _FAMILY.finditer(sources)))
    assert {one for one in words.names - asked if not one.startswith(families)} == set()


def test_both_languages_have_the_same_gaps_to_fill(words: Words) -> None:
    def gaps(name: str, language: Language) -> set[str | None]:
        said = words.say(name, language)
        return {field for _, field, _, _ in string.Formatter().parse(said) if field is not None}

    assert [one for one in words.names if gaps(one, Language.ZH) != gaps(one, Language.EN)] == []


def test_a_word_that_is_not_there_is_an_error(words: Words) -> None:
    with pytest.raises(NoSuchWord):
        words.say("board.nothing", Language.ZH)
