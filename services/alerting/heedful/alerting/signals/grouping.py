"""Which case a signal belongs to. Pure.

Stands on reference/sla.md §4.9b. A signal is about a customer's journey and not about one
touchpoint, so it belongs to the case of what it was seen by, else to one of the same customer or
conversation: about its topic, then of that conversation, then one that a signal of its kind is on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Near:
    """A case that may be the signal's: it holds some of its evidence, or shares a key with its
    customer.

    Attributes:
        trigger, evidence: it holds the feedback that the signal shows by, or other evidence.
        talk: it shares the conversation.
        alike: a signal of the same kind is on it.
        over_at: since when nothing is left to do; None: it is worked on.
    """

    case_id: str
    received_at: datetime
    topic: str | None
    trigger: bool = False
    evidence: bool = False
    talk: bool = False
    alike: bool = False
    over_at: datetime | None = None


def belongs(
    near: Iterable[Near], item: Item, effect: Effect, at: datetime, within: timedelta
) -> Near | None:
    """The case that a signal belongs to; None: none.

    Args:
        item: its matter.
        at: when it showed.
        within: how long after the end of a case its matter is still that case's.
    """
    fits = [(_closeness(one, item), one) for one in near if _reaches(one, effect, at, within)]
    own = [pair for pair in fits if pair[0] > 0 or effect is Effect.JOIN]
    if not own:
        return None
    return max(own, key=_preference)[1]


def _reaches(one: Near, effect: Effect, at: datetime, within: timedelta) -> bool:
    if one.over_at is None:
        return True
    return effect is Effect.OPEN and at <= one.over_at + within


def _closeness(one: Near, item: Item) -> int:
    """Above 0: it is about the same matter; more: surer so."""
    if one.trigger:
        return 5
    if one.evidence:
        return 4
    if one.topic is not None and one.topic in item.topics:
        return 3
    if one.talk:
        return 2
    elsewhere = one.topic is not None and bool(item.topics)
    return int(one.alike and not elsewhere)


def _preference(pair: tuple[int, Near]) -> tuple[bool, int, datetime, datetime, str]:
    """What is worked on goes before what is over, then what is closer, then what is newer."""
    close, one = pair
    return one.over_at is None, close, one.over_at or _NEVER, one.received_at, one.case_id
