"""Clustered shares against statsmodels' robust errors, and against the ordinary where they meet."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import binomtest

from heedful.journey.insights.statistics.clustered import (
    Counted,
    compared,
    of_groups,
    shares,
    table,
)
from heedful.journey.insights.statistics.proportions import difference, share, two_proportions


def drawn(seed: int, customers: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Customers with 1 to 5 events each, and whether each event is a hit."""
    generator = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(customers), generator.integers(1, 6, customers)).astype(np.int32)
    mood = generator.beta(0.3 / spread, 0.7 / spread, customers)
    return cluster, generator.random(len(cluster)) < mood[cluster]


def test_the_variance_is_that_over_clusters() -> None:
    cluster, hit = drawn(1, 80, spread=1.0)
    one = np.zeros_like(cluster)
    counted = of_groups(one, cluster, hit, 1, 80)
    fitted = sm.OLS(hit.astype(float), np.ones(len(hit))).fit(
        cov_type="cluster", cov_kwds={"groups": cluster}
    )
    found = shares(counted)
    p, n = hit.mean(), len(hit)
    robust = fitted.bse[0] ** 2
    assert robust > p * (1 - p) / n
    assert found.worth[0] == pytest.approx(p * (1 - p) / robust)


def test_where_each_speaks_once_it_is_the_ordinary_interval() -> None:
    cluster = np.arange(200, dtype=np.int32)
    group = (cluster % 2).astype(np.int32)
    hit = cluster < 50
    found = shares(of_groups(group, cluster, hit, 2, 200))
    # deff is n/(n-1), from the variance over customers.
    expected = share(25, 100)
    estimate = found.estimate(0)
    assert estimate is not None
    assert expected is not None
    assert (estimate.low, estimate.high) == pytest.approx((expected.low, expected.high), abs=1e-3)


def test_all_and_none_count_each_customer_once() -> None:
    cluster = np.repeat(np.arange(10), 5).astype(np.int32)
    hit = np.zeros(50, dtype=bool)
    found = shares(of_groups(np.zeros(50, dtype=np.int32), cluster, hit, 2, 10))
    expected = share(0, 10)
    estimate = found.estimate(0)
    assert estimate is not None
    assert expected is not None
    assert estimate.high == pytest.approx(expected.high)
    assert found.estimate(1) is None


def test_two_samples_against_the_ordinary_test() -> None:
    cluster = np.arange(400, dtype=np.int32)
    a, b = cluster < 200, cluster >= 200
    hit = (cluster % 200 < 60) & a | (cluster % 200 < 40) & b
    sizes = [table(np.zeros(200, dtype=np.int32), cluster[s], 1, 400) for s in (a, b)]
    hits = [table(np.zeros(hit[s].sum(), dtype=np.int32), cluster[s & hit], 1, 400) for s in (a, b)]
    found = compared(Counted(hits[0], sizes[0]), Counted(hits[1], sizes[1]))
    assert found.p[0] == pytest.approx(two_proportions(60, 200, 40, 200), abs=0.002)
    expected, gap = difference(60, 200, 40, 200), found.difference(0)
    assert expected is not None
    assert gap is not None
    assert (gap.low, gap.high) == pytest.approx((expected.low, expected.high), abs=2e-3)


def test_one_row_of_sizes_stands_for_every_label() -> None:
    generator = np.random.default_rng(3)
    cluster, _ = drawn(3, 60, spread=1.0)
    hits = [generator.random(len(cluster)) < p for p in (0.2, 0.5, 0.7)]
    label = np.concatenate([np.full(h.sum(), i, dtype=np.int32) for i, h in enumerate(hits)])
    who = np.concatenate([cluster[h] for h in hits])
    none = np.zeros(len(cluster), dtype=np.int32)
    wide = Counted(table(label, who, 3, 60), table(none, cluster, 1, 60))
    found, alone = shares(wide), [shares(of_groups(none, cluster, h, 1, 60)) for h in hits]
    assert found.share == pytest.approx([a.share[0] for a in alone])
    assert found.worth == pytest.approx([a.worth[0] for a in alone])
    against = Counted(table(label[::2], who[::2], 3, 60), table(none, cluster, 1, 60))
    both = compared(wide, against)
    each = [
        compared(
            of_groups(none, cluster, h, 1, 60),
            Counted(table(none[: len(w)], w, 1, 60), table(none, cluster, 1, 60)),
        ).p[0]
        for h, w in zip(hits, [who[::2][label[::2] == i] for i in range(3)], strict=True)
    ]
    assert both.p == pytest.approx(each)


def test_too_little_is_not_tested() -> None:
    cluster = np.arange(40, dtype=np.int32)
    group = np.zeros(40, dtype=np.int32)
    few = of_groups(group, cluster, cluster < 3, 1, 40)
    assert np.isnan(compared(few, few).p[0])


@pytest.mark.parametrize("spread", [0.1, 1.0])
def test_with_nothing_between_them_few_are_called_different(spread: float) -> None:
    """Customers differ and speak in both samples; 60 seeds at 5 %, one-sided binomial test."""
    false, ordinary = 0, 0
    for seed in range(60):
        cluster, hit = drawn(seed, 100, spread)
        late = np.random.default_rng(seed + 1000).random(100)[cluster] < 0.5
        one = np.zeros(len(cluster), dtype=np.int32)
        a, b = (of_groups(one[s], cluster[s], hit[s], 1, 100) for s in (late, ~late))
        false += bool(compared(a, b).p[0] <= 0.05)
        plain = two_proportions(int(a.k[0]), int(a.n[0]), int(b.k[0]), int(b.n[0]))
        ordinary += plain <= 0.05
    assert binomtest(false, 60, 0.05, alternative="greater").pvalue > 0.01
    if spread == 1.0:
        assert binomtest(ordinary, 60, 0.05, alternative="greater").pvalue < 0.01
