"""Rates with their intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.nlp.quality import Judged, rates, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Newcombe, Two-sided confidence intervals for the single proportion,
    # Statistics in Medicine 17 (1998), table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_the_literature(hits: int, of: int, low: float, high: float) -> None:
    found = wilson(hits, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share(counts: tuple[int, int]) -> None:
    found = wilson(*counts)
    assert 0 <= found.low <= found.point <= found.high <= 1


def test_precision_and_recall_of_each_value() -> None:
    found = rates(
        [
            Judged("light", "red", "red", 8),
            Judged("light", "red", "amber", 2),
            Judged("light", "amber", "red", 1),
            Judged("churn", None, "yes", 3),
        ]
    )
    assert found.precision["light", "red"].point == 0.8
    assert found.recall["light", "red"].point == pytest.approx(8 / 9)
    assert found.recall["churn", "yes"].point == 0
    assert found.precision["churn", "none"].point == 0
    assert ("churn", "yes") not in found.precision
