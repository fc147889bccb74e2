"""Events of one customer that belong together: without a long pause, or one conversation. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from heedful.journey.lifecycle.events import Happened

_WORST = ("red", "amber", "green", "grey")


@dataclass(frozen=True, slots=True)
class Session:
    """`stage` is that of its end. Its events are in the order of time."""

    number: int
    stage: str | None
    events: tuple[Happened, ...]

    @property
    def started_at(self) -> datetime:
        return self.events[0].occurred_at

    @property
    def ended_at(self) -> datetime:
        return self.events[-1].occurred_at

    @property
    def light(self) -> str | None:
        """The worst of its lights."""
        seen = {event.colour for event in self.events}
        return next((colour for colour in _WORST if colour in seen), None)

    @property
    def topics(self) -> tuple[str, ...]:
        """In the order in which they came up."""
        return tuple(dict.fromkeys(topic for event in self.events for topic in event.topics))

    @property
    def valence(self) -> float | None:
        """The mean of its events'."""
        known = [event.valence for event in self.events if event.valence is not None]
        return sum(known) / len(known) if known else None


def sessions(
    events: Iterable[Happened], stages: Iterable[str | None], gap: timedelta
) -> list[Session]:
    """Cut a customer's events into sessions.

    An event goes on with a session when it follows its last event within the gap, or belongs to a
    conversation of the session, however long that rests.

    Args:
        events: in the order of time.
        stages: where the customer stands after each of them.
        gap: the usual pause is 30 minutes, as in web analytics.
    """
    found: list[Session] = []
    current: list[Happened] = []
    talks: set[str] = set()
    stage: str | None = None
    for event, after in zip(events, stages, strict=True):
        if current and not _goes_on(event, current, talks, gap):
            found.append(Session(len(found) + 1, stage, tuple(current)))
            current, talks = [], set()
        current.append(event)
        stage = after
        if event.conversation_id is not None:
            talks.add(event.conversation_id)
    if current:
        found.append(Session(len(found) + 1, stage, tuple(current)))
    return found


def _goes_on(event: Happened, current: Sequence[Happened], talks: set[str], gap: timedelta) -> bool:
    if event.conversation_id is not None and event.conversation_id in talks:
        return True
    return event.occurred_at - current[-1].occurred_at <= gap
