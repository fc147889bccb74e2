"""The checker behind the gate: what passes, and which way a limit may move."""

from typing import Any

import pytest

from heedful.common.topics import TOPICS
from tests.contract.events.compatibility import Changes, compare, shape
from tests.contract.events.forms import (
    CLOSED,
    INTEGER,
    NULL,
    NUMBER,
    OPEN,
    TEXT,
    array,
    nullable,
    payload,
)


def changed(before: dict[str, Any], now: dict[str, Any]) -> Changes:
    return compare(payload(x=before), payload(x=now))


def test_nothing_changed() -> None:
    for topic in TOPICS:
        schema = topic.payload.model_json_schema()
        assert compare(schema, schema) == Changes()


def test_a_new_optional_field_is_an_addition() -> None:
    assert compare(payload(a=TEXT), payload(a=TEXT, b=TEXT)) == Changes(
        additions=["$.b is new and optional"]
    )


def test_a_new_value_of_an_open_enum_is_an_addition() -> None:
    now = {**OPEN, "enum": ["call", "chat", "video", "other"]}
    assert changed(OPEN, now) == Changes(additions=["$.x may also be 'video'"])


def test_an_addition_inside_of_nested_payloads_is_found() -> None:
    before = payload(x=array(nullable(payload(y=payload(a=TEXT)))))
    now = payload(x=array(nullable(payload(y=payload(a=TEXT, b=TEXT)))))
    assert compare(before, now) == Changes(additions=["$.x[].y.b is new and optional"])


def test_words_for_people_may_change() -> None:
    before = {**TEXT, "title": "X", "description": "old", "examples": ["a"]}
    assert changed(before, {**TEXT, "description": "new"}) == Changes()


def test_the_order_of_fields_and_values_may_change() -> None:
    assert compare(payload(a=TEXT, b=INTEGER), payload(b=INTEGER, a=TEXT)) == Changes()
    assert changed(CLOSED, {**CLOSED, "enum": ["green", "red"]}) == Changes()


def test_a_definition_may_be_renamed_or_written_out() -> None:
    before = payload(x={"$ref": "#/$defs/Old"}, defs={"Old": payload(a=TEXT)})
    renamed = payload(x={"$ref": "#/$defs/New"}, defs={"New": payload(a=TEXT)})
    assert compare(before, renamed) == Changes()
    assert compare(before, payload(x=payload(a=TEXT))) == Changes()


def test_a_union_with_null_may_be_written_as_a_list_of_types() -> None:
    assert changed({"type": ["string", "null"]}, {"anyOf": [TEXT, NULL]}) == Changes()


LIMITS = [
    (TEXT, "maxLength", "upper"),
    (TEXT, "minLength", "lower"),
    (NUMBER, "maximum", "upper"),
    (NUMBER, "exclusiveMaximum", "upper"),
    (NUMBER, "minimum", "lower"),
    (NUMBER, "exclusiveMinimum", "lower"),
    (array(TEXT), "maxItems", "upper"),
    (array(TEXT), "minItems", "lower"),
    ({"type": "object"}, "maxProperties", "upper"),
    ({"type": "object"}, "minProperties", "lower"),
]


@pytest.mark.parametrize(("form", "limit", "side"), LIMITS, ids=[case[1] for case in LIMITS])
def test_a_limit_may_move_neither_way(form: dict[str, Any], limit: str, side: str) -> None:
    high, low = {**form, limit: 9}, {**form, limit: 1}
    tight, loose = (low, high) if side == "upper" else (high, low)
    exceeded = ": published records may exceed it"
    refused = ": older readers refuse what it newly takes"
    assert changed(loose, tight).breaks == [
        f"$.x {limit} was {loose[limit]}, is {tight[limit]}{exceeded}"
    ]
    assert changed(form, tight).breaks == [f"$.x {limit} was none, is {tight[limit]}{exceeded}"]
    assert changed(tight, loose).breaks == [
        f"$.x {limit} was {tight[limit]}, is {loose[limit]}{refused}"
    ]
    assert changed(tight, form).breaks == [f"$.x {limit} was {tight[limit]}, is none{refused}"]


def test_every_break_of_a_payload_is_told() -> None:
    before = payload(a=TEXT, b=TEXT, c=payload(d=INTEGER))
    now = payload(b=INTEGER, c=payload(d=TEXT))
    assert compare(before, now).breaks == [
        "$.a was removed or renamed",
        "$.b was string, is integer",
        "$.c.d was integer, is string",
    ]


def test_a_definition_that_holds_itself_is_compared_once() -> None:
    tree = payload(x={"$ref": "#/$defs/T"}, defs={"T": payload(t={"$ref": "#/$defs/T"}, a=TEXT)})
    cut = payload(x={"$ref": "#/$defs/T"}, defs={"T": payload(t={"$ref": "#/$defs/T"})})
    assert compare(tree, tree) == Changes()
    assert compare(tree, cut).breaks == ["$.x.a was removed or renamed"]


def test_the_shape_keeps_fields_that_are_named_like_annotations() -> None:
    schema = {
        "title": "T",
        "description": "d",
        **payload(title={**TEXT, "title": "Title"}, description=nullable(TEXT)),
        "required": ["title"],
    }
    assert shape(schema) == {
        **payload(title=TEXT, description=nullable(TEXT)),
        "required": ["title"],
    }
