"""Reading what a vendor sent without trusting its shape: every step that fails names its place."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from heedful.ingest.channels import Malformed, Taken

_MAX_PLACE = 200


class Node:
    """A part of a parsed document that knows where it stands. Lists and objects are entered by
    `at`, and what is found is taken with its place: `node.at("form").at("answers", 2).text()`.

    Only the vendor's field names go into places and errors, never a value.
    """

    __slots__ = ("_value", "place")

    def __init__(self, value: Any, place: str = "") -> None:
        self._value = value
        self.place = place

    @property
    def value(self) -> Any:
        return self._value

    @property
    def missing(self) -> bool:
        """Not there, or null."""
        return self._value is None

    def at(self, *path: str | int) -> "Node":
        """The part under these names and positions; a missing one when there is none.

        Raises:
            Malformed: something on the way is there and neither object nor list.
        """
        node = self
        for step in path:
            node = node._enter(step)
        return node

    def each(self) -> "Sequence[Node]":
        """The members of a list; none when it is missing.

        Raises:
            Malformed: it is something else.
        """
        if self.missing:
            return ()
        if not isinstance(self._value, list):
            raise Malformed(f"{self.place or 'the body'} is not a list")
        return [Node(value, f"{self.place}[{number}]") for number, value in enumerate(self._value)]

    def text(self) -> str | None:
        """A string without the white space around it; None when missing or empty. A number is
        read as its digits.

        Raises:
            Malformed: it is something else.
        """
        value = self._value
        if isinstance(value, bool | list | dict):
            raise Malformed(f"{self.place or 'the body'} is not a text")
        if value is None:
            return None
        return str(value).replace("\x00", "").strip() or None

    def number(self) -> float | None:
        """A finite number, also one in quotes; None when missing or empty.

        Raises:
            Malformed: it is something else.
        """
        value = self._value
        if value is None or value == "":
            return None
        try:
            found = float(value) if isinstance(value, int | float | str) else math.nan
        except (ValueError, OverflowError):
            found = math.nan
        if isinstance(value, bool) or not math.isfinite(found):
            raise Malformed(f"{self.place or 'the body'} is not a number")
        return found

    def flag(self) -> bool | None:
        """True or false; None when missing.

        Raises:
            Malformed: it is something else.
        """
        if self._value is None or isinstance(self._value, bool):
            return self._value
        raise Malformed(f"{self.place or 'the body'} is not true or false")

    def iso_time(self) -> datetime | None:
        """An ISO 8601 time with an offset, in UTC; None when missing.

        Raises:
            Malformed: it is something else, or has no offset.
        """
        written = self.text()
        if written is None:
            return None
        try:
            found = datetime.fromisoformat(written)
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise Malformed(f"{self.place or 'the body'} is not a time as ISO 8601 with its offset")

    def unix_time(self, unit: timedelta) -> datetime | None:
        """A Unix time in this unit; None when missing.

        Raises:
            Malformed: it is something else.
        """
        number = self.number()
        if number is None:
            return None
        try:
            return datetime.fromtimestamp(number * unit.total_seconds(), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise Malformed(f"{self.place or 'the body'} is not a Unix time") from error

    def taken(self, value: Any) -> Taken | None:
        """The value with this place as its origin; None for what is not there."""
        return None if value is None else Taken(value, self.place[:_MAX_PLACE] or "body")

    def needed(self, value: Any) -> Taken:
        """As `taken`.

        Raises:
            Malformed: it is not there.
        """
        found = self.taken(value)
        if found is None:
            raise Malformed(f"{self.place or 'the body'} is missing")
        return found

    def _enter(self, step: str | int) -> "Node":
        if isinstance(step, int):
            members = self.each()
            return members[step] if step < len(members) else Node(None, f"{self.place}[{step}]")
        place = f"{self.place}.{step}" if self.place else step
        if self.missing:
            return Node(None, place)
        if not isinstance(self._value, Mapping):
            raise Malformed(f"{self.place or 'the body'} is not an object")
        return Node(self._value.get(step), place)


def json_document(body: bytes) -> Node:
    """The body as strict JSON (RFC 8259), whatever stands there.

    Raises:
        Malformed: it is not JSON.
    """
    try:
        return Node(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON ({error.msg} at character {error.pos})") from error


def json_body(body: bytes) -> Node:
    """The body as strict JSON (RFC 8259), an object.

    Raises:
        Malformed: it is not JSON, or not an object.
    """
    found = json_document(body)
    if not isinstance(found.value, dict):
        raise Malformed("the body is not a JSON object")
    return found
