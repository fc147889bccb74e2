"""The canonical form of what is hashed: JCS, RFC 8785. Pure.

Equal JSON values have equal bytes, however PostgreSQL's jsonb or another language has written them
meanwhile.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import rfc8785

from heedful.common.administration import SAFE_INTEGER

JsonObject = Mapping[str, Any]


def canonical(value: JsonObject) -> bytes:
    """The bytes of a JSON object.

    Raises:
        ValueError: a value that JSON has not, or a number beyond ±(2^53 - 1): what is written of it
            is read as another number by some.
    """
    if _plain(value):
        # The same bytes as rfc8785 gives (a property test says so), 20 times as fast.
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    written: bytes = rfc8785.dumps(_bounded(value))
    return written


def moment(time: datetime) -> str:
    """A time as it is hashed: UTC, microseconds, e.g. `2026-03-01T08:00:00.000000+00:00`."""
    utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")


def _bounded(value: Any) -> Any:
    """The value, when RFC 8785 has it and every reader reads it alike."""
    if isinstance(value, Mapping):
        return {name: _bounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_bounded(one) for one in value]
    if isinstance(value, int | float) and not abs(value) <= SAFE_INTEGER:
        raise ValueError("a number is larger than 2^53 - 1; write it as a string")
    return value


def _plain(value: object) -> bool:
    """Whether orjson writes it as RFC 8785 does: no fractions, and names in one order, be they
    compared by code points or by UTF-16."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -SAFE_INTEGER <= value <= SAFE_INTEGER  # type: ignore[operator]  # an int
    if isinstance(value, dict):
        for name, one in value.items():
            # Most values are strings: they are not worth a call.
            if (
                type(name) is not str
                or not name.isascii()
                or (type(one) is not str and not _plain(one))
            ):
                return False
        return True
    return isinstance(value, list) and all(map(_plain, value))
