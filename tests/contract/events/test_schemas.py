"""The gate: a payload changes only so that every version reads every other."""

import copy
from typing import Any

import pytest

from heedful.common.topics import FEEDBACK_RECEIVED, TOPICS, Topic
from tests.contract.events.schemas import FOLDER, path_of, present, published, refusal, request

ALL = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


@ALL
def test_the_payload_reads_and_is_read_by_every_published_version(topic: Topic) -> None:
    assert path_of(topic).exists(), f"no schema of {topic.name} is committed"
    broken = refusal(topic.name, published(topic), present(topic))
    assert broken is None, broken


@ALL
def test_the_committed_schema_is_the_present_one(topic: Topic) -> None:
    stale = request(topic.name, published(topic), present(topic))
    assert stale is None, stale


def test_every_committed_schema_is_of_a_topic() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {topic.name for topic in TOPICS}


def _feedback() -> tuple[dict[str, Any], dict[str, Any]]:
    before = present(FEEDBACK_RECEIVED)
    return before, copy.deepcopy(before)


def test_a_break_is_told_in_a_sentence_with_the_way_out() -> None:
    before, now = _feedback()
    now["properties"]["body"] = now["properties"].pop("text")
    said = refusal(FEEDBACK_RECEIVED.name, before, now)
    assert said is not None
    assert "$.text was removed or renamed" in said
    assert "heedful.feedback.received.v2" in said


def test_a_new_optional_field_passes_and_asks_for_a_fresh_file() -> None:
    before, now = _feedback()
    now["properties"]["mood"] = {"type": "string", "default": ""}
    assert refusal(FEEDBACK_RECEIVED.name, before, now) is None
    said = request(FEEDBACK_RECEIVED.name, before, now)
    assert said is not None
    assert "$.mood is new and optional" in said
    assert "python -m tests.contract.events.schemas" in said


def test_an_unchanged_payload_asks_for_nothing() -> None:
    before, now = _feedback()
    assert refusal(FEEDBACK_RECEIVED.name, before, now) is None
    assert request(FEEDBACK_RECEIVED.name, before, now) is None
