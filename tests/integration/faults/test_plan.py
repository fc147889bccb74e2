"""Plans: the same seed gives the same faults; one of each means that."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.faults.plan import MEMBERS, NETWORK, PROCESSES, SERVERS, drawn, one_of_each
from tests.integration.faults.wiring import Kind

KINDS: tuple[Kind, ...] = ("kafka", "embedded")


@given(seed=st.integers(), kind=st.sampled_from(KINDS))
def test_one_of_each_has_every_fault_once(seed: int, kind: Kind) -> None:
    names = [fault.name for track in one_of_each(seed, kind, 3) for fault in track]
    assert sorted(names) == sorted((*SERVERS[kind], *PROCESSES, *NETWORK, *MEMBERS))


@given(seed=st.integers(), kind=st.sampled_from(KINDS), seconds=st.floats(1, 600))
def test_a_track_has_one_fault_at_a_time_until_the_end(
    seed: int, kind: Kind, seconds: float
) -> None:
    tracks = drawn(seed, kind, 3, seconds)
    for track in tracks:
        for before, after in pairwise(track):
            assert before.at + before.seconds <= after.at
        assert all(fault.at < seconds for fault in track)
    assert tracks == drawn(seed, kind, 3, seconds)


@pytest.mark.parametrize("kind", KINDS)
def test_half_an_hour_has_every_fault_and_another_seed_others(kind: Kind) -> None:
    tracks = drawn(1, kind, 3, 1800)
    names = {fault.name for track in tracks for fault in track}
    assert names == {*SERVERS[kind], *PROCESSES, *NETWORK, *MEMBERS}
    assert tracks != drawn(2, kind, 3, 1800)
