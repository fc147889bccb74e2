"""The parameters of an insight as fields of a form, and back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from heedful.console.upstream.insights import Known

_FIRST: Final = ("touchpoint", "segment")
"""What every insight takes, and people ask for most."""


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    LIST = "list"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form.

    Attributes:
        default: as it is written in the form.
        value: what the address says; "" for the default.
        choices: of a choice.
        low: least that a number may be; None: any.
    """

    name: str
    kind: FieldKind
    default: str
    value: str
    description: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = False

    @property
    def is_first(self) -> bool:
        return self.name in _FIRST


def fields(known: Known, given: Mapping[str, str]) -> list[Field]:
    """A field for each parameter of the JSON Schema, in its order.

    Args:
        given: what the address says, by name; what is no parameter of the insight is left out.
    """
    definitions = known.parameters.get("$defs", {})
    return [
        _field(name, _resolved(told, definitions), given.get(name, "").strip())
        for name, told in known.parameters.get("properties", {}).items()
    ]


def asked(found: list[Field]) -> dict[str, str]:
    """What journey is asked: lists as JSON, the rest as written; without what is empty."""
    return {one.name: _as_asked(one) for one in found if one.value}


def _field(name: str, told: Mapping[str, Any], value: str) -> Field:
    kind = _kind(told)
    choices = tuple(map(str, told.get("enum", ())))
    return Field(
        name=name,
        kind=kind,
        default=_written(told.get("default"), kind),
        value=value,
        description=str(told.get("description", "")),
        choices=choices,
        low=told.get("minimum", told.get("exclusiveMinimum")),
        high=told.get("maximum", told.get("exclusiveMaximum")),
        whole=told.get("type") == "integer",
    )


def _resolved(told: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """With what it refers to; of several shapes the one that is not null."""
    for one in told.get("anyOf", ()):
        if one.get("type") != "null":
            return {**_resolved(one, definitions), **told}
    reference = told.get("$ref", "").rpartition("/")[2]
    return {**definitions.get(reference, {}), **told}


def _kind(told: Mapping[str, Any]) -> FieldKind:
    if "enum" in told:
        return FieldKind.CHOICE
    kinds = {
        "boolean": FieldKind.FLAG,
        "integer": FieldKind.NUMBER,
        "number": FieldKind.NUMBER,
        "array": FieldKind.LIST,
        "object": FieldKind.JSON,
    }
    return kinds.get(str(told.get("type")), FieldKind.TEXT)


def _written(default: object, kind: FieldKind) -> str:
    if default is None or default in ([], {}):
        return ""
    if kind is FieldKind.LIST and isinstance(default, list):
        return ", ".join(map(str, default))
    return str(default).lower() if isinstance(default, bool) else str(default)


def _as_asked(one: Field) -> str:
    if one.kind is not FieldKind.LIST:
        return one.value
    written = one.value.replace("，", ",").replace("、", ",")
    return orjson.dumps([part.strip() for part in written.split(",") if part.strip()]).decode()
