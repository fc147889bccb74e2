"""What a change of a JSON Schema breaks, when any version must read any other (FULL_TRANSITIVE).

Records stay in the topics and in journey's event table, and services are deployed in any order:
so the present version reads what older ones wrote, and older ones read what it writes. That
leaves two changes: a new optional field, and a new value of an enum that has `other`, as which
older readers take it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]

OPEN = "other"
_ANNOTATIONS = frozenset({"title", "description", "examples", "deprecated", "$comment"})
_NULL = {"type": "null"}
_AT_MOST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_AT_LEAST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_EXACT = ("pattern", "format", "multipleOf", "uniqueItems", "additionalProperties")


@dataclass(frozen=True, slots=True)
class Changes:
    """Sentences, each with the path of what it is about (`$` is the payload)."""

    breaks: list[str] = field(default_factory=list)
    additions: list[str] = field(default_factory=list)


def compare(published: Schema, present: Schema) -> Changes:
    """What the present schema changes; nothing when they mean the same."""
    comparison = _Comparison(published.get("$defs", {}), present.get("$defs", {}))
    comparison.schema("$", published, present)
    return comparison.changes


def shape(schema: Schema) -> dict[str, Any]:
    """The schema without what is only for people."""
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("properties", "patternProperties", "$defs"):
            kept[key] = {name: shape(inner) for name, inner in value.items()}
        elif key in _ANNOTATIONS:
            continue
        elif isinstance(value, Mapping) and key != "default":
            kept[key] = shape(value)
        elif isinstance(value, list) and key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            kept[key] = [shape(inner) for inner in value]
        else:
            kept[key] = value
    return kept


class _Comparison:
    def __init__(self, old_defs: Schema, new_defs: Schema) -> None:
        self.changes = Changes()
        self._old_defs = old_defs
        self._new_defs = new_defs
        self._under_way: set[tuple[str, str]] = set()

    def schema(self, at: str, old: Schema, new: Schema) -> None:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if "$ref" in old and "$ref" in new:
            if pair in self._under_way:
                return
            self._under_way.add(pair)
        old_forms, new_forms = _forms(old, self._old_defs), _forms(new, self._new_defs)
        self._null(at, old_forms, new_forms)
        old_forms, new_forms = _without_null(old_forms), _without_null(new_forms)
        if len(old_forms) == len(new_forms):
            for number, (before, now) in enumerate(zip(old_forms, new_forms, strict=True)):
                self._form(at if len(old_forms) == 1 else f"{at}|{number}", before, now)
        else:
            self._broken(
                at, f"takes one of {len(new_forms)} forms and took one of {len(old_forms)}"
            )
        self._under_way.discard(pair)

    def _null(self, at: str, old: Sequence[Schema], new: Sequence[Schema]) -> None:
        if _NULL in old and _NULL not in new:
            self._broken(at, "no longer takes null, which published records may hold")
        if _NULL in new and _NULL not in old:
            self._broken(at, "may now be null, which older readers refuse")

    def _form(self, at: str, old: Schema, new: Schema) -> None:
        if old.get("type") != new.get("type"):
            self._broken(at, f"was {old.get('type', 'anything')}, is {new.get('type', 'anything')}")
            return
        self._enum(at, old, new)
        self._limits(at, old, new)
        if "properties" in old or "properties" in new:
            self._fields(at, old, new)
        self._map(at, old, new)
        self._items(at, old, new)

    def _enum(self, at: str, old: Schema, new: Schema) -> None:
        before, now = _values(old), _values(new)
        if before is None or now is None:
            if before != now:
                self._broken(at, "became an enum" if before is None else "is no enum any more")
            return
        for value in before:
            if value not in now:
                self._broken(at, f"no longer takes {value!r}, which published records may hold")
        for value in now:
            if value in before:
                continue
            if OPEN in before:
                self.changes.additions.append(f"{at} may also be {value!r}")
            else:
                self._broken(
                    at, f"may now be {value!r}, which older readers refuse: it has no {OPEN!r}"
                )

    def _limits(self, at: str, old: Schema, new: Schema) -> None:
        for key in (*_AT_MOST, *_AT_LEAST):
            before, now = old.get(key), new.get(key)
            if before == now:
                continue
            upper = key in _AT_MOST
            tighter = now is not None and (before is None or (now < before) == upper)
            self._broken(
                at,
                f"{key} was {_said(before)}, is {_said(now)}: "
                + (
                    "published records may exceed it"
                    if tighter
                    else "older readers refuse what it newly takes"
                ),
            )
        for key in _EXACT:
            before, now = old.get(key), new.get(key)
            if not isinstance(before, Mapping) and not isinstance(now, Mapping) and before != now:
                self._broken(at, f"{key} was {_said(before)}, is {_said(now)}")

    def _fields(self, at: str, old: Schema, new: Schema) -> None:
        before, now = old.get("properties", {}), new.get("properties", {})
        demanded, demands = set(old.get("required", ())), set(new.get("required", ()))
        for name, inner in before.items():
            path = f"{at}.{name}"
            if name not in now:
                self._broken(path, "was removed or renamed")
                continue
            if name in demands - demanded:
                self._broken(path, "became required, and published records may lack it")
            if name in demanded - demands:
                self._broken(path, "became optional, and older readers demand it")
            if name not in demanded | demands and inner.get("default") != now[name].get("default"):
                self._broken(
                    path, "has another default: records without it would say another thing"
                )
            self.schema(path, inner, now[name])
        for name in now:
            if name in before:
                continue
            if name in demands:
                self._broken(f"{at}.{name}", "is new and required, and published records lack it")
            else:
                self.changes.additions.append(f"{at}.{name} is new and optional")

    def _map(self, at: str, old: Schema, new: Schema) -> None:
        before, now = old.get("patternProperties", {}), new.get("patternProperties", {})
        if before.keys() != now.keys():
            self._broken(at, f"takes names {sorted(now)} and took {sorted(before)}")
        for pattern in before.keys() & now.keys():
            self.schema(f"{at}[{pattern}]", before[pattern], now[pattern])
        for key in ("additionalProperties", "propertyNames"):
            self._inner(at, f"[{key}]", old.get(key), new.get(key))

    def _items(self, at: str, old: Schema, new: Schema) -> None:
        self._inner(at, "[]", old.get("items"), new.get("items"))
        before, now = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(before) != len(now):
            self._broken(at, f"has {len(now)} places and had {len(before)}")
        for number, (first, second) in enumerate(zip(before, now, strict=False)):
            self.schema(f"{at}[{number}]", first, second)

    def _inner(self, at: str, step: str, old: object, new: object) -> None:
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            self.schema(at + step, old, new)
        elif isinstance(old, Mapping) or isinstance(new, Mapping):
            self._broken(at + step, "is described in one version and not in the other")

    def _broken(self, at: str, what: str) -> None:
        self.changes.breaks.append(f"{at} {what}")


def _forms(schema: Schema, defs: Schema) -> list[Schema]:
    """What a value may be: one form, or those of a union; references resolved."""
    if "$ref" in schema:
        return _forms(defs[str(schema["$ref"]).rsplit("/", 1)[1]], defs)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return [form for inner in schema[key] for form in _forms(inner, defs)]
    kind = schema.get("type")
    if isinstance(kind, list):
        return [dict(_NULL) if one == "null" else {**schema, "type": one} for one in kind]
    return [schema]


def _without_null(forms: Sequence[Schema]) -> list[Schema]:
    return [form for form in forms if form.get("type") != "null"]


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    found = schema.get("enum")
    return None if found is None else list(found)


def _said(limit: object) -> str:
    return "none" if limit is None else repr(limit)
