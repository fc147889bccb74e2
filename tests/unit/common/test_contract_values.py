"""What a value of a contract may be: numbers, texts, names, times."""

import json
import math
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from heedful.common.contracts import Feedback
from heedful.common.topics import Topic
from tests.unit.common.payloads import EACH, FEEDBACK, enums, full, leaves, replaced


@EACH
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_is_finite(topic: Topic, value: float) -> None:
    body = full(topic)
    numbers = [path for path, leaf in leaves(body) if isinstance(leaf, int | float)]
    assert numbers
    for path in numbers:
        wrong = replaced(body, path, value)
        with pytest.raises(ValidationError):
            topic.payload.parse(json.dumps(wrong).encode())
        with pytest.raises(ValidationError):
            topic.payload.model_validate(wrong)


def _strings(node: Any, place: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every place of a JSON Schema that takes any text."""
    if isinstance(node, dict):
        if node.get("type") == "string" and not {"enum", "const", "format"} & node.keys():
            yield place, node
        for key, inner in node.items():
            yield from _strings(inner, f"{place}.{key}")
    if isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _strings(inner, f"{place}[{number}]")


@EACH
def test_every_text_is_bounded_and_without_nul(topic: Topic) -> None:
    found = list(_strings(topic.payload.model_json_schema()))
    assert found
    for place, schema in found:
        assert schema.get("maxLength", math.inf) <= 100_000, place
        assert not re.search(schema.get("pattern", ""), "a\x00b"), place


@EACH
def test_nul_is_refused_in_every_text(topic: Topic) -> None:
    body = full(topic)
    known = [path for path, _ in enums(topic)]
    for path, leaf in leaves(body):
        if isinstance(leaf, str) and path not in known:
            with pytest.raises(ValidationError):
                topic.payload.parse(orjson.dumps(replaced(body, path, leaf + "\x00")))


@pytest.mark.parametrize(
    ("field", "longest", "too_long"),
    [
        ("id", "x" * 200, "x" * 201),
        ("text", "好" * 100_000, "好" * 100_001),
        ("language", "x" * 35, "x" * 36),
        (
            "identifiers",
            [{"type": "phone", "value": "1"}] * 16,
            [{"type": "phone", "value": "1"}] * 17,
        ),
        ("attributes", {f"k{n}": "v" for n in range(32)}, {f"k{n}": "v" for n in range(33)}),
        ("attributes", {"k": "v" * 500}, {"k": "v" * 501}),
        ("attributes", {"k" * 64: "v"}, {"k" * 65: "v"}),
    ],
)
def test_what_is_too_long_is_refused(field: str, longest: Any, too_long: Any) -> None:
    Feedback.model_validate({**FEEDBACK, field: longest})
    with pytest.raises(ValidationError):
        Feedback.model_validate({**FEEDBACK, field: too_long})
    with pytest.raises(ValidationError):
        Feedback.parse(orjson.dumps({**FEEDBACK, field: too_long}))


@pytest.mark.parametrize("field", ["tenant", "source", "id", "text", "conversation_id"])
def test_a_name_or_text_is_not_empty(field: str) -> None:
    with pytest.raises(ValidationError):
        Feedback.model_validate({**FEEDBACK, field: ""})


def test_white_space_around_a_name_does_not_count() -> None:
    assert Feedback.model_validate({**FEEDBACK, "id": "  call-1\n"}).id == "call-1"
    with pytest.raises(ValidationError):
        Feedback.model_validate({**FEEDBACK, "id": " \t "})


@pytest.mark.parametrize("key", ["Key", "9k", "", "k-k", "客户", "k\n"])
def test_the_key_of_an_attribute_is_a_lower_case_identifier(key: str) -> None:
    with pytest.raises(ValidationError):
        Feedback.model_validate({**FEEDBACK, "attributes": {key: "v"}})


def test_half_a_character_is_no_text() -> None:
    with pytest.raises(ValidationError):
        Feedback.model_validate({**FEEDBACK, "text": "\ud83d"})
    with pytest.raises(ValidationError):
        Feedback.parse(orjson.dumps(FEEDBACK).replace("好".encode(), b"\\ud83d"))


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("2026-11-24T16:15:00+08:00", "2026-11-24T08:15:00Z"),
        ("2026-11-24T08:15:00Z", "2026-11-24T08:15:00Z"),
        ("2026-11-24T08:15:00.123456-05:30", "2026-11-24T13:45:00.123456Z"),
        ("0001-01-01T00:00:00-08:00", "0001-01-01T08:00:00Z"),
        ("9999-12-31T23:59:59+08:00", "9999-12-31T15:59:59Z"),
    ],
)
def test_a_time_is_kept_in_utc(given_: str, kept: str) -> None:
    found = Feedback.model_validate({**FEEDBACK, "occurred_at": given_})
    assert found.occurred_at.utcoffset() == timedelta(0)
    assert orjson.loads(found.encode())["occurred_at"] == kept


@pytest.mark.parametrize(
    "given_",
    [
        "2026-11-24T08:15:00",
        "2026-11-24",
        "",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "10000-01-01T00:00:00Z",
        1e300,
        None,
    ],
)
def test_a_time_without_offset_or_outside_of_the_calendar_is_refused(given_: Any) -> None:
    with pytest.raises(ValidationError, match="occurred_at"):
        Feedback.parse(orjson.dumps({**FEEDBACK, "occurred_at": given_}))
