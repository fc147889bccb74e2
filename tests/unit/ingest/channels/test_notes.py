"""An employee's note: words after a command, and who reported them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.channels import Taken
from heedful.ingest.channels.notes import note

STAFF = Taken("e33ggbyz", "sender.id")


def words(text: str, command: str | None) -> str | None:
    fields = note(Taken(text, "text"), command, None)
    return None if fields is None else fields["text"].value


@pytest.mark.parametrize(
    ("text", "command", "said"),
    [
        ("/voc 顾客说空调太冷", "/voc", "顾客说空调太冷"),
        ("/VOC\n顾客说空调太冷 ", "/voc", "顾客说空调太冷"),
        ("/voc：顾客说空调太冷", "/voc", "顾客说空调太冷"),
        ("/voc顾客说空调太冷", "/voc", "顾客说空调太冷"),
        ("#客声顾客说空调太冷", "#客声", "顾客说空调太冷"),
        ("#客声 too cold", "#客声", "too cold"),
        ("/vocation", "/voc", None),
        ("今天 /voc", "/voc", None),
        ("/vo", "/voc", None),
        ("/voc", "/voc", None),
        ("/voc  ：", "/voc", None),
        ("顾客说空调太冷", None, "顾客说空调太冷"),
        ("", None, None),
    ],
)
def test_a_note_is_what_follows_the_command(text: str, command: str | None, said: str) -> None:
    assert words(text, command) == said


def test_who_reports_is_an_attribute_and_never_an_identifier() -> None:
    fields = note(Taken("/voc 太冷", "text.content"), "/voc", STAFF)
    assert fields == {
        "channel": Taken("employee", "text.content"),
        "text": Taken("太冷", "text.content"),
        "attributes": Taken({"reported_by": "e33ggbyz"}, "sender.id"),
    }


def test_an_unknown_reporter_is_left_out() -> None:
    fields = note(Taken("太冷", "text"), None, None)
    assert fields is not None
    assert "attributes" not in fields


@given(st.text(min_size=2, max_size=8).filter(lambda text: not text.isspace()), st.text())
def test_no_text_breaks_it_and_nothing_is_added(command: str, text: str) -> None:
    said = words(text, command)
    assert said is None or (said and text.endswith(said + text[len(text.rstrip()) :]))
