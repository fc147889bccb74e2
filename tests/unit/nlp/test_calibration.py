"""The arithmetic by which model and words are weighed, and the written training texts."""

import numpy as np
import pytest

from heedful.nlp.sentiment import LABELS
from heedful.nlp.train.data import FOLDS, sentences, talk
from heedful.nlp.train.fitting import (
    best_temperature,
    even_weights,
    logistic,
    share_at,
    tempered,
)


def test_every_label_of_every_group_counts_the_same() -> None:
    groups = np.array(["a"] * 90 + ["b"] * 10)
    labels = np.array([0] * 80 + [1] * 10 + [0] * 5 + [1] * 5)
    weights = even_weights(groups, labels)
    parts = [
        weights[(groups == group) & (labels == label)].sum() for group in "ab" for label in (0, 1)
    ]
    assert parts == pytest.approx([25.0] * 4)


def test_the_coefficients_that_made_the_labels_are_found_again() -> None:
    chance = np.random.default_rng(0)
    features = chance.normal(size=(20_000, 2))
    shares = 1 / (1 + np.exp(-features @ np.array([0.5, -2.0])))
    wanted = chance.random(len(shares)) < shares
    found = logistic(features, wanted, np.ones(len(shares)))
    assert found == pytest.approx([0.5, -2.0], abs=0.1)


def test_an_overconfident_model_is_cooled_down() -> None:
    chance = np.random.default_rng(0)
    true = chance.dirichlet([1, 1, 1], size=5_000)
    labels = np.array([chance.choice(3, p=row) for row in true])
    sharp = tempered(true, 0.5)
    assert best_temperature(sharp, labels, np.ones(len(labels)), [1.0, 2.0, 4.0]) == 2.0


def test_temperature_keeps_the_order_and_the_sum() -> None:
    flat = tempered(np.array([[0.7, 0.2, 0.1]]), 2.0)
    assert flat.sum() == pytest.approx(1)
    assert list(np.argsort(flat[0])) == [2, 1, 0]
    assert flat[0, 0] < 0.7


def test_a_share_counts_only_the_chosen_and_by_their_weights() -> None:
    certainty = np.array([0.5, 0.6, 0.7, 0.8])
    chosen = np.array([True, True, True, False])
    share = share_at(certainty, chosen, np.array([1.0, 1.0, 2.0, 9.0]))
    assert [share(least) for least in (0.4, 0.55, 0.65, 0.75)] == [1.0, 0.75, 0.5, 0.0]


def test_talk_is_the_same_in_every_run_and_leaves_no_slot_open() -> None:
    examples = talk(3)
    assert examples == talk(3)
    assert not any("{" in one.text for one in examples)
    assert {one.label for one in examples} == set(range(len(LABELS)))
    assert len({one.group for one in examples}) == FOLDS


def test_no_sentence_of_talk_is_in_two_classes() -> None:
    written = sentences()
    classes = [set(written.positive), set(written.neutral), set(written.negative)]
    assert sum(map(len, classes)) == len(set.union(*classes))
    assert written.number >= sum(map(len, classes))
