"""Behaviour by capability: every one passes at least so many of its filled templates."""

import pytest

from heedful.nlp.pipeline import Pipeline
from heedful.nlp.policy import LightPolicy
from heedful.nlp.train.checklist import Rate, rates, table
from heedful.nlp.train.listener import Listener

# A little under what was measured; sentiment is of the shipped encoder.
FLOORS = {
    "vocabulary": 0.8,
    "negation": 0.8,
    "contrast": 0.7,
    "intensity": 0.55,
    "typos": 0.9,
    "names": 0.8,
    "order": 0.8,
    "irony": 0.5,
    "figures of speech": 0.9,
    "supposition": 0.75,
    "leaving": 0.8,
    "asked-for praise": 0.8,
}


@pytest.fixture(scope="module")
def measured(pipeline: Pipeline) -> list[Rate]:
    return rates(Listener(pipeline, LightPolicy.load()))


@pytest.mark.parametrize("capability", FLOORS)
def test_a_capability_is_as_good_as_measured(measured: list[Rate], capability: str) -> None:
    own = [one for one in measured if one.capability == capability]
    assert sum(one.passed for one in own) >= FLOORS[capability] * sum(one.total for one in own)


def test_every_capability_has_a_floor(measured: list[Rate]) -> None:
    assert {one.capability for one in measured} == set(FLOORS)
    assert all(one.capability in table(measured) for one in measured)
