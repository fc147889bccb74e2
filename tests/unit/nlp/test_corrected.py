"""What the encoder is taught by corrections."""

import json
from pathlib import Path

import pytest

from heedful.nlp.encoder.tasks import FLAGS, INTENTS, SENTIMENTS
from heedful.nlp.train.corrected import corrected
from heedful.nlp.train.labelled import UNLABELLED, Labelled

Said = tuple[str, str | None]


def taught(folder: Path, *said: Said, feedback: str = "f1") -> list[Labelled]:
    lines = [
        {
            "feedback": {"tenant": "t", "source": "s", "id": feedback},
            "text": "电池有点鼓包了",
            "label": label,
            "was": None,
            "value": value,
            "basis": "correction",
            "actor": {"type": "human", "id": "a"},
            "at": "2026-11-24T09:30:00Z",
            "versions": {"model": "m", "lexicon": "l", "taxonomy": "t", "policy": "p"},
        }
        for label, value in said
    ]
    path = folder / "corrections.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return corrected(path)


def flags(one: Labelled) -> dict[str, int]:
    told = dict(zip(FLAGS, one.flags or (), strict=False))
    return {flag: value for flag, value in told.items() if value != UNLABELLED}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("light", "red")], {"red": 1}),
        ([("light", "amber")], {"red": 0}),
        ([("light", "amber"), ("light", "red")], {"red": 1}),
        ([("light", "red"), ("churn", "yes")], {"churn": 1}),
        ([("churn", None), ("light", "green")], {"churn": 0, "red": 0}),
        ([("urgency", "critical")], {"red": 1}),
        ([("urgency", None)], {"red": 0}),
        ([("needs_response", "no"), ("solicited", "yes")], {"needs_response": 0, "solicited": 1}),
    ],
)
def test_only_the_flags_that_were_corrected_are_taught(
    tmp_path: Path, said: list[Said], expected: dict[str, int]
) -> None:
    (one,) = taught(tmp_path, *said)
    assert flags(one) == expected
    assert one.intent is None
    assert one.sentiment is None


def test_the_last_correction_of_each_label_counts(tmp_path: Path) -> None:
    said = [("intent", "complaint"), ("sentiment", "positive"), ("intent", "request")]
    (one,) = taught(tmp_path, *said)
    assert one.intent == INTENTS.index("request")
    assert one.sentiment == SENTIMENTS.index("positive")
    assert one.flags is None


@pytest.mark.parametrize(
    "said", [("sentiment", "mixed"), ("topic:service.attitude", "negative"), ("urgency", "high")]
)
def test_what_the_encoder_has_no_class_for_is_left_out(tmp_path: Path, said: Said) -> None:
    assert taught(tmp_path, said) == []
