"""When a case was seen, belonged to somebody and waited: what says why a clock ran out. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from heedful.common.contracts import ActorType, CaseEventKind

NO_WORK: Final = frozenset(
    {
        CaseEventKind.OPENED,
        CaseEventKind.WARNED,
        CaseEventKind.ESCALATED,
        CaseEventKind.BREACHED,
    }
)
"""Steps by which nobody does anything about the case."""

_SEEN: Final = (CaseEventKind.ACKNOWLEDGED, CaseEventKind.PLANNED, CaseEventKind.LANDED)
_OWNED: Final = (CaseEventKind.ASSIGNED, CaseEventKind.PLANNED)
_WAITING: Final = (CaseEventKind.PAUSED, CaseEventKind.RESUMED)


@dataclass(frozen=True, slots=True)
class Progress:
    """The work on a case, by when it happened and not by when it was recorded.

    Attributes:
        seen_at: when somebody first did something about it.
        owned_at: when it first belonged to somebody.
        waits: when it began to wait and when it went on, in turn, the earliest first. It goes by
            the last step, in their sequence, that had happened at a moment.
    """

    seen_at: datetime | None = None
    owned_at: datetime | None = None
    waits: tuple[datetime, ...] = ()

    def after(self, kind: CaseEventKind, at: datetime, by: ActorType) -> "Progress":
        """With one more step."""
        if kind in NO_WORK:
            return self
        after = self
        if (by is ActorType.HUMAN or kind in _SEEN) and not _by(self.seen_at, at):
            after = replace(after, seen_at=at)
        if kind in _OWNED and not _by(self.owned_at, at):
            after = replace(after, owned_at=at)
        if kind in _WAITING:
            after = replace(after, waits=_turned(self.waits, at, kind is CaseEventKind.PAUSED))
        return after

    @classmethod
    def of(cls, steps: Iterable[tuple[CaseEventKind, datetime, ActorType]]) -> "Progress":
        """After all of these, in their sequence."""
        found = cls()
        for kind, at, by in steps:
            found = found.after(kind, at, by)
        return found

    def waiting(self, at: datetime) -> bool | None:
        """Whether it waited then; None: it had never waited."""
        turns = bisect_right(self.waits, at)
        return turns % 2 == 1 if turns else None


NO_PROGRESS: Final = Progress()


def _by(before: datetime | None, at: datetime) -> bool:
    return before is not None and before <= at


def _turned(waits: tuple[datetime, ...], at: datetime, waiting: bool) -> tuple[datetime, ...]:
    """What was said before of times from `at` on holds no more."""
    kept = waits[: bisect_left(waits, at)]
    if waiting == (len(kept) % 2 == 1):
        # One that goes on without having waited before has waited, for no time.
        return kept if waiting or kept else (at, at)
    return (*kept, at)
