"""Columns of texts that are made when asked for: examples name a few of a million. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, Self, TypeVar, overload

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.integer[Any]]
Some = slice | Numbers | npt.NDArray[np.bool_]


class Source(Protocol):
    """Texts by number."""

    def text(self, place: int) -> str: ...


S = TypeVar("S", bound=Source)


@dataclass(frozen=True, slots=True, eq=False)
class Strings(Generic[S]):
    """Text `i` is that of the source at `places[i]`; an array of numbers or flags, or a slice,
    gives another column."""

    source: S
    places: Numbers

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, which: int | np.integer[Any]) -> str: ...
    @overload
    def __getitem__(self, which: Some) -> Self: ...
    def __getitem__(self, which: int | np.integer[Any] | Some) -> "str | Self":
        if isinstance(which, slice | np.ndarray):
            return replace(self, places=self.places[which])
        return self.source.text(int(self.places[which]))

    def __iter__(self) -> Iterator[str]:
        return map(self.source.text, self.places.tolist())

    def tolist(self) -> list[str]:
        return list(self)


@dataclass(frozen=True, slots=True, eq=False)
class Few:
    """Texts that come again and again."""

    names: tuple[str, ...]

    def text(self, place: int) -> str:
        return self.names[place]


@dataclass(frozen=True, slots=True, eq=False)
class Uuids:
    """As they are written.

    Attributes:
        halves: n x 2, the high and the low 64 bits.
    """

    halves: npt.NDArray[np.uint64]

    def text(self, place: int) -> str:
        high, low = self.halves[place].tolist()
        written = f"{high:016x}{low:016x}"
        return "-".join((written[:8], written[8:12], written[12:16], written[16:20], written[20:]))


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Texts one behind the other, and how many bytes each has."""

    lengths: Numbers
    written: bytes

    def text(self, place: int) -> str:
        begin = int(self.lengths[:place].sum(dtype=np.int64))
        return self.written[begin : begin + int(self.lengths[place])].decode()


class Runs:
    """Several, of which each goes on where the one before ends."""

    __slots__ = ("_first", "_runs")

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = runs
        self._first = np.cumsum([0, *(len(run.lengths) for run in runs)], dtype=np.int64)

    def text(self, place: int) -> str:
        number = int(np.searchsorted(self._first, place, "right")) - 1
        return self._runs[number].text(place - int(self._first[number]))
