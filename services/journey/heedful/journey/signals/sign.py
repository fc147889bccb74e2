"""What a journey shows, before anybody is told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from heedful.common.contracts import Colour, SignalKind, SignalPattern
from heedful.journey.lifecycle.events import Happened, Key

ALL = ""
"""The matter of a sign that is about nothing narrower than its events."""


@dataclass(frozen=True, slots=True)
class Sign:
    """Attributes:
    at: when it shows: of what somebody said, when that was received; of what did not happen, when
        it was to happen at the latest, or when the trigger came, if that was later.
    trigger: the event that it shows by.
    evidence: the events to look at, in the order of time.
    matters: all events of the matter, by what it is about. It is told once, whichever of its events
        came last.
    live: its trigger is neither history nor judged again.
    pattern: of who is on the way to the outcome of one.
    """

    kind: SignalKind
    at: datetime
    colour: Colour
    confidence: float | None
    summary_zh: str
    summary_en: str
    trigger: Happened
    evidence: tuple[Happened, ...]
    matters: Mapping[str, tuple[Key, ...]]
    live: bool
    pattern: SignalPattern | None = None
