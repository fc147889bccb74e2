"""The different values of a column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights.distinct import distinct


@given(st.lists(st.integers(-5, 5)))
def test_each_value_once_rising(values: list[int]) -> None:
    assert distinct(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))


@pytest.mark.parametrize("kind", [np.int32, np.float64, np.bool_])
def test_values_keep_their_type(kind: type[np.generic]) -> None:
    assert distinct(np.array([1, 0, 1], dtype=kind)).dtype == kind
