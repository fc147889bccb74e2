"""Headers as one value, for tables that hold records."""

from collections.abc import Sequence

import orjson

from heedful.common.bus.base import Header


def pack(headers: Sequence[Header]) -> bytes:
    """A JSON array of pairs; latin-1 maps every byte to one character and back."""
    return orjson.dumps([[name, value.decode("latin-1")] for name, value in headers])


def unpack(packed: bytes) -> tuple[Header, ...]:
    return tuple([(name, value.encode("latin-1")) for name, value in orjson.loads(packed)])
