"""The cursor of lists that are sorted by a time and an id."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from heedful.common.http.pagination import DEFAULT_LIMIT, MAX_LIMIT, Cursor
from heedful.common.http.problems import Problem

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
DEFAULT = DEFAULT_LIMIT


def after(cursor: str | None) -> tuple[datetime, str] | None:
    """The sort key in a cursor.

    Raises:
        Problem: 400, the cursor is not one of ours.
    """
    if cursor is None:
        return None
    time, found = Cursor.decode(cursor, 2)
    try:
        parsed = datetime.fromisoformat(time)
    except ValueError as error:
        raise bad_cursor() from error
    if parsed.tzinfo is None:
        raise bad_cursor()
    return parsed, found


def encoded(time: datetime, last: str) -> str:
    return Cursor.encode(time.isoformat(), last)


def bad_cursor() -> Problem:
    """400: what was given is no cursor of ours."""
    return Problem(400, "bad-cursor", "pass next_cursor of the previous page unchanged, or none")


def number(written: str) -> int:
    """The number of a version in a cursor, at most what PostgreSQL takes for an int.

    Raises:
        Problem: it is none.
    """
    if not written.isascii() or not written.isdecimal() or len(written) > len("1000000000"):
        raise bad_cursor()
    return min(int(written), 2**31 - 1)
