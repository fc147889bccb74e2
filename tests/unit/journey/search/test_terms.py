"""What a text is found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.search.fulltext import document, question
from heedful.journey.search.terms import MOST_CHARS, runs, singular


def texts(given_text: str) -> list[str]:
    return [run.text for run in runs(given_text)]


def test_chinese_and_words_are_runs_of_their_own() -> None:
    assert texts("充电桩坏了，App 闪退3次！iPhone手机") == [
        *("充电桩坏了", "app", "闪退", "3", "次", "iphone", "手机")
    ]


def test_width_and_case_make_no_difference() -> None:
    assert texts("ＡＰＰ　Ｏ２Ｏ") == ["app", "o2o"]
    assert texts("STRASSE") == texts("Straße") == ["strasse"]


@given(st.text(max_size=60))
def test_places_point_into_the_text_as_it_was_given(text: str) -> None:
    for run in runs(text):
        assert 0 <= run.start < run.end <= len(text)
        assert len(run.places) == len(run.text)
        assert texts(text[run.start : run.end])


@pytest.mark.parametrize(
    ("word", "found"),
    [
        *(("refunds", "refund"), ("delays", "delay"), ("boxes", "boxe"), ("batteries", "battery")),
        *(("bus", "bus"), ("pass", "pass"), ("refund", "refund"), ("s", "s")),
    ],
)
def test_the_plural_of_english_is_taken_off(word: str, found: str) -> None:
    assert singular(word) == found


def test_a_text_becomes_pairs_with_their_positions() -> None:
    assert document("acme", "坏了坏了 Refunds") == ("'@acme' '坏了':1,3 '了坏':2 '了':4 'refund':5")


def test_quotes_of_a_tenant_do_not_end_its_word() -> None:
    assert document("o'b\\c", "") == "'@o''b\\\\c'"


def test_of_a_word_the_first_positions_and_of_a_text_the_beginning_are_kept() -> None:
    assert document("t", "a " * 400).count(",") == 254
    assert "z" not in document("t", "a" * MOST_CHARS + " z")


def test_a_question_asks_for_chinese_as_it_stands() -> None:
    asked = question("acme", "充电桩 坏 delays")
    assert asked is not None
    assert asked.every == "'@acme' & ('充电' <-> '电桩') & '坏':* & 'delay'"
    assert asked.some == "'@acme' & ('充电' | '电桩' | '坏':* | 'delay')"
    assert asked.terms == ("充电桩", "坏", "delay")


def test_a_question_without_a_word_is_none() -> None:
    assert question("acme", "？！ … --") is None
