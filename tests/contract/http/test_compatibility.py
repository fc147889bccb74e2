"""The checker behind the gate: what passes, and what does not."""

import copy
from typing import Any

import pytest

from tests.contract.events.compatibility import Changes
from tests.contract.http.compatibility import compare, essence
from tests.contract.http.published import present

TEXT: dict[str, Any] = {"type": "string"}
NULL = {"type": "null"}
AT = "POST /v1/things"


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def interface(
    body: dict[str, Any] | None = None, answer: dict[str, Any] | None = None, **operation: Any
) -> dict[str, Any]:
    """A document of one operation."""
    made = {
        "operationId": "create_thing",
        "security": [{"apiKey": ["things:write"]}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body or thing(name=TEXT)}},
        },
        "responses": {
            "201": {"content": {"application/json": {"schema": answer or thing(name=TEXT)}}},
            "404": {"description": "none"},
        },
        **operation,
    }
    return {"paths": {"/v1/things": {"post": made}}, "components": {"schemas": {}}}


def query(name: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema or TEXT}


def test_nothing_changed() -> None:
    assert compare(present(), present()) == Changes()


def test_an_essence_says_all_that_is_compared() -> None:
    whole = interface(parameters=[query("limit", type="integer", maximum=500)])
    assert compare(essence(whole), whole) == Changes()
    assert compare(whole, essence(whole)) == Changes()


CLOSED = {"type": "string", "enum": ["red", "green"]}
OPEN = {"type": "string", "enum": ["call", "other"]}
DEMANDED = {**thing(name=TEXT), "required": ["name"]}


def ways(scope: str, *names: str) -> list[dict[str, Any]]:
    return [{name: [scope]} for name in names]


BREAKS = [
    (interface(), {"paths": {}, "components": {"schemas": {}}}, f"{AT} was removed"),
    (
        interface(),
        interface(operationId="make"),
        f"{AT} was called create_thing, is called make",
    ),
    (interface(security=[]), interface(), f"{AT} demands a key, and demanded none"),
    (
        interface(security=ways("things:write", "apiKey", "bearer")),
        interface(security=ways("things:write", "bearer")),
        f"{AT} is no longer open to a key with apiKey (things:write)",
    ),
    (
        interface(),
        interface(security=ways("things:admin", "apiKey")),
        f"{AT} is no longer open to a key with apiKey (things:write)",
    ),
    # Parameters.
    (
        interface(parameters=[query("limit")]),
        interface(),
        f"{AT} query limit is no longer taken",
    ),
    (
        interface(),
        interface(parameters=[query("limit", required=True)]),
        f"{AT} query limit is new and required",
    ),
    (
        interface(parameters=[query("limit")]),
        interface(parameters=[query("limit", required=True)]),
        f"{AT} query limit became required",
    ),
    (
        interface(parameters=[query("limit", type="integer", maximum=500)]),
        interface(parameters=[query("limit", type="integer", maximum=100)]),
        f"{AT} query limit has maximum 100, and had 500",
    ),
    # Requests.
    (interface(requestBody=None), interface(), f"{AT} demands a body, and demanded none"),
    (
        interface(thing(name=TEXT)),
        interface({**thing(name=TEXT), "required": ["name"]}),
        f"{AT} body.name became required",
    ),
    (
        interface(thing(name=TEXT)),
        interface({**thing(name=TEXT, kind=TEXT), "required": ["kind"]}),
        f"{AT} body.kind is new and required",
    ),
    (
        interface(thing(name=TEXT, kind=TEXT)),
        interface(thing(name=TEXT)),
        f"{AT} body.kind is no longer taken",
    ),
    (
        interface(thing(colour=CLOSED)),
        interface(thing(colour={**CLOSED, "enum": ["red"]})),
        f"{AT} body.colour no longer takes 'green'",
    ),
    (
        interface(thing(name=TEXT)),
        interface(thing(name=CLOSED)),
        f"{AT} body.name is one of some values only",
    ),
    (
        interface(thing(name={"anyOf": [TEXT, NULL]})),
        interface(thing(name=TEXT)),
        f"{AT} body.name no longer takes null",
    ),
    (
        interface(thing(name={**TEXT, "maxLength": 9})),
        interface(thing(name={**TEXT, "maxLength": 5})),
        f"{AT} body.name has maxLength 5, and had 9",
    ),
    (
        interface(thing(name=TEXT)),
        interface(thing(name={**TEXT, "pattern": "^a"})),
        f"{AT} body.name has the pattern ^a now",
    ),
    (
        interface(thing(name={**TEXT, "default": "a"})),
        interface(thing(name={**TEXT, "default": "b"})),
        f"{AT} body.name has another default: who leaves it out says another thing",
    ),
    (
        interface({"type": "object", "properties": {}}),
        interface(thing()),
        f"{AT} body takes no further fields any more",
    ),
    (
        interface(thing(names={"type": "array", "items": TEXT})),
        interface(thing(names={"type": "array", "items": {"type": "integer"}})),
        f"{AT} body.names[] no longer takes string",
    ),
    # Answers.
    (
        interface(),
        interface(responses={"200": {}}),
        f"{AT} 201 is no longer answered",
    ),
    (
        interface(answer=thing(name=TEXT, kind=TEXT)),
        interface(answer=thing(name=TEXT)),
        f"{AT} 201.kind was removed",
    ),
    (
        interface(answer=DEMANDED),
        interface(answer=thing(name=TEXT)),
        f"{AT} 201.name may be absent",
    ),
    (
        interface(answer=thing(name=TEXT)),
        interface(answer=thing(name={"anyOf": [TEXT, NULL]})),
        f"{AT} 201.name may now be null",
    ),
    (
        interface(answer=thing(name={"type": "integer"})),
        interface(answer=thing(name={"type": "number"})),
        f"{AT} 201.name may now be number",
    ),
    (
        interface(answer=thing(colour=CLOSED)),
        interface(answer=thing(colour={**CLOSED, "enum": ["red", "green", "blue"]})),
        f"{AT} 201.colour may now be 'blue'",
    ),
    (
        interface(answer=thing(at={**TEXT, "format": "date-time"})),
        interface(answer=thing(at=TEXT)),
        f"{AT} 201.at has no longer format date-time",
    ),
    (
        interface(responses={"202": {"headers": {"Location": {}}}}),
        interface(responses={"202": {}}),
        f"{AT} 202 has no header Location any more",
    ),
]


@pytest.mark.parametrize(("before", "now", "said"), BREAKS, ids=[case[2] for case in BREAKS])
def test_a_break_is_told(before: Any, now: Any, said: str) -> None:
    before, now = (_with_body_or_none(one) for one in (before, now))
    assert said in compare(before, now).breaks


THINGS = interface()["paths"]["/v1/things"]
ADDITIONS = [
    (
        interface(),
        {
            **interface(),
            "paths": {**interface()["paths"], "/v1/others": interface()["paths"]["/v1/things"]},
        },
        "POST /v1/others is new",
    ),
    (
        interface(),
        interface(parameters=[query("limit")]),
        f"{AT} query limit is new and optional",
    ),
    (
        interface(thing(name=TEXT)),
        interface(thing(name=TEXT, kind=TEXT)),
        f"{AT} body.kind is new and optional",
    ),
    (
        interface(answer=thing(name=TEXT)),
        interface(answer=thing(name=TEXT, kind=TEXT)),
        f"{AT} 201.kind is new",
    ),
    (
        interface(answer=thing(channel=OPEN)),
        interface(answer=thing(channel={**OPEN, "enum": ["call", "video", "other"]})),
        f"{AT} 201.channel may also be 'video'",
    ),
]


@pytest.mark.parametrize(("before", "now", "said"), ADDITIONS, ids=[case[2] for case in ADDITIONS])
def test_an_addition_is_no_break(before: Any, now: Any, said: str) -> None:
    assert compare(before, now) == Changes(additions=[said])


RELAXED = [
    (thing(name={**TEXT, "maxLength": 5}), thing(name={**TEXT, "maxLength": 9})),
    (thing(name=TEXT), thing(name={"anyOf": [TEXT, NULL]})),
    (thing(colour=CLOSED), thing(colour={**CLOSED, "enum": ["red", "green", "blue"]})),
    (DEMANDED, thing(name=TEXT)),
    (thing(size={"type": "integer"}), thing(size={"type": "number"})),
]


@pytest.mark.parametrize(("before", "now"), RELAXED)
def test_a_request_may_be_taken_more_freely_and_an_answer_may_not(before: Any, now: Any) -> None:
    assert compare(interface(before), interface(now)).breaks == []
    assert compare(interface(answer=now), interface(answer=before)).breaks == []
    assert compare(interface(now), interface(before)).breaks != []


def test_schemas_are_compared_by_what_they_say_and_not_by_their_names() -> None:
    before, now = interface({"$ref": "#/components/schemas/Old"}), interface()
    before["components"]["schemas"]["Old"] = thing(name=TEXT)
    assert compare(before, now) == Changes()
    assert compare(now, before) == Changes()


def test_a_schema_that_holds_itself_is_compared_once() -> None:
    tree = thing(children={"type": "array", "items": {"$ref": "#/components/schemas/Tree"}})
    before = interface({"$ref": "#/components/schemas/Tree"})
    before["components"]["schemas"]["Tree"] = tree
    now = copy.deepcopy(before)
    assert compare(before, now) == Changes()
    now["components"]["schemas"]["Tree"]["properties"]["name"] = TEXT
    assert compare(before, now) == Changes(additions=[f"{AT} body.name is new and optional"])
    assert compare(now, before).breaks == [f"{AT} body.name is no longer taken"]


def _with_body_or_none(document: dict[str, Any]) -> dict[str, Any]:
    """`requestBody=None` stands for an operation that has none."""
    made = copy.deepcopy(document)
    for operations in made["paths"].values():
        for operation in operations.values():
            if operation.get("requestBody", {}) is None:
                del operation["requestBody"]
    return made
