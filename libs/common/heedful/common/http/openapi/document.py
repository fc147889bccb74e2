"""Completes FastAPI's OpenAPI document. Pure but for `describe`.

The rules of what an operation may answer are in `sharing.py`, what it refers to in
`components.py`, the problems in `refusals.py`, examples of bodies in `examples.py`.
"""

import copy
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from heedful.common.http.openapi import components
from heedful.common.http.openapi.examples import Examples
from heedful.common.http.openapi.names import renamed
from heedful.common.http.openapi.refusals import PROBLEM, refusing
from heedful.common.http.openapi.security import with_scopes
from heedful.common.http.openapi.sharing import BY_HAND, WRITES, Operation
from heedful.common.http.problems import MEDIA_TYPE

Document = dict[str, Any]

_METHODS = WRITES | {"get"}
_FASTAPIS_OWN = "HTTPValidationError"
_FASTAPIS_SUCCESS = "Successful Response"
_LIMITS = ("RateLimit", "RateLimit-Policy")
_HEADERS = {
    401: ("WWW-Authenticate",),
    415: ("Accept-Encoding",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def describe(app: FastAPI) -> None:
    """Make the app show the complete document, at /openapi.json and in /docs."""
    plain = app.openapi
    made: Document = {}

    def complete_openapi() -> Document:
        if not made:
            made.update(complete(plain()))
        return made

    app.openapi = complete_openapi  # type: ignore[method-assign]  # FastAPI's documented way


def complete(found: Document) -> Document:
    """The document of FastAPI with all that its routes share."""
    document = renamed(copy.deepcopy(found))
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = dict(components.PROBLEM)
    for own in (_FASTAPIS_OWN, "ValidationError"):
        schemas.pop(own, None)
    parts["headers"] = {name: dict(one) for name, one in components.HEADERS.items()}
    parts["parameters"] = {"IdempotencyKey": dict(components.IDEMPOTENCY_KEY)}
    for name, scheme in parts.get("securitySchemes", {}).items():
        scheme["description"] = components.SECURITY[name]
    completion = _Completion(parts, Examples(schemas))
    for path, operations in document["paths"].items():
        for method in _METHODS & operations.keys():
            completion.operation(path, method, operations[method])
    for schema in schemas.values():
        _close(schema)
    document["info"]["description"] = components.DESCRIPTION
    document["tags"] = list(_tags(document))
    return document


class _Completion:
    """Completes operations, and collects what they refer to."""

    def __init__(self, parts: Document, examples: Examples) -> None:
        self._responses: Document = parts.setdefault("responses", {})
        self._examples = examples

    def operation(self, path: str, method: str, operation: Document) -> None:
        kind = Operation.of(method, operation)
        operation.pop(BY_HAND, None)
        with_scopes(operation)
        self._parameters(kind, operation)
        self._request(operation)
        if path.startswith("/v1/"):
            _refusals(kind, operation["responses"])
        for status, response in operation["responses"].items():
            if MEDIA_TYPE in response.get("content", {}):
                operation["responses"][status] = self._shared(status, response)
            else:
                self._success(status, kind, response)
        operation["responses"] = dict(sorted(operation["responses"].items()))

    def _parameters(self, kind: Operation, operation: Document) -> None:
        for one in operation.get("parameters", ()):
            if one["name"] in components.PARAMETERS:
                one.setdefault("description", components.PARAMETERS[one["name"]])
            if one["in"] == "path":
                one.setdefault("example", self._examples.of(one["schema"], one["name"]))
        if kind.repeatable:
            reference = {"$ref": "#/components/parameters/IdempotencyKey"}
            operation.setdefault("parameters", []).append(reference)

    def _request(self, operation: Document) -> None:
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "example" not in media and "examples" not in media:
                media["example"] = self._examples.of(media["schema"])

    def _success(self, status: str, kind: Operation, response: Document) -> None:
        if response["description"] == _FASTAPIS_SUCCESS:
            response["description"] = HTTPStatus(int(status)).phrase
        names = _LIMITS if kind.keyed else ()
        if kind.repeatable:
            names = (*names, "Idempotent-Replayed")
        if names:
            given = response.setdefault("headers", {})
            given.update({name: components.header(name) for name in names})
        for media in response.get("content", {}).values():
            if media.get("schema") and "example" not in media and "examples" not in media:
                media["example"] = self._examples.of(media["schema"])

    def _shared(self, status: str, response: Document) -> Document:
        """A reference to the response, which is declared once under the names of its examples."""
        examples: Document = response["content"][MEDIA_TYPE]["examples"]
        names = sorted(examples)
        response["description"] = " ".join(f"{examples[name]['summary']}." for name in names)
        headers = _HEADERS.get(int(status), ()) + (() if status == "401" else _LIMITS)
        if headers:
            response["headers"] = {name: components.header(name) for name in headers}
        key = ".".join((status, *names))
        self._responses[key] = response
        return {"$ref": f"#/components/responses/{key}"}


def _refusals(kind: Operation, responses: Document) -> None:
    """Add what the operation shares with others of its kind to what it says itself."""
    if _FASTAPIS_OWN in str(responses.get("422")):
        del responses["422"]
    for number, shared in refusing(*kind.refusals()).items():
        content = responses.setdefault(str(number), {}).setdefault("content", {})
        media = content.setdefault(MEDIA_TYPE, {"schema": PROBLEM})
        examples = shared["content"][MEDIA_TYPE]["examples"]
        media["examples"] = {**examples, **media.get("examples", {})}
    for status, response in responses.items():
        if int(status) >= 400:
            media = response.setdefault("content", {}).setdefault(MEDIA_TYPE, {})
            media["schema"] = PROBLEM
            media.setdefault("examples", {})


def _close(part: Any) -> None:
    """Say of maps whose names have a form that they take no others, which pydantic leaves out."""
    if isinstance(part, dict):
        if "patternProperties" in part:
            part.setdefault("additionalProperties", False)
        for inner in part.values():
            _close(inner)
    elif isinstance(part, list):
        for inner in part:
            _close(inner)


def _tags(document: Document) -> Iterator[Document]:
    used = {
        tag
        for operations in document["paths"].values()
        for operation in operations.values()
        for tag in operation.get("tags", ())
    }
    for name, description in components.TAGS.items():
        if name in used:
            yield {"name": name, "description": description}
