"""Whatever the text: nothing else changes, places can be followed both ways, no value is left."""

from itertools import pairwise
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.redaction import Kind, Mode, finding
from heedful.ingest.redaction.finding import find

from .words import MODES, TEXTS, masked, redacted

VALUES = st.sampled_from(
    ["13900001234", "11010519491231002X", "4111111111111111", "lily@example.com", "京A12345",
     "wxid_a1b2c3d4", "1M8GDM9AXKP042788", "GB82WEST12345698765432", "+852 9123 4567"]
)  # fmt: skip
# A value is one where it stands alone: digits beside it would make another number of it.
BESIDE = st.text(st.characters(exclude_categories=["N", "L", "S", "P", "Cs", "Zs"]), max_size=20)


@given(TEXTS, MODES)
def test_redacting_again_changes_nothing(text: str, mode: Mode) -> None:
    once = redacted(text, mode).text
    assert redacted(once, mode).text == once


@given(TEXTS, MODES)
def test_the_text_between_what_was_replaced_is_unchanged(text: str, mode: Mode) -> None:
    found = redacted(text, mode)
    done = at = 0
    for span in found.spans:
        assert text[done : span.start] == found.text[at : span.at]
        assert span.start < span.end
        assert span.at < span.until
        done, at = span.end, span.until
    assert text[done:] == found.text[at:]
    assert found.counts.total() == len(found.spans)


@given(TEXTS, MODES)
def test_places_are_followed_both_ways_and_in_order(text: str, mode: Mode) -> None:
    found = redacted(text, mode)
    there = [found.in_text(place, place)[0] for place in range(len(text) + 1)]
    back = [found.in_original(place, place)[0] for place in range(len(found.text) + 1)]
    assert all(one <= other for one, other in pairwise(there))
    assert all(one <= other for one, other in pairwise(back))
    replaced = {place for span in found.spans for place in range(span.start, span.end)}
    for place, character in enumerate(text):
        if place not in replaced:
            assert found.text[there[place]] == character
            assert back[there[place]] == place


@given(TEXTS, st.integers(0, 200), st.integers(0, 60), MODES)
def test_a_range_covers_what_it_covered(text: str, start: int, length: int, mode: Mode) -> None:
    found = redacted(text, mode)
    start, end = min(start, len(text)), min(start + length, len(text))
    at, until = found.in_text(start, end)
    assert 0 <= at <= until <= len(found.text)
    first, last = found.in_original(at, until)
    assert first <= start
    assert end <= last


@given(BESIDE, VALUES, BESIDE, MODES)
def test_no_value_survives(before: str, value: str, after: str, mode: Mode) -> None:
    found = redacted(f"{before} {value} {after}", mode)
    assert value not in found.text
    assert len(found.spans) >= 1


@given(TEXTS)
def test_what_was_found_is_nowhere_else(text: str) -> None:
    """What a cue announces once is taken wherever it stands alone."""
    left = masked(text)
    for one in find(text):
        if one.kind is Kind.NAME and not one.value.isascii():
            assert one.value not in left


# Names within names, announced and then said again, beside one another and beside codes.
NAMES = st.builds(
    "".join, st.tuples(st.sampled_from("赵钱王"), st.text("雷梅丽", min_size=1, max_size=2))
)
SAID_AGAIN = st.builds(
    lambda names, again: "".join(f"我叫{name}。" for name in names) + "".join(again),
    st.lists(NAMES, min_size=1, max_size=6),
    st.lists(st.one_of(NAMES, st.sampled_from(["，", "说", "ab", "12"])), max_size=20),
)


@given(st.one_of(TEXTS, SAID_AGAIN))
def test_many_values_are_looked_for_as_few_are(text: str) -> None:
    few = find(text)
    with mock.patch.object(finding, "_FEW", 0):
        assert find(text) == few


def test_of_names_within_names_nothing_is_left() -> None:
    assert (
        masked("我叫王敏。我叫王敏娜。请告诉王敏娜，王敏来过")
        == "我叫<name>。我叫<name>。请告诉<name>，<name>来过"
    )


@given(SAID_AGAIN)
def test_who_was_announced_is_found_wherever_among_many(text: str) -> None:
    with mock.patch.object(finding, "_FEW", 0):
        left = masked(text)
        assert not [one for one in find(text) if one.value in left]


@given(st.text(alphabet=st.characters(exclude_categories=["N"]), max_size=200))
def test_most_texts_without_digits_are_untouched(text: str) -> None:
    if not any(sign in text for sign in "@＠叫名人住址到在户落.一幺二两三四五六七八九洞拐勾〇零"):
        assert masked(text) == text
