"""What is added to FastAPI's document, by what an operation is."""

from typing import Any

import pytest

from heedful.common.http.openapi import Refusal, by_hand, missing, refusing
from heedful.common.http.openapi.document import complete

KEYS: list[dict[str, list[str]]] = [{"apiKey": []}, {"bearer": []}]
JSON_BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
SIZE = {"name": "size", "in": "query", "schema": {"type": "integer"}}
CURSOR = {
    "name": "cursor",
    "in": "query",
    "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]},
}
FASTAPIS = {
    "description": "Validation Error",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/HTTPValidationError"}}
    },
}
THING = {"type": "object", "properties": {"id": {"type": "string"}}}


def completed(method: str, path: str = "/v1/things", **operation: Any) -> dict[str, Any]:
    """The whole document around one operation."""
    return complete(
        {
            "openapi": "3.1.0",
            "info": {"title": "shop", "version": "1"},
            "paths": {
                path: {
                    method: {
                        "operationId": "use_thing",
                        "tags": ["ingest"],
                        "responses": {"200": {"description": "Successful Response"}},
                        **operation,
                    }
                }
            },
            "components": {"schemas": {"Thing": THING, "HTTPValidationError": {}}},
        }
    )


def answers(method: str, path: str = "/v1/things", **operation: Any) -> dict[str, str]:
    """What one operation may answer: status -> the problems of a refusal."""
    document = completed(method, path, **operation)
    found = document["paths"][path][method]["responses"]
    return {
        status: one.get("$ref", ".").rsplit("/", 1)[-1].partition(".")[2]
        for status, one in found.items()
    }


def test_an_open_operation_without_anything_is_never_refused() -> None:
    assert answers("get") == {"200": ""}


def test_a_key_may_be_wrong_unfit_or_used_up() -> None:
    assert answers("get", security=KEYS) == {
        "200": "",
        "401": "unauthorized",
        "403": "forbidden",
        "429": "quota-exceeded",
        "503": "unavailable",
    }


def test_a_write_may_fail_by_how_its_body_comes() -> None:
    assert answers("post") == {
        "200": "",
        "400": "bad-encoding",
        "408": "slow-body",
        "413": "too-large",
        "415": "unknown-encoding",
    }


def test_a_write_with_a_key_is_repeatable() -> None:
    found = answers("delete", security=KEYS)
    assert found["400"] == "bad-encoding.bad-idempotency-key"
    assert found["409"] == "answer-lost.in-progress"
    assert found["422"] == "idempotency-key-reused"
    document = completed("delete", security=KEYS)
    operation = document["paths"]["/v1/things"]["delete"]
    assert operation["parameters"] == [{"$ref": "#/components/parameters/IdempotencyKey"}]
    assert "Idempotent-Replayed" in operation["responses"]["200"]["headers"]


@pytest.mark.parametrize(
    ("operation", "problems"),
    [
        ({"requestBody": JSON_BODY}, "invalid.too-deep"),
        ({"requestBody": JSON_BODY, "parameters": [SIZE]}, "invalid.too-deep"),
        ({"parameters": [SIZE]}, "invalid"),
        ({"parameters": [NAME]}, None),
        ({"parameters": [CURSOR]}, None),
        (by_hand({"application/json": {"schema": {}}}), None),
    ],
)
def test_422_is_where_something_has_a_form(operation: dict[str, Any], problems: str | None) -> None:
    """FastAPI says so of every operation with a parameter."""
    responses = {"200": {"description": "x"}, "422": FASTAPIS}
    assert answers("post", responses=responses, **operation).get("422") == problems


def test_a_list_may_get_a_cursor_that_is_none() -> None:
    assert answers("get", parameters=[CURSOR])["400"] == "bad-cursor"


def test_what_is_no_part_of_the_interface_answers_as_it_says() -> None:
    assert answers("get", "/healthz") == {"200": ""}


def test_a_route_adds_its_own_problems() -> None:
    sold = Refusal(409, "sold-out", "It is sold out", "nothing is left", {"left": 0})
    responses = {"200": {"description": "x"}, **_keyed(refusing(missing("thing"), sold))}
    found = answers("post", security=KEYS, responses=responses)
    assert (found["404"], found["409"]) == ("no-such-thing", "answer-lost.in-progress.sold-out")
    document = completed("post", security=KEYS, responses=responses)
    shared = document["components"]["responses"]["409.answer-lost.in-progress.sold-out"]
    assert shared["description"].endswith("It is sold out.")
    examples = shared["content"]["application/problem+json"]["examples"]
    assert examples["sold-out"]["value"] == {
        "type": "https://heedful.dev/problems/sold-out",
        "title": "Conflict",
        "status": 409,
        "detail": "nothing is left",
        "left": 0,
    }


def test_a_refusal_without_an_example_stays_without() -> None:
    """A test of the whole document finds it."""
    responses = {"200": {"description": "x"}, "410": {"description": "It is gone"}}
    assert answers("get", responses=responses)["410"] == ""


def test_retry_after_is_where_waiting_helps() -> None:
    document = completed("get", security=KEYS)
    shared = document["components"]["responses"]
    told = {name for name, one in shared.items() if "Retry-After" in one["headers"]}
    assert told == {"429.quota-exceeded", "503.unavailable"}


def test_scopes_are_roles_of_each_way_to_give_a_key() -> None:
    scopes: dict[str, Any] = {"x-scopes": ["a", "b"]}
    document = completed("get", security=KEYS, description="See.", **scopes)
    operation = document["paths"]["/v1/things"]["get"]
    assert operation["security"] == [
        {"apiKey": ["a"]},
        {"bearer": ["a"]},
        {"apiKey": ["b"]},
        {"bearer": ["b"]},
    ]
    assert operation["description"] == "See.\n\nScope: `a` or `b`."
    assert "x-scopes" not in operation


def test_bodies_get_examples() -> None:
    document = completed("put", requestBody=JSON_BODY, parameters=[NAME])
    operation = document["paths"]["/v1/things"]["put"]
    media = operation["requestBody"]["content"]["application/json"]
    assert media["example"] == {"id": "call-20261124-0815"}
    assert operation["parameters"][0]["example"] == "call centre"


def test_a_map_whose_names_have_a_form_takes_no_others() -> None:
    document = completed("get")
    given = {"patternProperties": {"^a": {}}, "type": "object"}
    document["components"]["schemas"] = {"Map": {"properties": {"x": dict(given)}}}
    made = complete(document)["components"]["schemas"]["Map"]["properties"]["x"]
    assert made == {**given, "additionalProperties": False}


def _keyed(responses: dict[int | str, dict[str, Any]]) -> dict[str, Any]:
    return {str(status): one for status, one in responses.items()}
