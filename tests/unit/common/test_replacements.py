"""Places can be followed through what was replaced, once and twice."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import Redaction, RedactionMode, Replacement
from heedful.common.contracts.redaction import MAX_REPLACEMENTS
from heedful.common.replacements import composed, in_original, in_text, redacted_further


@st.composite
def replaced(draw: st.DrawFn, text: str) -> tuple[str, tuple[Replacement, ...]]:
    """The text with some of its parts replaced by others."""
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    found, new, done = [], "", 0
    for number, (start, end) in enumerate(pairwise(edges)):
        if number % 2:
            continue
        new += text[done:start]
        placeholder = draw(st.text("<>", min_size=1, max_size=5))
        at, new, done = len(new), new + placeholder, end
        kind = draw(st.sampled_from(["phone", "name"]))
        found.append(Replacement(type=kind, start=start, end=end, at=at, until=len(new)))
    return new + text[done:], tuple(found)


@st.composite
def twice(
    draw: st.DrawFn,
) -> tuple[str, tuple[Replacement, ...], tuple[Replacement, ...], str]:
    text = draw(st.text("abc", max_size=30))
    between, first = draw(replaced(text))
    last, second = draw(replaced(between))
    return text, first, second, last


@given(twice())
def test_two_steps_lead_where_their_composition_leads(
    case: tuple[str, tuple[Replacement, ...], tuple[Replacement, ...], str],
) -> None:
    text, first, second, last = case
    both = composed(first, second)
    done = at = 0
    for one in both:
        assert text[done : one.start] == last[at : one.at]
        assert (one.start, one.at) >= (done, at)
        done, at = one.end, one.until
    assert text[done:] == last[at:]
    for place in range(len(text)):
        # Wider where the second step cut through a placeholder of the first.
        start, end = in_text(second, *in_text(first, place, place + 1))
        at, until = in_text(both, place, place + 1)
        assert at <= start < end <= until


@given(twice())
def test_there_and_back_covers_where_one_began(
    case: tuple[str, tuple[Replacement, ...], tuple[Replacement, ...], str],
) -> None:
    text, first, second, _ = case
    both = composed(first, second)
    for place in range(len(text)):
        start, end = in_original(both, *in_text(both, place, place + 1))
        assert start <= place < end


def test_a_place_inside_of_a_value_widens_to_its_placeholder() -> None:
    one = Replacement(type="phone", start=2, end=13, at=2, until=9)
    assert in_text([one], 0, 5) == (0, 9)
    assert in_text([one], 5, 15) == (2, 11)
    assert in_original([one], 3, 4) == (2, 13)
    assert in_text([one], 2, 13) == (2, 9)
    assert in_text([one], 0, 2) == (0, 2)
    assert in_text([], 3, 4) == (3, 4)


def test_counts_grow_and_offsets_are_joined() -> None:
    phone = Replacement(type="phone", start=0, end=11, at=0, until=7)
    name = Replacement(type="name", start=8, end=10, at=8, until=14)
    given_ = Redaction(mode=RedactionMode.MASK, version="1", counts={"phone": 2}, offsets=(phone,))
    found = redacted_further(given_, [name])
    assert found.counts == {"name": 1, "phone": 2}
    assert [(one.type, one.start, one.at) for one in found.offsets] == [
        ("phone", 0, 0),
        ("name", 12, 8),
    ]


def test_offsets_that_were_too_many_stay_unknown() -> None:
    counts = {"phone": MAX_REPLACEMENTS + 1}
    given_ = Redaction(mode=RedactionMode.MASK, version="1", counts=counts)
    name = Replacement(type="name", start=8, end=10, at=8, until=14)
    found = redacted_further(given_, [name])
    assert found.offsets == ()
    assert found.counts == {"name": 1, **counts}
