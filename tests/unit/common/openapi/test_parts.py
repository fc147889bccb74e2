"""Names of schemas, and examples of them."""

from typing import Any

import pytest

from heedful.common.http.openapi.examples import UNKNOWN, Examples
from heedful.common.http.openapi.names import readable, renamed


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("KeyOut", "KeyOut"),
        ("Page_KeyOut_", "KeyOutPage"),
        ("heedful__alerting__case__State", "CaseState"),
        ("heedful__common__contracts__enrichment__Reason", "EnrichmentReason"),
        ("heedful__ingest__store_lines__Line", "StoreLinesLine"),
    ],
)
def test_names_are_readable(given: str, name: str) -> None:
    assert readable(given) == name


def test_references_follow_their_schemas() -> None:
    page = {"properties": {"items": {"items": {"$ref": "#/components/schemas/Key"}}}}
    document = {
        "paths": {"/keys": [{"$ref": "#/components/schemas/Page_Key_"}]},
        "components": {"schemas": {"Page_Key_": page, "Key": {}}},
    }
    made = renamed(document)
    assert made["paths"] == {"/keys": [{"$ref": "#/components/schemas/KeyPage"}]}
    assert made["components"]["schemas"] == {"KeyPage": page, "Key": {}}


def test_two_schemas_never_share_a_name() -> None:
    schemas: dict[str, Any] = {"Page_Key_": {}, "KeyPage": {}}
    with pytest.raises(ValueError, match="two schemas"):
        renamed({"components": {"schemas": schemas}})


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string", "examples": ["a", "b"]}, "a"),
        ({"type": "string", "format": "date-time"}, "2026-11-24T00:15:00Z"),
        ({"const": "1.0"}, "1.0"),
        ({"enum": ["red", "green"]}, "red"),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "default": 50}, 50),
        ({"type": "number"}, 1),
        ({"type": "boolean", "default": True}, True),
        ({"type": "null"}, None),
        ({"type": "array"}, []),
        ({"type": "array", "items": {"enum": ["x"]}}, ["x"]),
        ({"type": "object"}, {}),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {UNKNOWN: 1}),
        (
            {
                "type": "object",
                "propertyNames": {"enum": ["met"]},
                "additionalProperties": {"type": "boolean"},
            },
            {"met": False},
        ),
        ({"type": "string"}, UNKNOWN),
    ],
)
def test_an_example_by_type(schema: dict[str, Any], example: Any) -> None:
    assert Examples({}).of(schema) == example


def test_an_example_of_a_model_is_made_of_its_fields() -> None:
    schemas: dict[str, Any] = {
        "KeyOut": {
            "properties": {
                "id": {"type": "string"},
                "source": {"type": "string"},
                "state": {"$ref": "#/components/schemas/State"},
                "given": {"$ref": "#/components/schemas/Given"},
            }
        },
        "State": {"enum": ["open"]},
        "Given": {"properties": {"x": {}}, "examples": [{"x": 7}]},
    }
    assert Examples(schemas).of({"$ref": "#/components/schemas/KeyOut"}) == {
        "id": "k-9f3a2c1b77d0",
        "source": "callcentre",
        "state": "open",
        "given": {"x": 7},
    }
