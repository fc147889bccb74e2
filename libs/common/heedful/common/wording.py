"""What is wrong with a value and where, in the words of who wrote it: one place for single
requests, for items of a batch and for records of the log.

Pydantic's own words stand where they say enough; some of them are made for programmers.
"""

import re
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

TIMES = frozenset({"timezone_aware", "datetime_parsing", "datetime_from_date_parsing"})
"""Types of errors of a time that was not written as ISO 8601 with its offset."""

_TIME = "a time as ISO 8601 with its offset: 2026-11-24T08:15:00+08:00"
_WORDS = {
    "extra_forbidden": "there is no such field",
    "missing": "is missing",
    "tuple_type": "should be a list",
    "model_attributes_type": "should be an object",
    "model_type": "should be an object",
}
_SHOWN_ERRORS = 3
# A name that somebody's program gave. Anything else may be a customer's words out of place.
_QUOTABLE_NAME = re.compile(r"\[key\]|[A-Za-z][A-Za-z0-9_.-]{0,63}")


def fault(item: ErrorDetails) -> str:
    """What is wrong with one value, and how to mend it; never the value."""
    kind = item["type"]
    if kind in TIMES:
        return f"{item['msg']}; write {_TIME}"
    if kind == "string_pattern_mismatch" and "x00" in item["ctx"]["pattern"]:
        return "the character U+0000 is not taken"
    return _WORDS.get(kind, item["msg"].removeprefix("Value error, "))


def place(location: Sequence[int | str]) -> str:
    """Where a value stands, joined by dots; `*` for a name that may be somebody's words."""
    return ".".join(map(_part, location))


def describe(error: ValidationError) -> str:
    """The first three faults of a value and where they are, in one line."""
    found = [
        f"{place(item['loc']) or 'body'}: {fault(item)}"
        for item in error.errors(include_input=False, include_url=False)
    ]
    more = len(found) - _SHOWN_ERRORS
    shown = "; ".join(found[:_SHOWN_ERRORS])
    return shown if more <= 0 else f"{shown}; and {more} more"


def _part(part: int | str) -> str:
    return str(part) if isinstance(part, int) or _QUOTABLE_NAME.fullmatch(part) else "*"
