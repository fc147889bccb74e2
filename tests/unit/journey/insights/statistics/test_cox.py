"""Cox's model against published sets, lifelines, and the likelihood written out."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter, CoxTimeVaryingFitter
from lifelines.datasets import load_rossi, load_stanford_heart_transplants
from scipy.sparse import csr_array

from heedful.journey.insights.statistics.cox import fit


def test_recidivism_as_published() -> None:
    """Rossi, Berk and Lenihan's 432 convicts: coefficients and errors as Fox prints them (Cox
    Proportional-Hazards Regression for Survival Data, 2002; Allison's Survival Analysis, 1995)."""
    rossi = load_rossi()
    names = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    week = rossi["week"].to_numpy(dtype=float)
    found = fit(np.zeros(432), week, rossi["arrest"].to_numpy() == 1, rossi[names].to_numpy(float))
    published = [-0.37942, -0.05744, 0.31390, -0.14980, -0.43370, -0.08487, 0.09150]
    errors = [0.19138, 0.02200, 0.30799, 0.21222, 0.38187, 0.19576, 0.02865]
    assert found.converged
    assert found.coefficients == pytest.approx(published, abs=6e-6)
    assert found.errors == pytest.approx(errors, abs=6e-6)
    assert 2 * (found.log_likelihood - found.without) == pytest.approx(33.27, abs=0.005)


def test_covariates_that_are_mostly_0_may_be_sparse() -> None:
    rossi = load_rossi()
    week, arrest = rossi["week"].to_numpy(dtype=float), rossi["arrest"].to_numpy() == 1
    x = rossi[["fin", "mar", "paro", "prio"]].to_numpy(float)
    dense, sparse = (fit(np.zeros(432), week, arrest, one) for one in (x, csr_array(x)))
    assert sparse.coefficients == pytest.approx(dense.coefficients, rel=1e-9)
    assert sparse.covariance == pytest.approx(dense.covariance, rel=1e-9)
    assert sparse.log_likelihood == pytest.approx(dense.log_likelihood, rel=1e-12)


def test_heart_transplants_as_lifelines_has_them() -> None:
    """Covariates that change: who waited, and had a transplant later."""
    heart = load_stanford_heart_transplants()
    names = ["age", "year", "surgery", "transplant"]
    theirs = CoxTimeVaryingFitter().fit(heart, "event", "start", "stop", id_col="id")
    found = fit(
        heart["start"].to_numpy(float),
        heart["stop"].to_numpy(float),
        heart["event"].to_numpy() == 1,
        heart[names].to_numpy(float),
    )
    assert found.coefficients == pytest.approx(theirs.params_[names].to_numpy(), abs=5e-6)
    errors = theirs.standard_errors_[names].to_numpy()
    assert found.errors == pytest.approx(errors, abs=5e-6)
    assert found.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-6)


def test_strata_as_lifelines_has_them() -> None:
    rossi = load_rossi()
    names = ["fin", "age", "prio"]
    columns = [*names, "race", "week", "arrest"]
    theirs = CoxPHFitter().fit(rossi[columns], "week", "arrest", strata="race")
    found = fit(
        np.zeros(len(rossi)),
        rossi["week"].to_numpy(float),
        rossi["arrest"].to_numpy() == 1,
        rossi[names].to_numpy(float),
        rossi["race"].to_numpy(dtype=np.int32),
    )
    assert found.coefficients == pytest.approx(theirs.params_[names].to_numpy(), abs=1e-6)
    assert found.errors == pytest.approx(theirs.standard_errors_[names].to_numpy(), abs=1e-6)


ROW = st.tuples(st.integers(0, 4), st.integers(1, 4), st.booleans(), st.floats(-1, 1))


@given(st.lists(ROW, min_size=4, max_size=14))
@settings(max_examples=40, deadline=None)
def test_the_maximum_is_that_of_efrons_likelihood(rows: list[tuple[int, int, bool, float]]) -> None:
    start = [float(row[0]) for row in rows]
    stop = [float(row[0] + row[1]) for row in rows]
    event = [row[2] for row in rows]
    x = [row[3] for row in rows]
    if not any(event):
        return
    found = fit(np.array(start), np.array(stop), np.array(event), np.array(x)[:, None])
    if not found.converged:
        return
    beta = float(found.coefficients[0])
    here = efron(start, stop, event, x, beta)
    assert found.log_likelihood == pytest.approx(here, abs=1e-6)
    assert found.without == pytest.approx(efron(start, stop, event, x, 0.0), abs=1e-8)
    for step in (-0.01, 0.01):
        assert efron(start, stop, event, x, beta + step) <= here + 1e-6


def efron(
    start: list[float], stop: list[float], event: list[bool], x: list[float], b: float
) -> float:
    total = 0.0
    for time in sorted({end for end, had in zip(stop, event, strict=True) if had}):
        risk = [i for i in range(len(x)) if start[i] < time <= stop[i]]
        tied = [i for i in risk if event[i] and stop[i] == time]
        all_of_them = sum(exp(b * x[i]) for i in risk)
        share = sum(exp(b * x[i]) for i in tied)
        total += sum(b * x[i] for i in tied)
        total -= sum(log(all_of_them - k / len(tied) * share) for k in range(len(tied)))
    return total


def test_what_parts_perfectly_has_no_maximum() -> None:
    stop = np.arange(1.0, 41.0)
    exposed = (np.arange(40) < 20).astype(float)
    found = fit(np.zeros(40), stop, exposed == 1, exposed[:, None])
    assert not found.converged


def test_no_event_is_no_model() -> None:
    with pytest.raises(ValueError, match="at least one event"):
        fit(np.zeros(3), np.ones(3), np.zeros(3, dtype=bool), np.ones((3, 1)))
    with pytest.raises(ValueError, match="after it starts"):
        fit(np.ones(3), np.ones(3), np.ones(3, dtype=bool), np.ones((3, 1)))
