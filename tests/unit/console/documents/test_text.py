"""A document that somebody edits as text comes back as it was, and mistakes have a line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.console.documents.places import marked
from heedful.console.documents.text import MAX_CHARS, Unreadable, read, written
from heedful.console.web.faults import Fault

# PyYAML takes U+0085 and its like for the ends of lines.
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)
FIELDS = st.dictionaries(
    WORDS,
    st.recursive(
        st.one_of(WORDS, st.integers(), st.booleans(), st.floats(-1e6, 1e6)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=5,
)
POLICY = """\
rules:
  - name: red
    clocks:
      respond: {target: PT9X}
  - name: rest
ladders:
  default:
    rungs: []
"""


@given(FIELDS)
def test_what_is_written_is_read_again(document: dict[str, Any]) -> None:
    assert read(written(document)) == document


def test_fields_that_say_nothing_are_left_out_but_for_storm() -> None:
    assert read(written({"storm": None, "when": {"tiers": None}})) == {"storm": None, "when": {}}


def test_json_is_taken_too_and_dates_stay_text() -> None:
    assert read('{"holidays": ["2026-12-31"]}') == {"holidays": ["2026-12-31"]}
    assert read("holidays:\n- 2026-12-31\n") == {"holidays": ["2026-12-31"]}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("rules:\n  - name: a\n name: b\n", 3),
        ("a: &x [1]\nb: *x\n", 2),
        ("- 1\n", 1),
        ("", 1),
        ("a: " + "[" * 30 + "]" * 30, 1),
        ("a: !!python/object/apply:os.getcwd []\n", 1),
        ("a" * (MAX_CHARS + 1), 1),
    ],
)
def test_what_is_not_taken_names_its_line(text: str, line: int) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert refused.value.line == line


def test_a_fault_is_placed_at_its_field_or_the_nearest_around_it() -> None:
    faults = [
        Fault("ladders.default.rungs.0.percent", "is missing"),
        Fault("rules.0.clocks.respond.target", "is no duration"),
        Fault("rules.1.notify", "is missing"),
        Fault("", "is odd"),
    ]
    assert [(one.line, one.written) for one in marked(POLICY, faults)] == [
        (1, "rules:"),
        (4, "respond: {target: PT9X}"),
        (5, "- name: rest"),
        (8, "rungs: []"),
    ]
