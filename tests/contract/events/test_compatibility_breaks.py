"""The checker behind the gate: each kind of break, alone."""

from typing import Any

import pytest

from tests.contract.events.compatibility import compare
from tests.contract.events.forms import (
    CLOSED,
    INTEGER,
    NUMBER,
    OPEN,
    TEXT,
    array,
    nullable,
    payload,
)

BREAKS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("field removed", payload(a=TEXT, b=TEXT), payload(a=TEXT), "$.b was removed or renamed"),
    ("field renamed", payload(a=TEXT), payload(b=TEXT), "$.a was removed or renamed"),
    (
        "new required field",
        payload(a=TEXT),
        payload(a=TEXT, b=TEXT, required=("b",)),
        "$.b is new and required, and published records lack it",
    ),
    (
        "optional field became required",
        payload(a=TEXT),
        payload(a=TEXT, required=("a",)),
        "$.a became required, and published records may lack it",
    ),
    (
        "required field became optional",
        payload(a=TEXT, required=("a",)),
        payload(a=TEXT),
        "$.a became optional, and older readers demand it",
    ),
    (
        "another default",
        payload(a={**TEXT, "default": "x"}),
        payload(a={**TEXT, "default": "y"}),
        "$.a has another default: records without it would say another thing",
    ),
    ("type changed", payload(x=TEXT), payload(x=INTEGER), "$.x was string, is integer"),
    ("type narrowed", payload(x=NUMBER), payload(x=INTEGER), "$.x was number, is integer"),
    ("type widened", payload(x=INTEGER), payload(x=NUMBER), "$.x was integer, is number"),
    ("type dropped", payload(x=TEXT), payload(x={}), "$.x was string, is anything"),
    (
        "null no longer taken",
        payload(x=nullable(TEXT)),
        payload(x={**TEXT, "default": None}),
        "$.x no longer takes null, which published records may hold",
    ),
    (
        "null newly taken",
        payload(x={**TEXT, "default": None}),
        payload(x=nullable(TEXT)),
        "$.x may now be null, which older readers refuse",
    ),
    (
        "enum narrowed",
        payload(x=OPEN),
        payload(x={**OPEN, "enum": ["call", "other"]}),
        "$.x no longer takes 'chat', which published records may hold",
    ),
    (
        "open enum closed",
        payload(x=OPEN),
        payload(x={**OPEN, "enum": ["call", "chat"]}),
        "$.x no longer takes 'other', which published records may hold",
    ),
    (
        "closed enum grew",
        payload(x=CLOSED),
        payload(x={**CLOSED, "enum": ["red", "green", "blue"]}),
        "$.x may now be 'blue', which older readers refuse: it has no 'other'",
    ),
    (
        "enum of one value grew",
        payload(x={**TEXT, "const": "a"}),
        payload(x={**TEXT, "enum": ["a", "b"]}),
        "$.x may now be 'b', which older readers refuse: it has no 'other'",
    ),
    ("became an enum", payload(x=TEXT), payload(x=CLOSED), "$.x became an enum"),
    ("no longer an enum", payload(x=CLOSED), payload(x=TEXT), "$.x is no enum any more"),
    (
        "another format",
        payload(x={**TEXT, "format": "date-time"}),
        payload(x={**TEXT, "format": "date"}),
        "$.x format was 'date-time', is 'date'",
    ),
    (
        "another pattern",
        payload(x={**TEXT, "pattern": "^a*$"}),
        payload(x={**TEXT, "pattern": "^a+$"}),
        "$.x pattern was '^a*$', is '^a+$'",
    ),
    (
        "new pattern",
        payload(x=TEXT),
        payload(x={**TEXT, "pattern": "^a+$"}),
        "$.x pattern was none, is '^a+$'",
    ),
    (
        "inside of an array",
        payload(x=array(payload(a=TEXT, b=TEXT))),
        payload(x=array(payload(a=TEXT))),
        "$.x[].b was removed or renamed",
    ),
    (
        "array became an object",
        payload(x=array(TEXT)),
        payload(x=payload()),
        "$.x was array, is object",
    ),
    (
        "items no longer described",
        payload(x=array(TEXT)),
        payload(x={"type": "array"}),
        "$.x[] is described in one version and not in the other",
    ),
    (
        "inside of a tuple",
        payload(x={"type": "array", "prefixItems": [TEXT, TEXT]}),
        payload(x={"type": "array", "prefixItems": [TEXT, INTEGER]}),
        "$.x[1] was string, is integer",
    ),
    (
        "tuple became shorter",
        payload(x={"type": "array", "prefixItems": [TEXT, TEXT]}),
        payload(x={"type": "array", "prefixItems": [TEXT]}),
        "$.x has 1 places and had 2",
    ),
    (
        "inside of a nullable",
        payload(x=nullable(payload(a={**TEXT, "maxLength": 9}))),
        payload(x=nullable(payload(a={**TEXT, "maxLength": 8}))),
        "$.x.a maxLength was 9, is 8: published records may exceed it",
    ),
    (
        "inside of a definition",
        payload(x={"$ref": "#/$defs/D"}, defs={"D": payload(a=TEXT)}),
        payload(x={"$ref": "#/$defs/D"}, defs={"D": payload(a=INTEGER)}),
        "$.x.a was string, is integer",
    ),
    (
        "inside of a map",
        payload(x={"type": "object", "patternProperties": {"^a$": TEXT}}),
        payload(x={"type": "object", "patternProperties": {"^a$": INTEGER}}),
        "$.x[^a$] was string, is integer",
    ),
    (
        "other names of a map",
        payload(x={"type": "object", "patternProperties": {"^a$": TEXT}}),
        payload(x={"type": "object", "patternProperties": {"^b$": TEXT}}),
        "$.x takes names ['^b$'] and took ['^a$']",
    ),
    (
        "values of a free map",
        payload(x={"type": "object", "additionalProperties": TEXT}),
        payload(x={"type": "object", "additionalProperties": INTEGER}),
        "$.x[additionalProperties] was string, is integer",
    ),
    (
        "producers may invent fields",
        {**payload(a=TEXT), "additionalProperties": False},
        {**payload(a=TEXT), "additionalProperties": True},
        "$ additionalProperties was False, is True",
    ),
    (
        "form of a union added",
        payload(x={"anyOf": [TEXT, INTEGER]}),
        payload(x={"anyOf": [TEXT, INTEGER, {"type": "boolean"}]}),
        "$.x takes one of 3 forms and took one of 2",
    ),
    (
        "form of a union changed",
        payload(x={"anyOf": [TEXT, INTEGER]}),
        payload(x={"anyOf": [TEXT, {"type": "boolean"}]}),
        "$.x|1 was integer, is boolean",
    ),
]


@pytest.mark.parametrize(
    ("before", "now", "sentence"), [case[1:] for case in BREAKS], ids=[case[0] for case in BREAKS]
)
def test_a_break_is_told_with_its_place(
    before: dict[str, Any], now: dict[str, Any], sentence: str
) -> None:
    assert sentence in compare(before, now).breaks
    assert len(compare(before, now).breaks) == 1


def test_a_break_undone_is_a_change_too() -> None:
    for _, before, now, _ in BREAKS:
        assert compare(before, now).breaks
        assert compare(now, before).breaks or compare(now, before).additions
