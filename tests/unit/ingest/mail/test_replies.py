"""Mails as the programs in use write their replies; `replies/` has one file for each family."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.mail.quotes import own_words
from heedful.ingest.mail.signatures import without_signature

FOLDER = Path(__file__).parent / "replies"


def mails() -> Iterator[tuple[str, str, str]]:
    """Name, text, and what its author wrote. `&nbsp;` stands for itself, as in QQ's mails."""
    for file in sorted(FOLDER.glob("*.txt")):
        for mail in file.read_text(encoding="utf-8").split("### ")[1:]:
            name, rest = mail.split("\n", 1)
            text, own = rest.split("--- own\n")
            yield f"{file.stem}: {name}", html.unescape(text).rstrip("\n"), own.strip("\n")


MAILS = list(mails())


@pytest.mark.parametrize(("text", "own"), [mail[1:] for mail in MAILS], ids=[m[0] for m in MAILS])
def test_only_what_the_author_wrote_is_left(text: str, own: str) -> None:
    assert without_signature(own_words(text)) == own


def test_there_are_enough_of_them() -> None:
    assert len(MAILS) >= 80


@pytest.mark.parametrize("text", [mail[1] for mail in MAILS], ids=[mail[0] for mail in MAILS])
def test_line_endings_make_no_difference(text: str) -> None:
    assert own_words(text.replace("\n", "\r\n")) == own_words(text)


@given(st.text(st.characters(codec="utf-8")))
def test_nothing_is_made_up(text: str) -> None:
    left = without_signature(own_words(text))
    given_lines = {"", *(line.strip() for line in text.replace("\r", "\n").split("\n"))}
    assert all(line.strip() in given_lines for line in left.split("\n"))


@given(
    st.lists(st.sampled_from([*"房车退款abc。，！1 ", "wrote", "写道", "自"]), max_size=60).map(
        "".join
    )
)
def test_a_single_line_of_words_stays(line: str) -> None:
    assert without_signature(own_words(line)) == line.strip()
