"""The steps of a case when a signal shows. Pure: time is passed in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from heedful.alerting import joining
from heedful.alerting.case import SERVICE, Step
from heedful.alerting.policies.judging import Meant
from heedful.alerting.policies.signals import Effect
from heedful.alerting.records import Classified, Heard, StoredCase
from heedful.alerting.rulebook import Active
from heedful.alerting.signals.signal import Signal
from heedful.common.contracts import CaseEventKind, Colour


@dataclass(frozen=True, slots=True)
class Judged:
    """A signal with what the active policy makes of it."""

    signal: Signal
    active: Active
    meant: Meant

    @property
    def classified(self) -> Classified:
        """As if it were a feedback with that light, received when it showed."""
        signal, item = self.signal, self.meant.item
        heard = Heard(
            key=signal.keys[0],
            item=item,
            occurred_at=signal.detected_at,
            received_at=signal.detected_at,
            customer=signal.customer,
        )
        return Classified(heard, self.meant.light, (signal.shown.reason,))


def opened(one: Judged, now: datetime) -> Step:
    """The first step of the case of this signal."""
    return _shown_by(joining.opened(one.classified, one.active, one.meant.rule, now), one)


def joined(stored: StoredCase, one: Judged, now: datetime, *, known: bool) -> list[Step]:
    """A signal about the matter of a case that was not merged into another one.

    What was settled is reopened by what the customer said since, never by silence, which may be
    that of somebody who is content now.

    Args:
        known: the case holds the feedback that the signal shows by, which has done what it does.
    """
    case, rule, active = stored.case, one.meant.rule, one.active
    if case.state in joining.SETTLED:
        if one.signal.speaks and not known and one.meant.effect is Effect.OPEN:
            return [_shown_by(joining.reopened(case, one.classified, active, rule, now), one)]
        return [_noted(one, now)]
    told = one.meant.by.told_on_joining if one.meant.by is not None else ()
    steps = [replace(_noted(one, now), notify=told)]
    since = one.signal.detected_at
    if one.classified.colour is Colour.RED and case.colour is not Colour.RED:
        raised = joining.raised(one.classified, active, rule, now, since)
        return [*steps, _shown_by(raised, one)]
    return [*steps, *joining.asked_again(case, one.classified, active.terms(rule, since), now)]


def _noted(one: Judged, now: datetime) -> Step:
    return Step(
        kind=CaseEventKind.SIGNALLED,
        at=now,
        actor=SERVICE,
        detail=_detail(one.signal),
        signal=one.signal.shown,
    )


def _shown_by(step: Step, one: Judged) -> Step:
    """The step names the signal in place of a feedback."""
    detail = {**step.detail, **_detail(one.signal)}
    return replace(step, feedback=None, detail=detail, signal=one.signal.shown)


def _detail(signal: Signal) -> Mapping[str, str]:
    return {"signal": signal.shown.id, **signal.shown.facts.written()}
