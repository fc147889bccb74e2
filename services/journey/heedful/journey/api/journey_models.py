"""What `/v1/journeys` and `/v1/stages` answer with."""

import uuid
from datetime import datetime

from pydantic import BaseModel, Field


class StageView(BaseModel):
    code: str
    zh: str
    en: str
    limit_days: float = Field(
        description="With an open complaint and no progress for longer, a journey is stuck."
    )


class TouchpointStageView(BaseModel):
    touchpoint: str = Field(description="A pattern: `*` stands for anything.")
    stage: str


class StagesView(BaseModel):
    """The lifecycle of the tenant, in its order."""

    version: str
    stages: list[StageView]
    touchpoints: list[TouchpointStageView] = Field(
        description="Where touchpoints stand on a map: the first pattern that matches says the "
        "stage. Of a customer the rules say it, which also ask what came before; a touchpoint "
        "without a pattern belongs to no stage of its own."
    )


class StageTimeView(BaseModel):
    """All stays of a customer in one stage."""

    stage: str
    first_entered: datetime
    last_left: datetime | None = Field(description="Null while the customer is there.")
    stays: int
    seconds: float = Field(description="Of the stays that have ended.")
    events: int


class JourneyItem(BaseModel):
    customer_id: uuid.UUID
    stage: str | None = Field(description="Null: no event has led to one yet.")
    entered_at: datetime | None
    first_at: datetime
    last_at: datetime
    events: int
    sessions: int
    answered: int = Field(description="Times that somebody turned to the waiting customer.")
    mean_wait_s: float | None
    longest_wait_s: float | None
    waiting_since: datetime | None = Field(description="They wait for an answer since then.")
    stuck_since: datetime | None = Field(
        description="A complaint is open, and nothing has moved for longer than the stage allows."
    )
    left_at: datetime | None = Field(description="They left, and have not bought since.")
    stages: list[StageTimeView]
    version: str = Field(description="Of the lifecycle that it was made by.")


class StayView(BaseModel):
    stage: str
    entered_at: datetime
    left_at: datetime | None
    events: int


class WaitView(BaseModel):
    """From a contact that nobody had answered to the answer; null while it lasts."""

    asked_at: datetime
    answered_at: datetime | None
    seconds: float | None


class JourneyView(JourneyItem):
    """One customer's journey; its stays and waits in the order of time, the last 500 of each."""

    stays: list[StayView]
    waits: list[WaitView]


class SessionEvent(BaseModel):
    kind: str = Field(description="feedback or interaction")
    source: str
    id: str
    occurred_at: datetime
    channel: str | None
    touchpoint: str | None
    interaction_kind: str | None
    light: str | None
    valence: float | None = Field(description="-1 (all blame) to 1 (all praise)")
    topics: list[str]
    stage: str | None = Field(description="Where the customer stood after it.")


class SessionView(BaseModel):
    """What happened without a long pause, or in one conversation."""

    number: int
    started_at: datetime
    ended_at: datetime
    stage: str | None = Field(description="At its end.")
    light: str | None = Field(description="The worst of its lights.")
    valence: float | None = Field(description="The mean of its events'.")
    topics: list[str]
    events: list[SessionEvent]
