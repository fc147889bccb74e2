"""The columns of a part as bytes, and back. Pure.

Whole numbers stand behind one byte that says how many each takes; all are little-endian. Names
come last, with NUL between, which PostgreSQL has in no text. An event's code is one more than the
number of its name, so that 0 is none.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import NONE, Coded, Floats, Many
from heedful.journey.insights.strings import Run
from heedful.journey.insights_reading.columns import ARRAYS, NAMES, NUMBERS
from heedful.journey.insights_reading.part import Part

FORM: Final = 1
"""Of all that is written here: another one is read by nobody who knows this one."""

_ATTRIBUTE: Final = "attribute:"
_PLAIN: Final = ("customer", "occurred_at", "flags", *NUMBERS, *NAMES, "source", *ARRAYS, "id")

Numbers = npt.NDArray[np.integer[Any]]


def wanted(attributes: Sequence[str]) -> list[str]:
    """The names of the columns that make a part with these attributes."""
    return [*_PLAIN, *(f"{_ATTRIBUTE}{key}" for key in attributes)]


def encoded(part: Part) -> dict[str, bytes]:
    """By name."""
    return {
        "customer": part.customer.astype("<u8").tobytes(),
        "occurred_at": part.occurred_at.astype("<i8").tobytes(),
        "flags": part.flags.tobytes(),
        **{name: _floats(one) for name, one in part.numbers.items()},
        **{name: _coded(one) for name, one in part.names.items()},
        **{name: _many(one) for name, one in part.arrays.items()},
        "id": _whole(part.ids.lengths) + part.ids.written,
        **{f"{_ATTRIBUTE}{key}": _coded(one) for key, one in part.attributes.items()},
    }


def decoded(columns: Mapping[str, bytes], events: int) -> Part:
    """With the attributes that are among the columns."""
    lengths, written = _read_whole(columns["id"], events)
    return Part(
        customer=np.frombuffer(columns["customer"], dtype="<u8").reshape(events, 2),
        occurred_at=np.frombuffer(columns["occurred_at"], dtype="<i8"),
        flags=np.frombuffer(columns["flags"], dtype=np.uint8),
        numbers={name: _read_floats(columns[name], events) for name in NUMBERS},
        names={name: _read_coded(columns[name], events) for name in (*NAMES, "source")},
        arrays={name: _read_many(columns[name], events) for name in ARRAYS},
        attributes={
            name.removeprefix(_ATTRIBUTE): _read_coded(one, events)
            for name, one in columns.items()
            if name.startswith(_ATTRIBUTE)
        },
        ids=Run(lengths, written),
    )


def _floats(values: Floats) -> bytes:
    """Which are numbers, a bit each, and those that are."""
    there = ~np.isnan(values)
    return np.packbits(there).tobytes() + values[there].astype("<f8").tobytes()


def _read_floats(written: bytes, events: int) -> Floats:
    found = np.full(events, np.nan)
    bits = np.frombuffer(written, dtype=np.uint8, count=-(-events // 8))
    there = np.unpackbits(bits, count=events).astype(np.bool_)
    found[there] = np.frombuffer(written, dtype="<f8", offset=len(bits))
    return found


def _coded(column: Coded) -> bytes:
    return _whole(column.codes + 1) + "\0".join(column.names).encode()


def _read_coded(written: bytes, events: int) -> Coded:
    codes, names = _read_whole(written, events)
    return Coded(codes.astype(np.int32) + np.int32(NONE), _names(names))


def _many(column: Many) -> bytes:
    lengths, names = np.diff(column.starts), "\0".join(column.names).encode()
    return _whole(lengths) + _whole(column.codes) + names


def _read_many(written: bytes, events: int) -> Many:
    lengths, rest = _read_whole(written, events)
    starts = np.zeros(events + 1, dtype=np.int32)
    np.cumsum(lengths, out=starts[1:])
    codes, names = _read_whole(rest, int(starts[-1]))
    return Many(starts, codes.astype(np.int32), _names(names))


def _names(written: bytes) -> tuple[str, ...]:
    return tuple(written.decode().split("\0")) if written else ()


def _whole(values: Numbers) -> bytes:
    """None is negative."""
    highest = int(values.max(initial=0))
    width = 1 if highest < 1 << 8 else 2 if highest < 1 << 16 else 4
    return bytes([width]) + values.astype(f"<u{width}").tobytes()


def _read_whole(written: bytes, count: int) -> tuple[Numbers, bytes]:
    """So many, and what comes behind them."""
    width = written[0]
    found = np.frombuffer(written, dtype=f"<u{width}", count=count, offset=1)
    return found, written[1 + width * count :]
