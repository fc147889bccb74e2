"""Where a customer stood, from when to when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.stages import Lifecycle


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in a stage; `left_at` is when the next one began, None of the last."""

    stage: str
    entered_at: datetime
    left_at: datetime | None
    events: int


@dataclass(frozen=True, slots=True)
class StageTime:
    """All stays in one stage.

    Attributes:
        last_left: None while the customer is there.
        seconds: of the stays that have ended.
    """

    stage: str
    first_entered: datetime
    last_left: datetime | None
    stays: int
    seconds: float
    events: int


def walk(events: Sequence[Happened], lifecycle: Lifecycle) -> tuple[list[Stay], list[str | None]]:
    """The stays, and where the customer stands after each event.

    Args:
        events: in the order of time.
    """
    stays: list[Stay] = []
    after: list[str | None] = []
    reached: dict[str, datetime] = {}
    for event in events:
        stage = lifecycle.stage_of(event, reached)
        if stage is not None and (not stays or stays[-1].stage != stage):
            if stays:
                stays[-1] = replace(stays[-1], left_at=event.occurred_at)
            stays.append(Stay(stage, event.occurred_at, None, 0))
            reached.setdefault(stage, event.occurred_at)
        if stays:
            stays[-1] = replace(stays[-1], events=stays[-1].events + 1)
        after.append(stays[-1].stage if stays else None)
    return stays, after


def stage_times(stays: Sequence[Stay], lifecycle: Lifecycle) -> list[StageTime]:
    """What was spent in each stage, in the order of the lifecycle."""
    found = []
    for stage in lifecycle.stages:
        own = [stay for stay in stays if stay.stage == stage.code]
        if own:
            ended = [stay.left_at - stay.entered_at for stay in own if stay.left_at is not None]
            found.append(
                StageTime(
                    stage=stage.code,
                    first_entered=own[0].entered_at,
                    last_left=own[-1].left_at,
                    stays=len(own),
                    seconds=sum(one.total_seconds() for one in ended),
                    events=sum(stay.events for stay in own),
                )
            )
    return found
