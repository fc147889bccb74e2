"""Contracts: strict for who writes, lenient for who reads."""

import copy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from heedful.common.contracts import (
    Channel,
    Contract,
    Feedback,
    Identifier,
    IdentifierType,
    Interaction,
    Score,
    ScoreKind,
)
from heedful.common.topics import TOPICS, Topic
from tests.contract.events.material import newest
from tests.unit.common.material import words
from tests.unit.common.payloads import EACH, FEEDBACK, at, enums, full, objects, replaced

WRONG: list[Any] = [5, True, ["call"], {}]

name = words.map(str.strip).filter(lambda text: text and "\x00" not in text)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)
time = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001  # hypothesis adds the offset
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
number = st.floats(allow_nan=False, allow_infinity=False)
feedback = st.builds(
    Feedback,
    tenant=name,
    source=name,
    id=name,
    channel=st.sampled_from(Channel),
    text=text,
    occurred_at=time,
    received_at=time,
    language=st.none() | text.map(lambda long: long[:35]),
    score=st.none()
    | st.builds(
        Score, kind=st.sampled_from(ScoreKind), value=number, minimum=number, maximum=number
    ),
    identifiers=st.lists(
        st.builds(Identifier, type=st.sampled_from(IdentifierType), value=name), max_size=16
    ).map(tuple),
    conversation_id=st.none() | name,
    attributes=st.dictionaries(st.from_regex(r"\A[a-z][a-z0-9_]{0,9}\Z"), text, max_size=3),
    backfill=st.booleans(),
)


@given(feedback)
def test_what_is_written_is_read_back(written: Feedback) -> None:
    assert Feedback.parse(written.encode()) == written


def test_absent_fields_are_left_out_and_text_stays_utf8() -> None:
    encoded = Feedback.model_validate(FEEDBACK).encode()
    assert "好".encode() in encoded
    assert b"null" not in encoded


@EACH
def test_a_producer_may_not_invent_a_field_at_any_depth(topic: Topic) -> None:
    body = full(topic)
    topic.payload.model_validate(body)
    for path in objects(body):
        invented = copy.deepcopy(body)
        at(invented, path)["mood"] = "good"
        with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
            topic.payload.model_validate(invented)


@EACH
def test_a_consumer_ignores_a_field_it_does_not_know_at_every_depth(topic: Topic) -> None:
    body = full(topic)
    newer = copy.deepcopy(body)
    for path in objects(body):
        at(newer, path)["mood"] = {"of": ["a", "later", 1, None]}
    assert topic.payload.parse(orjson.dumps(newer)) == topic.payload.parse(orjson.dumps(body))


@EACH
def test_a_consumer_still_demands_what_is_required(topic: Topic) -> None:
    body = newest(topic, "minimal").body
    for field in body:
        with pytest.raises(ValidationError, match=field):
            topic.payload.parse(orjson.dumps({k: v for k, v in body.items() if k != field}))


@EACH
def test_a_value_that_an_open_enum_does_not_know_is_other_for_a_consumer_only(
    topic: Topic,
) -> None:
    paths = [path for path, is_open in enums(topic) if is_open]
    assert paths
    for path in paths:
        newer = replaced(full(topic), path, "from-the-future")
        other = replaced(full(topic), path, "other")
        read = topic.payload.parse(orjson.dumps(newer))
        assert read == topic.payload.parse(orjson.dumps(other))
        with pytest.raises(ValidationError):
            topic.payload.model_validate(newer)
        with pytest.raises(ValidationError):
            topic.payload.model_validate_json(orjson.dumps(newer))


@EACH
def test_only_a_string_may_be_an_unknown_value_of_an_open_enum(topic: Topic) -> None:
    for path, _ in enums(topic):
        for wrong in WRONG:
            with pytest.raises(ValidationError):
                topic.payload.parse(orjson.dumps(replaced(full(topic), path, wrong)))


def test_a_closed_enum_refuses_an_unknown_value_from_everybody() -> None:
    closed = [(topic, path) for topic in TOPICS for path, is_open in enums(topic) if not is_open]
    assert {path[-1] for _, path in closed} == {"type", "direction", "colour", "clock"}
    for topic, path in closed:
        with pytest.raises(ValidationError):
            topic.payload.parse(orjson.dumps(replaced(full(topic), path, "from-the-future")))


def test_a_payload_cannot_be_changed() -> None:
    found = Feedback.model_validate(FEEDBACK)
    with pytest.raises(ValidationError, match="frozen"):
        found.text = "x"  # type: ignore[misc]  # what must not be done


def test_an_interaction_has_no_direction_and_actor_unless_told() -> None:
    body = {key: FEEDBACK[key] for key in ("tenant", "source", "id", "occurred_at", "received_at")}
    found = Interaction.model_validate({**body, "kind": "order", "received_at": datetime.now(UTC)})
    assert (found.direction, found.actor) == ("none", None)


@given(st.sampled_from(TOPICS), st.binary(max_size=50) | words.map(orjson.dumps))
def test_bytes_that_are_no_payload_are_refused_and_nothing_else_happens(
    topic: Topic, data: bytes
) -> None:
    with pytest.raises(ValidationError):
        topic.payload.parse(data)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000])
def test_depth_without_end_is_refused(data: bytes) -> None:
    contract: type[Contract] = Feedback
    with pytest.raises(ValidationError):
        contract.parse(data)
