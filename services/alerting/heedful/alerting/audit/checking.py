"""Walks a chain and names the first link that does not hold, and how. Pure.

What is certain is that the chain is broken, and where. How is the likeliest explanation: whoever
can write the rows can make one way look like another.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from heedful.alerting.audit.links import START, Content, facts_digest, link_hash, words_digest

WINDOW: Final = 64
"""So many links behind the broken one are looked at to find out how."""


class How(StrEnum):
    """What happened to a chain."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    ERASED = "erased"
    UNLINKED = "unlinked"
    UNANCHORED = "unanchored"


@dataclass(frozen=True, slots=True)
class Stored:
    """A link as it was read.

    Attributes:
        hash: None: it was never linked.
        taken: nothing is left of the words in its row.
        explains: it says that the words of the links before it were erased.
    """

    position: int
    content: Content
    salt: bytes | None
    words: bytes | None
    hash: bytes | None
    taken: bool = False
    explains: bool = False

    @property
    def erased(self) -> bool:
        """There were words, and they were taken out."""
        return self.words is not None and self.salt is None

    @property
    def digest(self) -> bytes:
        return facts_digest(self.content.facts, self.words)


@dataclass(frozen=True, slots=True)
class Known:
    """What something else says of a chain: it reached this position with this hash."""

    position: int
    hash: bytes
    by: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a chain."""

    position: int
    how: How
    said: str


@dataclass(slots=True)
class Walk:
    """Checks one chain link by link, holding `WINDOW` of them.

    Attributes:
        explained: something outside of the chain says that words of it were erased.
        length: how many links there should be, where something else says so.
        fault: the first that was found; the walk goes no further.
    """

    explained: bool = False
    length: int | None = None
    position: int = 0
    hash: bytes = START
    fault: Fault | None = None
    _ahead: deque[Stored] = field(default_factory=deque)
    _known: dict[int, list[Known]] = field(default_factory=dict)
    _unexplained: int | None = None

    def knows(self, known: Iterable[Known]) -> None:
        """Say what the chain has to be at positions that were not walked yet."""
        for one in known:
            self._known.setdefault(one.position, []).append(one)

    def feed(self, rows: Iterable[Stored]) -> None:
        """The next links, in the order of their positions."""
        for row in rows:
            self._ahead.append(row)
            if len(self._ahead) > WINDOW:
                self._step()

    def finish(self) -> Fault | None:
        """There are no more links; gives what is wrong."""
        while self._ahead and self.fault is None:
            self._step()
        if self.fault is None and self._known:
            first = min(self._known)
            self._cut(first, self._known[first][0].by)
        if self.fault is None and self.length is not None and self.position < self.length:
            self._cut(self.length, "its case")
        if self.fault is None and self._unexplained is not None and not self.explained:
            self.fault = Fault(
                self._unexplained,
                How.ERASED,
                "its words are gone, and nothing says that they were erased",
            )
        return self.fault

    def _step(self) -> None:
        row = self._ahead[0]
        if self.fault is None:
            expected = self.position + 1
            if self.length is not None and expected > self.length:
                said = f"there should be {self.length}: it was added behind them"
                self.fault = Fault(expected, How.INSERTED, said)
            elif row.position == expected and _holds(self.hash, expected, row):
                self._pass(row, expected)
            else:
                self.fault = diagnosis(self.hash, expected, list(self._ahead))
        self._ahead.popleft()

    def _pass(self, row: Stored, position: int) -> None:
        hash_ = row.hash or START
        for known in self._known.pop(position, ()):
            if known.hash != hash_:
                self.fault = Fault(
                    position, How.REWRITTEN, f"{known.by} has another hash of it: it was rewritten"
                )
                return
        self.position, self.hash = position, hash_
        if row.explains:
            self._unexplained = None
        elif row.erased and self._unexplained is None:
            self._unexplained = position

    def _cut(self, reached: int, by: str) -> None:
        said = f"it ends at {self.position}, and {by} knows {reached}: its end was cut off"
        self.fault = Fault(self.position + 1, How.TRUNCATED, said)


def walked(
    rows: Iterable[Stored],
    known: Iterable[Known] = (),
    *,
    explained: bool = False,
    length: int | None = None,
) -> Fault | None:
    """What is wrong with a whole chain; None when nothing is."""
    walk = Walk(explained=explained, length=length)
    walk.knows(known)
    walk.feed(rows)
    return walk.finish()


def diagnosis(previous: bytes, expected: int, window: Sequence[Stored]) -> Fault:
    """How a chain is broken whose next link should be the first of these.

    Args:
        previous: hash of the last link that holds.
        expected: position of the next one.
    """
    row = window[0]
    if row.position > expected:
        gap = _span(expected, row.position - 1)
        return Fault(expected, How.MISSING, f"{gap} missing")
    if row.position < expected:
        return Fault(row.position, How.INSERTED, "there are two of this position")
    if row.hash is None:
        return Fault(expected, How.UNLINKED, "it is in no chain: it has no hash")
    if not _words_hold(row):
        return Fault(expected, How.CHANGED, "its words were changed")
    return (
        _misplaced(previous, expected, window)
        or _renumbered(expected, window)
        or Fault(expected, How.CHANGED, "it was changed")
    )


def _misplaced(previous: bytes, expected: int, window: Sequence[Stored]) -> Fault | None:
    """Another link belongs here: this one stands in a wrong place, or in none."""
    row, others = window[0], list(window[1:])
    position = expected
    while True:
        fitting = next((one for one in others if _holds(previous, position, one)), None)
        if fitting is None:
            break
        others.remove(fitting)
        previous, position = fitting.hash or START, position + 1
        if _holds(previous, position, row):
            return Fault(expected, How.REORDERED, f"it belongs to position {position}")
    if position == expected:
        return None
    return Fault(expected, How.INSERTED, "it is in no chain: the one behind it belongs here")


def _renumbered(expected: int, window: Sequence[Stored]) -> Fault | None:
    """The links behind hold when they are counted on from another position."""
    row, behind = window[0], window[1] if len(window) > 1 else None
    if row.hash is None or behind is None:
        return None
    for lost in range(1, WINDOW + 1):
        if _holds(row.hash, behind.position + lost, behind):
            gap = _span(expected, expected + lost - 1)
            return Fault(expected, How.MISSING, f"{gap} missing, and the others were renumbered")
        if behind.position > lost and _holds(row.hash, behind.position - lost, behind):
            said = f"{lost} of those before it were put in, and the others renumbered"
            return Fault(expected, How.INSERTED, said)
    return None


def _holds(previous: bytes, position: int, row: Stored) -> bool:
    return row.hash == link_hash(previous, position, row.digest) and _words_hold(row)


def _words_hold(row: Stored) -> bool:
    if row.words is None:
        return row.salt is None and not row.content.words
    if row.salt is None:
        return row.taken
    return words_digest(row.salt, row.content.words) == row.words


def _span(first: int, last: int) -> str:
    return f"{first} is" if first == last else f"{first} to {last} are"
