"""What a policy would have made of many cases and of feedback, against what there was. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from heedful.alerting.clocks import Clock, Result
from heedful.alerting.dryrun.life import Life
from heedful.alerting.dryrun.signals import Fate
from heedful.alerting.recipients import Recipient
from heedful.common.contracts import ClockMetric, Colour, SignalKind


@dataclass(slots=True)
class Cases:
    """Cases that there were, and those of them that there would have been.

    Attributes:
        more: feedback and signals that were on no case and would open one. Each counts as a case
            of its own, for what would have joined which is not known: it is the most that there
            can be.
    """

    opened: int = 0
    would_open: int = 0
    more: int = 0


@dataclass(slots=True)
class Kept:
    """Enforced runs of a clock, and how many ran out, as it was and as it would have been."""

    runs: int = 0
    breached: int = 0
    would_run: int = 0
    would_breach: int = 0


@dataclass(slots=True)
class Notices:
    """`told`: of cases that there were. `unanswered`: besides, of those that there were not, if
    nobody did anything about them."""

    told: int = 0
    unanswered: int = 0


@dataclass(slots=True)
class Signals:
    """Signals of one kind: what came of them, and what would have come of them."""

    were: Counter[Fate] = field(default_factory=Counter)
    would_be: Counter[Fate] = field(default_factory=Counter)


@dataclass(slots=True)
class Outcome:
    """Of all days that were looked at.

    Attributes:
        zone: whose days these are.
        received: feedback with labels that are kept.
        without_labels: feedback of which they are not.
        by_name: cases whose rule was found by its name.
        out_of_reach: cases of which a clock would have no deadline within the look-ahead; they
            are in no other count of what would be.
    """

    zone: tzinfo
    received: int = 0
    without_labels: int = 0
    by_name: int = 0
    out_of_reach: int = 0
    rules: dict[str, Cases] = field(default_factory=dict)
    colours: dict[Colour, Cases] = field(default_factory=dict)
    days: dict[date, Cases] = field(default_factory=dict)
    clocks: dict[ClockMetric, Kept] = field(default_factory=dict)
    signals: dict[SignalKind, Signals] = field(default_factory=dict)
    notices: dict[tuple[date, Recipient], Notices] = field(default_factory=dict)

    def add_case(
        self, opened_at: datetime, colour: Colour, clocks: tuple[Clock, ...], life: Life | None
    ) -> None:
        """A case that there was.

        Args:
            colour: that it was opened with.
            clocks: as they were.
            life: as it would have been; None: not at all.
        """
        day = self._day(opened_at)
        self.days.setdefault(day, Cases()).opened += 1
        self.colours.setdefault(colour, Cases()).opened += 1
        for clock in clocks:
            self._was(clock)
        if life is None:
            return
        self.by_name += life.by_name
        self.days[day].would_open += 1
        self.colours.setdefault(life.colour, Cases()).would_open += 1
        self.rules.setdefault(life.rule.name, Cases()).would_open += 1
        for run in life.runs:
            if run.clock.terms.enforced:
                kept = self.clocks.setdefault(run.clock.metric, Kept())
                kept.would_run += 1
                kept.would_breach += run.breached
        for at, who in _notices(life):
            self._told(at, who).told += 1

    def add_signal(self, kind: SignalKind, was: Fate, would_be: Fate) -> None:
        """A signal that was taken; a case of its own that there was not is added by itself."""
        signals = self.signals.setdefault(kind, Signals())
        signals.were[was] += 1
        signals.would_be[would_be] += 1

    def add_unheard(self, received_at: datetime, life: Life) -> None:
        """A feedback, or a signal, that was on no case and would open one."""
        day = self._day(received_at)
        self.days.setdefault(day, Cases()).more += 1
        self.colours.setdefault(life.colour, Cases()).more += 1
        self.rules.setdefault(life.rule.name, Cases()).more += 1
        for at, who in _notices(life):
            self._told(at, who).unanswered += 1

    def _was(self, clock: Clock) -> None:
        if clock.result is Result.NOT_ENFORCED:
            return
        kept = self.clocks.setdefault(clock.metric, Kept())
        kept.runs += 1
        kept.breached += clock.result is Result.BREACHED

    def _told(self, at: datetime, who: Recipient) -> Notices:
        return self.notices.setdefault((self._day(at), who), Notices())

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


def _notices(life: Life) -> list[tuple[datetime, Recipient]]:
    """When whom something would have been told of, one for each step."""
    opened = [(one.at, who) for one in life.told for who in one.rule.notify]
    climbed = [(one.tell_at, who) for run in life.runs for one in run.reached for who in one.notify]
    return opened + climbed
