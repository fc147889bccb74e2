"""The part of a text that is shown, and the marks in it."""

from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.search.fulltext import question
from heedful.journey.search.snippets import SNIPPET_CHARS, Snippet, found, snippet


def marked(part: Snippet) -> list[str]:
    return [part.text[start:end] for start, end in part.marks]


def shown(text: str, asked: str) -> Snippet:
    wanted = question("acme", asked)
    assert wanted is not None
    return snippet(text, wanted.terms)


def test_what_was_asked_for_is_marked() -> None:
    part = shown("充电桩又坏了，Ｒefund 到现在没到。两个充电桩", "充电桩 refunds")
    assert marked(part) == ["充电桩", "Ｒefund", "充电桩"]


def test_what_does_not_stand_there_as_a_whole_is_marked_in_pairs() -> None:
    assert marked(shown("电池坏了要赔", "充电池坏掉")) == ["电池坏"]
    assert marked(shown("都挺好", "充电")) == []


def test_a_long_text_is_cut_where_the_most_stands() -> None:
    part = shown(f"漆掉了。{'很好' * 200}刹车异响，刹车片磨损{'很好' * 200}", "刹车 漆")
    assert part.text.startswith("…")
    assert part.text.endswith("…")
    assert marked(part) == ["刹车", "刹车"]
    assert len(part.text) == SNIPPET_CHARS + 2


def test_terms_that_stand_in_a_text_are_told() -> None:
    assert found("刹车异响 brake pads", ("刹车", "pad", "发动机")) == ["刹车", "pad"]


@given(st.text("ab 刹车异响，.", max_size=400), st.text("ab刹车异", min_size=1, max_size=6))
def test_marks_are_apart_and_within(text: str, asked: str) -> None:
    part = shown(text, asked)
    last = -1
    for start, end in part.marks:
        assert last < start < end <= len(part.text)
        last = end
    assert part.text.strip("…") in text or part.text in text
