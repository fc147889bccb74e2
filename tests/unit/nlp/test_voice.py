"""What is heard stays as good as it was measured: floors on the labelled voices."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from heedful.nlp.pipeline import Pipeline
from heedful.nlp.policy import LightPolicy
from heedful.nlp.train.listener import Listener
from heedful.nlp.train.voice import binaries, intent_macro_f1, recall_and_precision, report
from heedful.nlp.train.voices import voices

FOLDER = Path(__file__).parents[2] / "data" / "voice"

# (recall, precision), a little under what was measured.
FLOORS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    # Thresholds were chosen on it.
    "dev.jsonl": {
        "red": (0.89, 0.88),
        "churn": (0.66, 0.82),
        "solicited": (0.82, 0.95),
        "needs_response": (0.86, 0.84),
        "perception delight": (0.86, 0.91),
        "perception disappointment": (0.59, 0.75),
        "perception ease": (0.77, 0.81),
        "perception hassle": (0.65, 0.65),
        "need explicit": (0.74, 0.86),
        "need latent": (0.70, 0.74),
        "need delight": (0.72, 0.85),
    },
    # Nothing was chosen on it. Wanted are red 0.95 and 0.90, intent 0.85.
    "held.jsonl": {
        "red": (0.94, 0.91),
        "churn": (0.76, 0.86),
        "solicited": (0.75, 0.90),
        "needs_response": (0.91, 0.92),
        "perception delight": (0.87, 0.76),
        "perception disappointment": (0.60, 0.68),
        "perception ease": (0.79, 0.79),
        "perception hassle": (0.82, 0.56),
        "need explicit": (0.87, 0.84),
        "need latent": (0.91, 0.91),
        "need delight": (0.79, 0.82),
    },
}
INTENT_FLOORS = {"dev.jsonl": 0.81, "held.jsonl": 0.79}


@pytest.fixture(scope="module")
def listener(pipeline: Pipeline) -> Listener:
    return Listener(pipeline, LightPolicy.load())


@pytest.mark.parametrize("name", FLOORS)
def test_it_is_as_good_as_measured(listener: Listener, name: str) -> None:
    items = voices(FOLDER / name)
    pairs = list(zip(items, listener.all(items), strict=True))
    tests = binaries()
    measured = {label: recall_and_precision(pairs, tests[label]) for label in FLOORS[name]}
    rotten = {
        label: found
        for label, found in measured.items()
        if any(value < floor for value, floor in zip(found, FLOORS[name][label], strict=True))
    }
    assert not rotten
    assert intent_macro_f1(pairs) >= INTENT_FLOORS[name]


def test_a_report_shows_no_text(listener: Listener) -> None:
    items = voices(FOLDER / "dev.jsonl")[:40]
    told = report(list(zip(items, listener.all(items), strict=True)))
    assert "| red |" in told
    assert not any(item.text in told for item in items)
