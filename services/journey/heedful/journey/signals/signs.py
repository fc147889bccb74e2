"""All that a journey shows. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from heedful.common.contracts import SignalKind
from heedful.journey.lifecycle.events import Key
from heedful.journey.lifecycle.journey import Journey
from heedful.journey.lifecycle.stages import Lifecycle
from heedful.journey.signals.halted import halted
from heedful.journey.signals.leaving import satisfied_but_leaving
from heedful.journey.signals.purchases import churn_risk
from heedful.journey.signals.repeated import repeated
from heedful.journey.signals.sign import Sign
from heedful.journey.signals.under_way import under_way

NEWS: Final = timedelta(days=3)
"""What showed longer ago is history: a new rule, or a rebuild, tells nobody of last year."""

Told = tuple[SignalKind, str, Key]
"""Kind, what it was about, and an event of a matter that was told."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What to tell now, and when to look again though nothing may have happened."""

    now: Sequence[Sign]
    look_at: datetime | None


def signs(journey: Journey, lifecycle: Lifecycle) -> list[Sign]:
    """What a journey shows by itself, past and to come, in the order of time."""
    entry = lifecycle.signals
    found = [
        *repeated(journey.sessions, entry),
        *satisfied_but_leaving(journey.events, entry),
        *under_way(journey.events, entry.patterns),
    ]
    if journey.stuck is not None:
        found.append(halted(journey.stuck, lifecycle))
    risk = churn_risk(journey.events, entry)
    if risk is not None:
        found.append(risk)
    return sorted(found, key=lambda sign: (sign.at, sign.kind, sign.trigger.key))


def telling(found: Sequence[Sign], told: Collection[Told], now: datetime) -> Telling:
    """Each matter once, only what is live, and only what is news.

    Args:
        found: the signs of one customer, in the order of time.
    """
    due: list[Sign] = []
    known = set(told)
    for sign in found:
        if sign.live and now - NEWS < sign.at <= now and not is_told(sign, known):
            due.append(sign)
            known.update(matter_of(sign))
    later = [sign.at for sign in found if sign.live and sign.at > now and not is_told(sign, known)]
    return Telling(due, min(later, default=None))


def matter_of(sign: Sign) -> list[Told]:
    """What is remembered once it is told."""
    return [(sign.kind, about, key) for about, keys in sign.matters.items() for key in keys]


def is_told(sign: Sign, known: Collection[Told]) -> bool:
    """Whether all that it is about was told."""
    return all(
        any((sign.kind, about, key) in known for key in keys)
        for about, keys in sign.matters.items()
    )
