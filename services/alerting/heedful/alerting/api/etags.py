"""The version of a case in HTTP: its `sequence` as an entity tag (RFC 9110 §8.8.3)."""

import re
from typing import Annotated, Any, Final

from fastapi import Header
from pydantic import AfterValidator, WithJsonSchema

_TAG: Final = r'"[0-9]{1,9}"'
_FORM: Final = rf"^(\*|{_TAG}([ \t]*,[ \t]*{_TAG})*)$"

ETAG: Final[dict[str, Any]] = {
    "description": "The `sequence` of the case that is answered, in quotes; for `If-Match`.",
    "schema": {"type": "string"},
    "example": '"7"',
}
"""A Header Object of OpenAPI."""


def etag(sequence: int) -> str:
    return f'"{sequence}"'


def _well_formed(written: str) -> str:
    if re.fullmatch(_FORM, written) is None:
        raise ValueError(
            'write the ETag of the case as you saw it, in its quotes: "7"; or leave If-Match out'
        )
    return written


IfMatch = Annotated[
    str | None,
    AfterValidator(lambda written: None if written is None else _well_formed(written)),
    WithJsonSchema({"type": "string", "pattern": _FORM}),
    Header(
        alias="If-Match",
        description="The `ETag` of the case as you saw it (RFC 9110 §13.1.1): when it has moved on "
        "since, nothing is done. `*` or none: whatever it is by now.",
    ),
]


def sequences(if_match: str | None) -> frozenset[int] | None:
    """The sequences that the case may be at; None: any."""
    if if_match is None or if_match == "*":
        return None
    return frozenset(map(int, re.findall(r"[0-9]+", if_match)))
