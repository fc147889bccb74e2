"""What a policy would have made of a signal of journey. Pure.

Whom a signal is about is kept only where it is on a case. So where another policy would have looked
for a case, and the one of then did not, nobody knows whether there was one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from heedful.alerting.policies.document import PolicyDocument
from heedful.alerting.policies.judging import Facts, Meant, judge
from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect
from heedful.alerting.signals.signal import SignalOutcome


class Fate(StrEnum):
    """What comes of a signal. `opened`: a case of its own; `joined`: it is on one that there was;
    `unplaced`: it could only join, and there was none; `late`: it was history; `unknown`: it could
    only join, and nobody knows whether there was one."""

    OPENED = "opened"
    JOINED = "joined"
    UNPLACED = "unplaced"
    IGNORED = "ignored"
    LATE = "late"
    UNKNOWN = "unknown"


_OF_THEN: Final = {
    SignalOutcome.OPENED: Fate.OPENED,
    SignalOutcome.JOINED: Fate.JOINED,
    SignalOutcome.REOPENED: Fate.JOINED,
    SignalOutcome.NOTED: Fate.JOINED,
    SignalOutcome.UNPLACED: Fate.UNPLACED,
    SignalOutcome.IGNORED: Fate.IGNORED,
    SignalOutcome.LATE: Fate.LATE,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A signal that was taken.

    Attributes:
        item: its matter.
        was_over: the case that it is on was over before it showed.
        elsewhere: its customer had another case that was open then.
    """

    facts: Facts
    item: Item
    detected_at: datetime
    taken_at: datetime
    outcome: SignalOutcome
    was_over: bool = False
    elsewhere: bool = False

    @property
    def fate(self) -> Fate:
        """What came of it."""
        return _OF_THEN[self.outcome]


def judged(shown: Shown, policy: PolicyDocument) -> tuple[Fate, Meant]:
    """What would have come of it, and what the policy says of it.

    A signal that may open a case and was on none opens one: it might have joined another, so
    these are the most that there can be.
    """
    meant = judge(policy, shown.facts, shown.item)
    return _fate(shown, policy, meant.effect), meant


def _fate(shown: Shown, policy: PolicyDocument, effect: Effect) -> Fate:
    if shown.taken_at - shown.detected_at > policy.signal_news:
        return Fate.LATE
    if effect is Effect.IGNORE:
        return Fate.IGNORED
    if shown.fate is Fate.JOINED and not (effect is Effect.JOIN and shown.was_over):
        return Fate.JOINED
    if effect is Effect.OPEN:
        return Fate.OPENED
    if shown.fate in (Fate.OPENED, Fate.JOINED):
        return Fate.JOINED if shown.elsewhere else Fate.UNPLACED
    return Fate.UNPLACED if shown.fate is Fate.UNPLACED else Fate.UNKNOWN
