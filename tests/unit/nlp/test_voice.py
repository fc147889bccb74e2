"""The rules stay as good as they were measured: floors on the labelled voices."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from heedful.nlp.pipeline import Pipeline
from heedful.nlp.policy import LightPolicy
from heedful.nlp.resources import DataError
from heedful.nlp.train.voice import binaries, intent_macro_f1, recall_and_precision, report
from heedful.nlp.train.voices import Listener, voices

FOLDER = Path(__file__).parents[2] / "data" / "voice"

# (recall, precision), a little under what was measured.
FLOORS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "own.jsonl": {
        "red": (0.96, 0.92),
        "churn": (0.88, 0.84),
        "solicited": (0.92, 0.92),
        "needs_response": (0.85, 0.87),
        "perception delight": (0.82, 0.84),
        "perception disappointment": (0.88, 0.74),
        "perception ease": (0.88, 0.72),
        "perception hassle": (0.86, 0.72),
        "need explicit": (0.84, 0.88),
        "need latent": (0.78, 0.74),
    },
    # Short of what is wanted: red 0.95 and 0.90, intent 0.85.
    "held.jsonl": {
        "red": (0.71, 0.69),
        "churn": (0.64, 0.75),
        "solicited": (0.60, 0.95),
        "needs_response": (0.75, 0.71),
        "perception delight": (0.25, 0.70),
        "perception disappointment": (0.36, 0.46),
        "perception ease": (0.44, 0.62),
        "perception hassle": (0.30, 0.48),
        "need explicit": (0.52, 0.50),
        "need latent": (0.20, 0.60),
    },
}
INTENT_FLOORS = {"own.jsonl": 0.87, "held.jsonl": 0.55}


@pytest.fixture(scope="module")
def listener(pipeline: Pipeline) -> Listener:
    return Listener(pipeline, LightPolicy.load())


@pytest.mark.parametrize("name", FLOORS)
def test_the_rules_are_as_good_as_measured(listener: Listener, name: str) -> None:
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
    items = voices(FOLDER / "own.jsonl")[:40]
    told = report(list(zip(items, listener.all(items), strict=True)))
    assert "| red |" in told
    assert not any(item.text in told for item in items)


def test_a_line_that_is_no_voice_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_text('\n{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"broken\.jsonl: line 2"):
        voices(file)
