"""The OpenAPI document of all services: valid, complete, and true where that can be read off."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import openapi_spec_validator
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from heedful.cli.documents_openapi import SERVICES, builds, document
from heedful.common.http.openapi.examples import UNKNOWN

ROOT = Path(__file__).parents[3]
METHODS = frozenset({"get", "put", "post", "patch", "delete"})
PROBLEM_MEDIA = "application/problem+json"
# A fault of ours, and what nobody is left to read.
UNDOCUMENTED = {(500, "internal"), (500, "adapter-failed"), (400, "incomplete")}
# Of a path or method that there is not: of no operation.
UNMATCHED = {(405, "method-not-allowed")}
URL = "https://heedful.dev/openapi.json"


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(document(builds())))
    return found


@pytest.fixture(scope="module")
def operations(openapi: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, found in openapi["paths"].items()
        for method, operation in found.items()
        if method in METHODS
    ]


def test_it_is_valid_openapi(openapi: dict[str, Any]) -> None:
    openapi_spec_validator.validate(openapi)


def test_each_service_has_a_valid_one_of_its_own() -> None:
    for build in builds():
        openapi_spec_validator.validate(document([build]))
    assert len(builds()) == len(SERVICES)


def test_operations_are_named_by_what_they_do(
    operations: list[tuple[str, dict[str, Any]]],
) -> None:
    names = [operation["operationId"] for _, operation in operations]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []


def test_every_operation_has_a_described_tag_and_a_description(
    openapi: dict[str, Any], operations: list[tuple[str, dict[str, Any]]]
) -> None:
    described = {tag["name"] for tag in openapi["tags"]}
    assert [at for at, one in operations if not set(one["tags"]) <= described] == []
    assert [at for at, one in operations if not (one.get("description") or one["summary"])] == []


def test_every_refusal_has_an_example_of_each_problem(
    openapi: dict[str, Any], operations: list[tuple[str, dict[str, Any]]]
) -> None:
    for at, operation in operations:
        for status, response in operation["responses"].items():
            if int(status) < 400 or at.endswith(("/healthz", "/readyz")):
                continue
            name = response.get("$ref", "").rsplit("/", 1)[-1]
            assert name.startswith(f"{status}."), f"{at}: {status} has no example; see refusing()"
            examples = openapi["components"]["responses"][name]["content"][PROBLEM_MEDIA][
                "examples"
            ]
            assert {one["value"]["status"] for one in examples.values()} == {int(status)}


def test_every_body_and_answer_has_an_example(
    operations: list[tuple[str, dict[str, Any]]],
) -> None:
    for at, operation in operations:
        for media in operation.get("requestBody", {}).get("content", {}).values():
            assert not media["schema"] or "example" in media, f"{at}: its body"
        for status, response in operation["responses"].items():
            for media in response.get("content", {}).values():
                assert not media.get("schema") or "example" in media, f"{at}: {status}"


def test_no_field_of_an_example_is_left_open(openapi: dict[str, Any]) -> None:
    left = list(_unknown(openapi, ""))
    assert left == [], "give these an example value, in Field(examples=…) or example_values.py"


def test_examples_are_of_their_schemas(openapi: dict[str, Any]) -> None:
    registry: Any = Registry().with_resource(
        URL, Resource.from_contents(openapi, default_specification=DRAFT202012)
    )
    wrong = []
    for at, schema, example in _examples(openapi, ""):
        validator = jsonschema.Draft202012Validator(
            _absolute(schema), registry=registry, format_checker=jsonschema.FormatChecker()
        )
        wrong += [f"{at}: {error.message}" for error in validator.iter_errors(example)]
    assert wrong == []


def test_every_problem_that_the_code_raises_is_documented(openapi: dict[str, Any]) -> None:
    documented = {
        (one["value"]["status"], one["value"]["type"].rsplit("/", 1)[-1])
        for response in openapi["components"]["responses"].values()
        for one in response["content"][PROBLEM_MEDIA]["examples"].values()
    }
    assert _raised() - documented - UNDOCUMENTED - UNMATCHED == set()


def test_what_is_documented_is_raised_somewhere(openapi: dict[str, Any]) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in _sources())
    for name in openapi["components"]["responses"]:
        for code in name.split(".")[1:]:
            assert f'"{code}"' in text or code.startswith("no-such-"), code


def _sources() -> list[Path]:
    return [*ROOT.glob("libs/*/heedful/**/*.py"), *ROOT.glob("services/*/heedful/**/*.py")]


def _raised() -> set[tuple[object, object]]:
    """Status and code of every `Problem(…)` that is written out."""
    return {
        (call.args[0].value, call.args[1].value)
        for path in _sources()
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Problem"
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[1], ast.Constant)
    }


def _unknown(part: Any, at: str) -> Iterator[str]:
    if part == UNKNOWN:
        yield at
    elif isinstance(part, dict):
        for name, inner in part.items():
            yield from _unknown(inner, f"{at}/{name}")
            if name == UNKNOWN:
                yield at
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _unknown(inner, f"{at}/{number}")


def _examples(part: Any, at: str) -> Iterator[tuple[str, Any, Any]]:
    """Place, schema and example of everything that has both."""
    if isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _examples(inner, f"{at}/{number}")
    if not isinstance(part, dict):
        return
    if "schema" in part and "example" in part:
        yield at, part["schema"], part["example"]
    if "schema" in part and isinstance(part.get("examples"), dict):
        for name, one in part["examples"].items():
            yield f"{at}/{name}", part["schema"], one["value"]
    for name, inner in part.items():
        if name not in ("example", "examples"):
            yield from _examples(inner, f"{at}/{name}")


def _absolute(schema: Any) -> Any:
    text = json.dumps(schema).replace('"#/components/', f'"{URL}#/components/')
    return json.loads(text)
