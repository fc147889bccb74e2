"""The bootstrap over blocks of customers against the known error of a mean."""

import numpy as np
import pytest

from heedful.journey.insights.statistics.resampling import BLOCKS, dealt, drawn, interval


def test_a_customer_stays_in_one_block_and_blocks_are_even() -> None:
    cluster = np.repeat(np.arange(5000) * 3, 2).astype(np.int32)
    block, blocks = dealt(cluster)
    assert blocks == BLOCKS
    assert (block[::2] == block[1::2]).all()
    sizes = np.bincount(block, minlength=blocks)
    assert sizes.max() - sizes.min() <= 2


def test_few_customers_are_each_a_block() -> None:
    block, blocks = dealt(np.array([7, 7, 3, 9], dtype=np.int32))
    assert blocks == 3
    assert len(set(block.tolist())) == 3


@pytest.mark.parametrize("customers", [150, 8000])
def test_the_interval_of_a_mean(customers: int) -> None:
    generator = np.random.default_rng(5)
    cluster = np.repeat(np.arange(customers), 3).astype(np.int32)
    value = generator.normal(size=customers)[cluster] + 0.1 * generator.normal(size=len(cluster))
    block, blocks = dealt(cluster)
    weights = drawn(blocks)
    sums = np.bincount(block, weights=value, minlength=blocks)
    sizes = np.bincount(block, minlength=blocks)
    draws = (weights @ sums) / (weights @ sizes)
    found = interval(float(value.mean()), draws)
    error = value.reshape(-1, 3).mean(axis=1).std(ddof=1) / np.sqrt(customers)
    assert (found.high - found.low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.15)
    assert found.low < value.mean() < found.high


def test_the_same_each_time() -> None:
    assert (drawn(30) == drawn(30)).all()


def test_an_interval_reaches_its_value() -> None:
    found = interval(0.0, np.array([0.1, 0.2, np.nan, 0.3]))
    assert found.low == 0.0
    assert found.high == pytest.approx(0.295)
