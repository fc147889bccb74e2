"""Reciprocal rank fusion by its formula."""

from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.search.fusion import fuse

A, B, C = (("crm", name) for name in "abc")


def test_who_is_found_twice_goes_first() -> None:
    found = fuse({"text": [A, B], "vector": [C, B]})
    assert [one.key for one in found] == [B, A, C]
    assert found[0].score == 1 / 62 + 1 / 62
    assert found[0].ranks == {"text": 2, "vector": 2}
    assert (found[1].score, found[1].ranks) == (1 / 61, {"text": 1})


KEYS = st.lists(st.tuples(st.just("s"), st.sampled_from("abcdef")), unique=True)


@given(KEYS, KEYS)
def test_the_order_is_that_of_the_scores_and_whole(one: list, other: list) -> None:  # type: ignore[type-arg]
    found = fuse({"text": one, "vector": other})
    assert {item.key for item in found} == {*one, *other}
    assert [item.order for item in found] == sorted(item.order for item in found)
