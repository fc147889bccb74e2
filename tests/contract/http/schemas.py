"""Whether one JSON Schema admits what another one does, in the forms that pydantic writes.

Of a request the present schema must admit all that the published one did; of an answer the
published one must admit what the present one does, for there are readers who go by it. They skip
fields that they do not know, and take a value of an open enum that they do not know for `other`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from tests.contract.events.compatibility import OPEN, Changes

Schema = Mapping[str, Any]

_AT_MOST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_AT_LEAST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")


class Side(Enum):
    REQUEST = auto()
    ANSWER = auto()


def compare_schemas(
    at: str,
    old: Schema,
    new: Schema,
    old_schemas: Mapping[str, Schema],
    new_schemas: Mapping[str, Schema],
    side: Side,
    changes: Changes,
) -> None:
    """Add what the new schema changes, for who sends such a request or reads such an answer."""
    if side is Side.REQUEST:
        admitted, admitting = _Schemas(old, old_schemas), _Schemas(new, new_schemas)
    else:
        admitted, admitting = _Schemas(new, new_schemas), _Schemas(old, old_schemas)
    _Admission(admitting.defs, admitted.defs, side, changes).schema(
        at, admitting.root, admitted.root
    )


@dataclass(frozen=True, slots=True)
class _Schemas:
    root: Schema
    defs: Mapping[str, Schema]


class _Admission:
    """Finds what `outer` does not admit of what `inner` does."""

    def __init__(
        self,
        outer_defs: Mapping[str, Schema],
        inner_defs: Mapping[str, Schema],
        side: Side,
        changes: Changes,
    ) -> None:
        self._outer_defs = outer_defs
        self._inner_defs = inner_defs
        self._side = side
        self._changes = changes
        self._under_way: set[tuple[str, str]] = set()

    def schema(self, at: str, outer: Schema, inner: Schema) -> None:
        pair = (str(outer.get("$ref")), str(inner.get("$ref")))
        if pair in self._under_way:
            return
        if "$ref" in outer and "$ref" in inner:
            self._under_way.add(pair)
        outers, inners = _forms(outer, self._outer_defs), _forms(inner, self._inner_defs)
        for form in inners:
            self._form(at, outers, form)
        self._under_way.discard(pair)

    def _form(self, at: str, outers: Sequence[Schema], inner: Schema) -> None:
        """One of the outer forms must admit this one; what the likeliest refuses is told."""
        tries = []
        for outer in outers:
            kinds = outer.get("type"), inner.get("type")
            if kinds[0] is not None and kinds[0] != kinds[1] and kinds != ("number", "integer"):
                continue
            found = Changes()
            _Admission(self._outer_defs, self._inner_defs, self._side, found)._same(
                at, outer, inner, self._under_way
            )
            tries.append(found)
        if not tries:
            kind = inner.get("type", "anything")
            said = {Side.REQUEST: f"no longer takes {kind}", Side.ANSWER: f"may now be {kind}"}
            self._changes.breaks.append(f"{at} {said[self._side]}")
            return
        best = min(tries, key=lambda one: len(one.breaks))
        self._changes.breaks.extend(best.breaks)
        self._changes.additions.extend(best.additions)

    def _same(self, at: str, outer: Schema, inner: Schema, under_way: set[tuple[str, str]]) -> None:
        """Both have one type."""
        self._under_way = set(under_way)
        self._enum(at, outer, inner)
        self._exact(at, outer, inner)
        if self._side is Side.REQUEST:
            self._limits(at, outer, inner)
        self._fields(at, outer, inner)
        self._names(at, outer, inner)
        for key, step in (("items", "[]"), ("additionalProperties", "{}")):
            self._inner(at + step, outer.get(key), inner.get(key))

    def _enum(self, at: str, outer: Schema, inner: Schema) -> None:
        admits, values = _values(outer), _values(inner)
        if admits is None:
            return
        if values is None:
            self._told(at, "is one of some values only", "may now be any value")
            return
        for value in values:
            if value in admits:
                continue
            if self._side is Side.ANSWER and OPEN in admits:
                self._changes.additions.append(f"{at} may also be {value!r}")
            else:
                self._told(at, f"no longer takes {value!r}", f"may now be {value!r}")

    def _exact(self, at: str, outer: Schema, inner: Schema) -> None:
        for key in ("format", "pattern"):
            demanded = outer.get(key)
            if demanded is None or demanded == inner.get(key):
                continue
            if key == "format" or self._side is Side.REQUEST:
                self._told(at, f"has the {key} {demanded} now", f"has no longer {key} {demanded}")

    def _limits(self, at: str, outer: Schema, inner: Schema) -> None:
        for key in (*_AT_MOST, *_AT_LEAST):
            limit, before = outer.get(key), inner.get(key)
            if limit is None or limit == before:
                continue
            if before is None or (limit < before) == (key in _AT_MOST):
                self._told(at, f"has {key} {limit}, and had {before or 'none'}", "")

    def _fields(self, at: str, outer: Schema, inner: Schema) -> None:
        takes, has = outer.get("properties", {}), inner.get("properties", {})
        for name, schema in has.items():
            path = f"{at}.{name}"
            if name in takes:
                self._default(path, takes[name], schema)
                self.schema(path, takes[name], schema)
            elif self._side is Side.ANSWER:
                self._changes.additions.append(f"{path} is new")
            elif outer.get("additionalProperties") is False:
                self._told(path, "is no longer taken", "")
        closed, open_ = outer.get("additionalProperties"), inner.get("additionalProperties")
        if self._side is Side.REQUEST and closed is False and open_ is not False:
            self._told(at, "takes no further fields any more", "")
        demands, gives = set(outer.get("required", ())), set(inner.get("required", ()))
        for name in takes:
            path = f"{at}.{name}"
            if name in demands - gives:
                new = self._side is Side.REQUEST and name not in has
                self._told(
                    path, "is new and required" if new else "became required", "may be absent"
                )
            elif name not in has and self._side is Side.ANSWER:
                self._told(path, "", "was removed")
            elif name not in has:
                self._changes.additions.append(f"{path} is new and optional")

    def _default(self, at: str, outer: Schema, inner: Schema) -> None:
        if self._side is Side.REQUEST and outer.get("default") != inner.get("default"):
            self._told(at, "has another default: who leaves it out says another thing", "")

    def _names(self, at: str, outer: Schema, inner: Schema) -> None:
        takes, has = outer.get("patternProperties", {}), inner.get("patternProperties", {})
        for pattern, schema in has.items():
            if pattern in takes:
                self.schema(f"{at}{{}}", takes[pattern], schema)
            else:
                self._told(f"{at}{{}}", "takes other names", "has other names")

    def _inner(self, at: str, outer: object, inner: object) -> None:
        if isinstance(outer, Mapping) and isinstance(inner, Mapping):
            self.schema(at, outer, inner)
        elif isinstance(outer, Mapping):
            self._told(at, "is bound now", "is no longer described")

    def _told(self, at: str, of_request: str, of_answer: str) -> None:
        said = of_request if self._side is Side.REQUEST else of_answer
        self._changes.breaks.append(f"{at} {said}")


def _forms(schema: Schema, defs: Mapping[str, Schema]) -> list[Schema]:
    """What a value may be: one form, or those of a union; references resolved."""
    if "$ref" in schema:
        return _forms(defs[str(schema["$ref"]).rsplit("/", 1)[1]], defs)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return [form for one in schema[key] for form in _forms(one, defs)]
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [{**schema, "type": kind} for kind in kinds]
    return [schema]


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    found = schema.get("enum")
    return None if found is None else list(found)
