"""Tracebacks for logs: where it failed, without the values that it failed on.

The message of an error is often made of its input: pydantic quotes it, `int("…")` quotes it,
PostgreSQL quotes the row. Frames hold code only and stay whole.
"""

import sys
import traceback
from collections.abc import Iterator

from asyncpg import PostgresError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from structlog.typing import ExcInfo

from heedful.common.wording import describe

_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"
# SQLSTATE classes whose messages quote values: data exception, integrity constraint violation.
_QUOTING = ("22", "23")
_HIDDEN = "(its message may hold a value and is not logged)"


def rendered(exc_info: ExcInfo) -> str:
    """The traceback of an error and of what led to it."""
    error = exc_info[1] if exc_info[1] is not None else sys.exc_info()[1]
    return "".join(_lines(error, set())).rstrip("\n") if error is not None else ""


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause, link = error.__cause__, _CAUSE
    if cause is None and not error.__suppress_context__:
        cause, link = error.__context__, _CONTEXT
    if cause is not None and id(cause) not in seen:
        yield from _lines(cause, seen)
        yield link
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield summary(error) + "\n"
    if isinstance(error, BaseExceptionGroup):
        for number, inner in enumerate(error.exceptions, 1):
            yield f"--- {number} of {len(error.exceptions)} ---\n"
            yield from _lines(inner, seen)


def summary(error: BaseException) -> str:
    """Type and message, as the last line of a traceback has them."""
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}: {_message(error)}"


def _message(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        return describe(error)
    if type(error).__module__.startswith("heedful."):
        return str(error)
    if isinstance(error, DBAPIError | PostgresError):
        return _of_database(error)
    # UnicodeError and JSON's errors are ValueErrors, KeyError is a LookupError.
    return _HIDDEN if isinstance(error, ValueError | LookupError) else str(error)


def _of_database(error: DBAPIError | PostgresError) -> str:
    found = error.orig if isinstance(error, DBAPIError) else error
    state = str(getattr(found, "sqlstate", None) or "")
    if not state or state.startswith(_QUOTING):
        return f"SQLSTATE {state or 'unknown'} {_HIDDEN}"
    return str(error)
