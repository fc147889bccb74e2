"""Adjusted p-values against the procedure as the paper has it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights.statistics.discovery import adjusted

P = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(P, st.floats(0.001, 0.999))
def test_what_is_kept_is_what_stepping_up_keeps(p: list[float], q: float) -> None:
    ordered = sorted(p)
    last = max((i for i in range(len(p)) if ordered[i] <= q * (i + 1) / len(p)), default=-1)
    kept = np.asarray(p) <= ordered[last] if last >= 0 else np.zeros(len(p), dtype=bool)
    found = adjusted(p)
    clear = np.abs(found - q) > 1e-9
    assert (found <= q)[clear].tolist() == kept[clear].tolist()


@given(P)
def test_a_test_that_was_impossible_counts_for_none(p: list[float]) -> None:
    with_gap = adjusted([*p, float("nan")])
    assert np.isnan(with_gap[-1])
    assert np.allclose(with_gap[:-1], adjusted(p))


def test_nothing_tested() -> None:
    assert np.isnan(adjusted([float("nan")])).all()
    assert len(adjusted([])) == 0
