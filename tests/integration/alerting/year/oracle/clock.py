"""One run of a clock, as docs/alerting.md tells it: time is spent in pieces between the pauses."""

from dataclasses import dataclass, field

from tests.integration.alerting.year.oracle.hours import WorkingHours
from tests.integration.alerting.year.scene import Ladder, Metric, Rung, Target


@dataclass(frozen=True, slots=True)
class Rise:
    """A step of a ladder. `at`: from when it has to be taken; `told`: from when people are told."""

    name: str
    kind: str
    at: int
    told: int
    notify: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken at a look, or until the last look of the same tick, for what a killed
    replica held is looked at again. `rank`: of looks at one moment, the first or a later one."""

    rise: Rise
    first: int
    rank: int
    last: int


@dataclass(slots=True)
class Run:
    """A run that may be over. `still`: pauses; the last may have no end."""

    metric: Metric
    cycle: int
    start: int
    target: Target
    calendar: str
    hours: WorkingHours
    still: list[tuple[int, int | None]] = field(default_factory=list)
    taken: dict[str, Taken] = field(default_factory=dict)
    fulfilled_at: int | None = None
    fulfilled_by: str | None = None
    breached_at: int | None = None
    ended: str | None = None
    _known: tuple[object, list[Rise]] | None = field(default=None, repr=False)

    @property
    def open(self) -> bool:
        return self.fulfilled_at is None and self.ended is None

    @property
    def stands_still(self) -> bool:
        return bool(self.still) and self.still[-1][1] is None

    @property
    def due(self) -> int:
        return self.spent(self.target.seconds)

    def spent(self, seconds: int) -> int:
        """When so much of its time is spent: it is used up piece by piece."""
        at, left = self.start, seconds
        for begin, end in self.still:
            piece = self.hours.worked(at, max(at, begin))
            if end is None or piece >= left:
                break
            at, left = max(at, end), left - piece
        return self.hours.reached(at, left)

    def stop(self, at: int) -> None:
        if self.open and not self.stands_still:
            self.still.append((at, None))

    def go_on(self, at: int) -> None:
        if self.stands_still:
            begin = self.still[-1][0]
            self.still[-1] = (begin, max(at, begin))

    def enter(self, state: str, at: int) -> None:
        """The case is in another state."""
        if self.open and state in self.target.pauses:
            self.stop(at)
        elif self.open:
            self.go_on(at)

    def fulfil(self, at: int, by: str) -> None:
        self.go_on(at)
        self.fulfilled_at, self.fulfilled_by = at, by

    def end(self, why: str, at: int) -> None:
        if self.open:
            self.go_on(at)
            self.ended = why

    def coming(self, ladder: Ladder, desk: WorkingHours | None) -> list[Rise]:
        """The steps that are still to be taken as things stand.

        Args:
            desk: when people may be told; None: at any time.
        """
        # Asked again at every look; nothing else changes the answer.
        key = (
            id(ladder), id(desk), id(self.hours), self.target, self.still[-1:], len(self.still),
            self.fulfilled_at, self.ended, len(self.taken),
        )  # fmt: skip
        if self._known is None or self._known[0] != key:
            self._known = (key, self._coming(ladder, desk))
        return self._known[1]

    def _coming(self, ladder: Ladder, desk: WorkingHours | None) -> list[Rise]:
        if not self.target.enforced or self.ended is not None or self.stands_still:
            return []
        due = self.due
        if self.fulfilled_at is not None:
            late = self.fulfilled_at > due and self.breached_at is None
            breach = next(rung for rung in ladder.rungs if rung.percent == 100)
            return [_breach(breach, due, desk)] if late else []
        return [rise for rise in self._climb(ladder, desk, due) if rise.name not in self.taken]

    def _climb(self, ladder: Ladder, desk: WorkingHours | None, due: int) -> list[Rise]:
        found, last = [], due
        for rung in sorted(ladder.rungs, key=lambda one: _share(one, self.target.seconds)):
            moment = self.spent(_share(rung, self.target.seconds))
            last = max(last, moment)
            if rung.percent == 100:
                found.append(_breach(rung, due, desk))
            elif moment < due:
                at = self._before(due, moment, desk)
                found.append(Rise(rung.name, "warned", at, at, rung.notify))
            else:
                at = _opening(moment, desk)
                found.append(Rise(rung.name, "escalated", at, at, rung.notify))
        for number in range(1, ladder.repeats + 1):
            at = _opening(last + number * ladder.repeat_every, desk)
            found.append(Rise(f"repeat-{number}", "escalated", at, at, ladder.repeat_to))
        return found

    def _before(self, due: int, moment: int, desk: WorkingHours | None) -> int:
        """A warning waits for the desk; what would come too late by that comes in the last minute
        in which it is there."""
        if desk is None or desk.opens(moment) < due:
            return _opening(moment, desk)
        return max(desk.last_minute(due), self.start)


def _share(rung: Rung, target: int) -> int:
    if rung.before is not None:
        return target - rung.before
    assert rung.percent is not None
    return round(target * rung.percent / 100)


def _opening(at: int, desk: WorkingHours | None) -> int:
    return at if desk is None else desk.opens(at)


def _breach(rung: Rung, due: int, desk: WorkingHours | None) -> Rise:
    return Rise(rung.name, "breached", due, _opening(due, desk), rung.notify)
