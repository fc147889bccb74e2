"""A journey that does not go on: a complaint is open, and nothing moves. Pure.

A complaint is open until somebody turns to the customer, the customer says something kind, buys,
or is in another stage: signs that the matter goes on. A second complaint meanwhile is the same
matter, and no progress.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from heedful.common.contracts import InteractionKind
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.moments import shifted
from heedful.journey.lifecycle.stages import Lifecycle

_NO_STAGE = timedelta(days=14)
"""The limit of who is in no stage yet."""
_MOVES = frozenset({InteractionKind.ORDER, InteractionKind.PAYMENT, InteractionKind.REFUND})


@dataclass(frozen=True, slots=True)
class Stuck:
    """The open complaint, and when the journey is stuck unless something happens.

    Attributes:
        complaints: of this matter, in the order of time.
        at: the limit of the stage after the first of them.
    """

    stage: str | None
    complaints: tuple[Happened, ...]
    at: datetime


def stuck(
    events: Sequence[Happened], stages: Sequence[str | None], lifecycle: Lifecycle
) -> Stuck | None:
    """What the customer complained of last, where it is open.

    Args:
        events: in the order of time.
        stages: where the customer stands after each of them.
    """
    complaints: list[Happened] = []
    where: str | None = None
    for event, stage in zip(events, stages, strict=True):
        if complaints and (stage != where or _goes_on(event)):
            complaints = []
        if event.complaint:
            complaints.append(event)
        where = stage
    if not complaints:
        return None
    limit = _NO_STAGE if where is None else lifecycle.limits[where]
    return Stuck(where, tuple(complaints), shifted(complaints[0].occurred_at, limit))


def _goes_on(event: Happened) -> bool:
    return (
        event.answers
        or (event.positive and not event.complaint)
        or event.interaction in _MOVES
        or event.interaction == InteractionKind.CHURN
    )
