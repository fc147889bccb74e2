"""What a change of the HTTP interface breaks for who calls it (docs/http.md, "Versions").

A caller goes on to send what it sent, and to read what it read. So a request may be taken more
freely and never more strictly, and an answer may hold more and never less.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.contract.events.compatibility import Changes, shape
from tests.contract.http.schemas import Side, compare_schemas

Document = Mapping[str, Any]

_METHODS = ("get", "put", "post", "patch", "delete")
_SUCCESS = "2"


def compare(published: Document, present: Document) -> Changes:
    """What the present document changes; nothing when they mean the same."""
    changes = Changes()
    _Comparison(published, present, changes).operations()
    return changes


def essence(document: Document) -> dict[str, Any]:
    """The document without what is only for people, and without refusals, which may change."""
    return {
        "paths": {
            path: {
                method: _operation(operation, document)
                for method, operation in found.items()
                if method in _METHODS
            }
            for path, found in document["paths"].items()
        },
        "components": {
            "schemas": {
                name: shape(schema) for name, schema in document["components"]["schemas"].items()
            }
        },
    }


class _Comparison:
    def __init__(self, published: Document, present: Document, changes: Changes) -> None:
        self._before = essence(published)
        self._now = essence(present)
        self._changes = changes

    def operations(self) -> None:
        before, now = dict(_operations(self._before)), dict(_operations(self._now))
        for at, operation in before.items():
            if at in now:
                self._operation(at, operation, now[at])
            else:
                self._broken(at, "was removed")
        self._changes.additions.extend(f"{at} is new" for at in now if at not in before)

    def _operation(self, at: str, old: Document, new: Document) -> None:
        if old["operationId"] != new["operationId"]:
            self._broken(at, f"was called {old['operationId']}, is called {new['operationId']}")
        self._keys(at, old, new)
        self._parameters(at, old["parameters"], new["parameters"])
        self._body(at, old.get("body"), new.get("body"))
        self._answers(at, old["answers"], new["answers"])

    def _keys(self, at: str, old: Document, new: Document) -> None:
        if not new["security"]:
            return
        if not old["security"]:
            self._broken(at, "demands a key, and demanded none")
        for way in old["security"]:
            if way not in new["security"]:
                self._broken(at, f"is no longer open to a key with {_said(way)}")

    def _parameters(self, at: str, old: Document, new: Document) -> None:
        for name, before in old.items():
            if name not in new:
                self._broken(f"{at} {name}", "is no longer taken")
                continue
            if new[name]["required"] and not before["required"]:
                self._broken(f"{at} {name}", "became required")
            self._schema(f"{at} {name}", before["schema"], new[name]["schema"], Side.REQUEST)
        for name in new.keys() - old.keys():
            if new[name]["required"]:
                self._broken(f"{at} {name}", "is new and required")
            else:
                self._changes.additions.append(f"{at} {name} is new and optional")

    def _body(self, at: str, old: Document | None, new: Document | None) -> None:
        if old is None or new is None:
            if new is not None and new["required"]:
                self._broken(at, "demands a body, and demanded none")
            if old is not None:
                self._broken(at, "takes no body any more")
            return
        if new["required"] and not old["required"]:
            self._broken(at, "demands a body, which was optional")
        self._contents(f"{at} body", old["content"], new["content"], Side.REQUEST)

    def _answers(self, at: str, old: Document, new: Document) -> None:
        for status in old.keys() ^ new.keys():
            said = "is no longer answered" if status in old else "is newly answered"
            self._broken(f"{at} {status}", said)
        for status in old.keys() & new.keys():
            before, now = old[status], new[status]
            self._contents(f"{at} {status}", before["content"], now["content"], Side.ANSWER)
            for header in set(before["headers"]) - set(now["headers"]):
                self._broken(f"{at} {status}", f"has no header {header} any more")

    def _contents(self, at: str, old: Document, new: Document, side: Side) -> None:
        for media, schema in old.items():
            if media in new:
                self._schema(at, schema, new[media], side)
            else:
                self._broken(at, f"is no longer {media}")

    def _schema(self, at: str, old: Document, new: Document, side: Side) -> None:
        before, now = (one["components"]["schemas"] for one in (self._before, self._now))
        compare_schemas(at, old, new, before, now, side, self._changes)

    def _broken(self, at: str, what: str) -> None:
        self._changes.breaks.append(f"{at} {what}")


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            yield f"{method.upper()} {path}", operation


def _operation(operation: Document, document: Document) -> dict[str, Any]:
    """What the comparison looks at. An essence is its own essence."""
    if "answers" in operation:
        return dict(operation)
    found: dict[str, Any] = {
        "operationId": operation["operationId"],
        "security": list(operation.get("security", ())),
        "parameters": dict(_parameters(operation.get("parameters", ()), document)),
        "answers": {
            status: {
                "content": _content(answer.get("content", {})),
                "headers": sorted(answer.get("headers", {})),
            }
            for status, answer in operation["responses"].items()
            if status.startswith(_SUCCESS)
        },
    }
    if (body := operation.get("requestBody")) is not None:
        found["body"] = {
            "required": body.get("required", False),
            "content": _content(body["content"]),
        }
    return found


def _parameters(
    parameters: Sequence[Document], document: Document
) -> Iterator[tuple[str, dict[str, Any]]]:
    for given in parameters:
        one = given
        if "$ref" in given:
            one = document["components"]["parameters"][given["$ref"].rsplit("/", 1)[1]]
        schema = shape(one["schema"])
        yield (
            f"{one['in']} {one['name']}",
            {
                "required": one.get("required", False),
                "schema": schema,
            },
        )


def _content(content: Document) -> dict[str, Any]:
    return {media: shape(one.get("schema", {})) for media, one in content.items()}


def _said(requirement: Document) -> str:
    return " and ".join(f"{name} ({', '.join(scopes)})" for name, scopes in requirement.items())
