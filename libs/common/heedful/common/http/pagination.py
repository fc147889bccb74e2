"""Cursor pagination: `?cursor=&limit=`, answers `{"items": […], "next_cursor": …}`.

A cursor is the sort key of the last item, opaque to the caller.
"""

import base64
import binascii
from typing import Generic, TypeVar

import orjson
from pydantic import BaseModel

from heedful.common.http.problems import Problem

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 500


class Page(BaseModel, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


class Cursor:
    """The sort key of the last item seen, as strings."""

    @staticmethod
    def encode(*key: str) -> str:
        return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")

    @staticmethod
    def decode(cursor: str, parts: int) -> tuple[str, ...]:
        """Raises Problem 400 when the cursor is not one of ours."""
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            key = orjson.loads(base64.urlsafe_b64decode(padded))
        except (binascii.Error, ValueError):
            key = None
        if (
            not isinstance(key, list)
            or len(key) != parts
            or not all(isinstance(part, str) and "\x00" not in part for part in key)
        ):
            raise Problem(
                400, "bad-cursor", "pass next_cursor of the previous page unchanged, or none"
            )
        return tuple(key)
