"""Every payload that was ever published is still read."""

from typing import Any

import pytest
from pydantic import BaseModel

from heedful.common.contracts import Enrichment, Span
from heedful.common.topics import FEEDBACK_ENRICHED, TOPICS, Topic
from tests.contract.events.material import FOLDER, GOLDEN, Golden, newest

EACH = pytest.mark.parametrize("golden", GOLDEN, ids=str)


@EACH
def test_a_published_payload_is_read_without_loss(golden: Golden) -> None:
    payload = golden.topic.payload.parse(golden.text)
    _holds(payload.model_dump(mode="json"), golden.body, "$")


@EACH
def test_what_was_read_can_be_written_and_read_again(golden: Golden) -> None:
    payload = golden.topic.payload.parse(golden.text)
    assert golden.topic.payload.parse(payload.encode()) == payload


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
@pytest.mark.parametrize("form", ["full", "minimal"])
def test_every_topic_has_golden_files_of_every_version(topic: Topic, form: str) -> None:
    versions = [one.version for one in GOLDEN if one.topic is topic and one.form == form]
    assert sorted(versions) == list(range(1, len(versions) + 1))
    assert versions, f"add {FOLDER / topic.name}/1.{form}.json"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_newest_full_file_has_every_field(topic: Topic) -> None:
    golden = newest(topic, "full")
    missing = sorted(_missing(topic.payload.parse(golden.text), golden.body, "$"))
    assert not missing, f"add {golden.version + 1}.full.json and .minimal.json with {missing}"


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_newest_minimal_file_has_only_what_is_demanded(topic: Topic) -> None:
    demanded = {name for name, field in topic.payload.model_fields.items() if field.is_required()}
    assert newest(topic, "minimal").body.keys() == demanded


def test_every_folder_is_of_a_topic() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {topic.name for topic in TOPICS}


def test_the_evidence_of_the_golden_enrichment_points_at_its_text() -> None:
    found = Enrichment.parse(newest(FEEDBACK_ENRICHED, "full").text)
    spans = list(_spans(found))
    assert len(spans) == 14
    for span in spans:
        assert found.feedback.text[span.start : span.end] == span.text


def _holds(found: Any, golden: Any, at: str) -> None:
    """All of the golden value is in what was read; defaults may have come to it."""
    if isinstance(golden, dict):
        for name, value in golden.items():
            assert name in found, f"{at}.{name} is lost"
            _holds(found[name], value, f"{at}.{name}")
    elif isinstance(golden, list):
        assert len(found) == len(golden), at
        for number, (one, other) in enumerate(zip(found, golden, strict=True)):
            _holds(one, other, f"{at}[{number}]")
    else:
        assert found == golden, at


def _missing(model: BaseModel, body: dict[str, Any], at: str) -> set[str]:
    found: set[str] = set()
    for name in type(model).model_fields:
        if name not in body:
            found.add(f"{at}.{name}")
            continue
        value = getattr(model, name)
        values = value if isinstance(value, tuple) else (value,)
        bodies = body[name] if isinstance(value, tuple) else [body[name]]
        if not values:
            found.add(f"{at}.{name}[]")
        for inner, part in zip(values, bodies, strict=True):
            if isinstance(inner, BaseModel):
                found |= _missing(inner, part, f"{at}.{name}")
    return found


def _spans(value: Any) -> list[Span]:
    if isinstance(value, Span):
        return [value]
    if isinstance(value, BaseModel):
        return [span for name in type(value).model_fields for span in _spans(getattr(value, name))]
    if isinstance(value, tuple):
        return [span for inner in value for span in _spans(inner)]
    return []
