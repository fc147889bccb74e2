"""Examples of bodies, put together from those of their fields. Pure.

An example of a model (`json_schema_extra`) or a field (`Field(examples=[…])`) comes first, then
the value that a field of this name has everywhere (`example_values.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from heedful.common.http.openapi.example_values import BY_FORMAT, BY_NAME

Schema = Mapping[str, Any]

UNKNOWN = "…"
"""Stands where nobody gave an example; a test finds it."""


class Examples:
    """Makes examples of schemas.

    Args:
        schemas: `components.schemas` of the document.
    """

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def of(self, schema: Schema, name: str = "", owner: str = "") -> Any:
        """A value of this schema.

        Args:
            name: of the field that holds it.
            owner: name of the model that the field belongs to.
        """
        if schema.get("examples"):
            return schema["examples"][0]
        for known in (f"{owner}.{name}", name):
            if known in BY_NAME:
                return BY_NAME[known]
        if "$ref" in schema:
            model = str(schema["$ref"]).rsplit("/", 1)[1]
            return self._model(model, self._schemas[model], name, owner)
        if "anyOf" in schema or "oneOf" in schema:
            return self.of(_preferred(schema.get("anyOf") or schema["oneOf"]), name, owner)
        return self._plain(schema, name, owner)

    def _model(self, model: str, schema: Schema, name: str, owner: str) -> Any:
        if schema.get("examples"):
            return schema["examples"][0]
        if "properties" not in schema:
            return self.of(schema, name, owner)
        return {
            field: self.of(inner, field, model) for field, inner in schema["properties"].items()
        }

    def _plain(self, schema: Schema, name: str, owner: str) -> Any:
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, name, owner)
        if kind == "array":
            return [self.of(schema["items"], name, owner)] if "items" in schema else []
        if kind in ("integer", "number"):
            return schema.get("default") or max(1, schema.get("minimum", 1))
        if kind == "boolean":
            return schema.get("default", False)
        if kind == "null":
            return None
        return BY_FORMAT.get(str(schema.get("format")), UNKNOWN)

    def _object(self, schema: Schema, name: str, owner: str) -> Any:
        inner = schema.get("additionalProperties")
        if not isinstance(inner, Mapping):
            return {}
        keys = schema.get("propertyNames", {})
        return {self.of(keys, f"{name}{{}}", owner) if keys else UNKNOWN: self.of(inner, "", owner)}


def _preferred(forms: Sequence[Schema]) -> Schema:
    return next((form for form in forms if form.get("type") != "null"), forms[0])
