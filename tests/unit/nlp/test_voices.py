"""The labelled voices themselves: whole, consistent, and what is held back is held back."""

from collections import Counter
from pathlib import Path

import pytest

from heedful.common.datafiles import DataError
from heedful.nlp.encoder.tasks import FLAGS, INTENTS, NEEDS, PERCEPTIONS, URGENCIES
from heedful.nlp.train.corpora import SETS
from heedful.nlp.train.own import PASSAGES, VOICES, readers
from heedful.nlp.train.voices import FOLDER, ORDINARY, Voice, ordinary, voices

MEASURED = Path(__file__).parents[2] / "data" / "voice"
LEARNED = [file for file in sorted(FOLDER.glob("*.jsonl")) if file != ORDINARY]
FILES = [*LEARNED, MEASURED / "dev.jsonl", MEASURED / "held.jsonl"]


def bare(text: str) -> str:
    """Letters and digits alone."""
    return "".join(char for char in text.lower() if char.isalnum()) or text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_voice_is_labelled_by_the_guide(file: Path) -> None:
    items = voices(file)
    assert len({item.id for item in items}) == len(items)
    for item in items:
        assert set(item.urgency) <= set(URGENCIES), item.id
        assert set(item.perceptions) <= set(PERCEPTIONS), item.id
        assert item.intent in INTENTS, item.id
        assert item.need is None or item.need in NEEDS[1:], item.id
        assert item.red is bool(item.urgency), item.id
        assert item.needs_response or not item.red, item.id


def test_nothing_that_is_measured_is_learned() -> None:
    learned = {bare(item.text) for file in LEARNED for item in voices(file)}
    for name in ("dev.jsonl", "held.jsonl"):
        assert not [item.id for item in voices(MEASURED / name) if bare(item.text) in learned]


def test_ordinary_texts_are_named_once_and_of_known_sets() -> None:
    named = Counter((one.set, one.line) for one in ordinary())
    assert max(named.values()) == 1
    assert {set_ for set_, _ in named} <= {*SETS, "gov_messages"}


def test_a_passage_says_what_one_of_its_voices_says() -> None:
    made = list(readers(Path())[PASSAGES]())
    assert made == list(readers(Path())[PASSAGES]())
    by_text = {one.normal: one.flags for one in readers(Path())[VOICES]()}
    red = FLAGS.index("red")
    split = [(one, [by_text.get(part) for part in one.normal.split("\n")]) for one in made]
    whole = [(one.flags, parts) for one, parts in split if len(parts) > 1 and all(parts)]
    assert len(whole) > 100
    for flags, parts in whole:
        assert flags == tuple(map(max, zip(*filter(None, parts), strict=True)))
    reds = sum(one.flags[red] for one in made if one.flags)
    assert 0.1 < reds / len(made) < 0.5


def test_flags_are_in_the_order_of_the_heads() -> None:
    item = Voice(
        id="v",
        text="扣款没经过我同意，不续了",
        red=True,
        urgency=("unauthorised_charge",),
        intent="complaint",
        churn=True,
        solicited=False,
        perceptions=("hassle",),
        need=None,
        needs_response=True,
    )
    said = {flag for flag, value in zip(FLAGS, item.flags, strict=True) if value}
    assert said == {"red", "unauthorised_charge", "churn", "hassle", "needs_response"}


def test_a_line_that_is_no_voice_is_named(tmp_path: Path) -> None:
    file = tmp_path / "broken.jsonl"
    file.write_text('\n{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"broken\.jsonl: line 2"):
        voices(file)
