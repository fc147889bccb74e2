"""How far somebody has read what happened to cases: a position that no event slips past. Pure.

Transactions do not commit in the order in which they number what they write, so who remembers the
last number misses the event of one that commits late. A position is a snapshot instead
(`pg_current_snapshot`, PostgreSQL docs §9.28.6): of every transaction it says whether its events
were there. What is new since is what a later snapshot sees and this one does not.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from heedful.common.http import Cursor, Problem

_NUMBER: Final = r"[0-9]{1,18}"
_SNAPSHOT: Final = re.compile(rf"({_NUMBER}):({_NUMBER}):((?:{_NUMBER}(?:,{_NUMBER})*)?)")


class NoPosition(ValueError):
    """It is none of ours, or of another life of the database."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Attributes:
    text: as PostgreSQL writes it.
    next: number of the first transaction that had not begun.
    """

    text: str
    next: int

    @property
    def oldest(self) -> int:
        """The first transaction that may not have been seen."""
        return int(self.text.partition(":")[0])

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Raises:
            NoPosition: PostgreSQL would not take it for a snapshot.
        """
        found = _SNAPSHOT.fullmatch(text)
        if found is None:
            raise NoPosition
        oldest, following = int(found[1]), int(found[2])
        running = [int(one) for one in found[3].split(",") if one]
        if not 0 < oldest <= following or running != sorted(running):
            raise NoPosition
        if running and not oldest <= running[0] <= running[-1] < following:
            raise NoPosition
        return cls(text, following)


@dataclass(frozen=True, slots=True)
class Place:
    """A case among those that changed: the last transaction that did it, and the case's id."""

    transaction: int
    case_id: str


@dataclass(frozen=True, slots=True)
class Position:
    """What `since` sees has been read; in the middle of a long page also what `until` sees, up to
    `last`."""

    since: Snapshot
    until: Snapshot | None = None
    last: Place = Place(0, "")

    @classmethod
    def read(cls, written: str, now: Snapshot) -> Self:
        """What `written` gave.

        Args:
            now: of this moment.

        Raises:
            NoPosition: it is no position, or one from before the database was restored.
        """
        try:
            since, until, transaction, case_id = Cursor.decode(written, 4)
        except Problem as error:
            raise NoPosition from error
        if re.fullmatch(_NUMBER, transaction) is None:
            raise NoPosition
        found = cls(
            Snapshot.read(since),
            Snapshot.read(until) if until else None,
            Place(int(transaction), case_id),
        )
        if max(found.since.next, found.until.next if found.until else 0) > now.next:
            raise NoPosition
        return found

    def written(self) -> str:
        """Opaque to callers."""
        until = "" if self.until is None else self.until.text
        return Cursor.encode(self.since.text, until, str(self.last.transaction), self.last.case_id)
