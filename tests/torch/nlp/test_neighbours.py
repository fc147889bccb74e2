"""A text takes the topic of its nearest."""

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("torch")

from heedful.nlp.train.embedding import About
from heedful.nlp.train.neighbours import Vectors, by_each_other, by_the_known


def embed(normals: Sequence[str]) -> Vectors:
    """A text is as far round the circle as it says."""
    angles = np.radians([float(one) for one in normals])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def about(topic: str, *normals: str) -> list[About]:
    return [About(one, topic) for one in normals]


FOOD = about("food", "0", "1", "2", "3")
PRICE = about("price", "90", "91", "92", "93")


def test_most_of_the_nearest_decide() -> None:
    asked = [*about("food", "10", "80"), *about("price", "85", "5")]
    assert by_the_known(embed, [*FOOD, *PRICE], asked).tolist() == [1, 0, 1, 0]


def test_a_text_is_not_its_own_neighbour() -> None:
    three = about("staff", "1.4", "1.5", "1.6")
    assert by_each_other(embed, [*three, *FOOD]).tolist()[:3] == [0, 0, 0]
    assert by_the_known(embed, [*three, *FOOD], three).tolist() == [1, 1, 1]
