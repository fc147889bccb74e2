"""Columns as PostgreSQL packs them: one value a column instead of one a row. Pure.

Numbers are in network byte order, texts end with NUL, which PostgreSQL has in no text.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import NONE, Coded, Floats, Ints, Many, Objects

UNIT: Final = b"\x1f"
"""Between the texts of one array; the store keeps it out of each."""


def floats(parts: Sequence[bytes]) -> Floats:
    """Of `float8send`."""
    return np.frombuffer(b"".join(parts), dtype=">f8").astype(np.float64)


def longs(parts: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """Of `timestamptz_send`: microseconds since 2000-01-01."""
    return np.frombuffer(b"".join(parts), dtype=">i8").astype(np.int64)


def bytes_of(parts: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    """Of a byte a row."""
    return np.frombuffer(b"".join(parts), dtype=np.uint8)


def halves(parts: Sequence[bytes]) -> npt.NDArray[np.uint64]:
    """Of `uuid_send`: the high and the low 64 bits of each."""
    return np.frombuffer(b"".join(parts), dtype=">u8").astype(np.uint64).reshape(-1, 2)


def texts(parts: Iterable[bytes]) -> Objects:
    """Each for itself."""
    return np.array(b"".join(parts).decode().split("\0")[:-1], dtype=object)


def coded(parts: Iterable[bytes]) -> Coded:
    """Names by number, in the order of names; an empty text is none."""
    known = _Numbers()
    codes = _codes(parts, known)
    names, numbers = _in_order(known)
    return Coded(numbers[codes], names)


def many(lengths: Sequence[bytes], parts: Iterable[bytes]) -> Many:
    """Names of arrays, each array one text with `UNIT` between, and the lengths of them, each an
    `int4send`."""
    counts = np.frombuffer(b"".join(lengths), dtype=">i4").astype(np.int32)
    starts = np.zeros(len(counts) + 1, dtype=np.int32)
    np.cumsum(counts, out=starts[1:])
    known = _Numbers()
    flat = (part.replace(b"\0", UNIT) for part in parts)
    codes = _codes(flat, known, UNIT)
    names, numbers = _in_order(known)
    found = numbers[codes]
    return Many(starts, found[found != NONE], names)


class _Numbers(dict[bytes, int]):
    """Numbers what it is asked for, from 0 on."""

    def __missing__(self, key: bytes) -> int:
        self[key] = number = len(self)
        return number


def _codes(parts: Iterable[bytes], known: _Numbers, end: bytes = b"\0") -> Ints:
    # Part by part: all texts of a million events at once would be a hundred megabytes.
    found = [
        np.fromiter(map(known.__getitem__, part.split(end)[:-1]), dtype=np.int32) for part in parts
    ]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int32)


def _in_order(known: _Numbers) -> tuple[tuple[str, ...], Ints]:
    """Names in their order, and the number of each by its old number; of the empty one `NONE`."""
    names = sorted(name.decode() for name in known if name)
    place = {name: number for number, name in enumerate(names)}
    return tuple(names), np.array(
        [place[name.decode()] if name else NONE for name in known], dtype=np.int32
    )
