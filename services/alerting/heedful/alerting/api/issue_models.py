"""What `/v1/issues` takes and gives."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field
from sqlalchemy import Row

from heedful.alerting.api.case_bodies import Taken, Words
from heedful.alerting.states import State
from heedful.alerting.storms.history import IssueEventKind
from heedful.alerting.storms.model import Standing
from heedful.common.contracts import Actor, ActorType, Colour, Name

MOST_CASES = 500
"""In one request, and in one answer."""
MOST_EVENTS = 500

Cases = Annotated[list[Name], Field(min_length=1, max_length=MOST_CASES)]


class IssueBody(Taken):
    case_ids: Cases
    title: Name | None = Field(default=None, description="What people call it.")


class CasesBody(Taken):
    case_ids: Cases


class AnswerBody(Taken):
    text: Words = Field(description="What the customer of each case is to be told.")


class IssueCases(BaseModel):
    all: int
    unsettled: int = Field(description="Somebody has to do something about them.")
    red: int = Field(description="Of the unsettled.")


class IssuePlan(BaseModel):
    owner: str
    action: str
    due: datetime
    at: datetime
    actor: Actor


class IssueOut(BaseModel):
    """An issue as lists show it."""

    id: str
    topic: str | None = Field(description="null: no case joins it by itself.")
    touchpoint: str | None
    region: str | None
    title: str | None
    opened_at: datetime
    joined_at: datetime = Field(description="When a case joined it last.")
    told_at: datetime | None = Field(description="When endpoints were told of it last.")
    closed_at: datetime | None
    cases: IssueCases
    plan: IssuePlan | None

    @classmethod
    def fields(cls, row: Row[Any], standing: Standing) -> dict[str, Any]:
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        cases = IssueCases(all=standing.cases, unsettled=standing.unsettled, red=standing.red)
        return {**own, "cases": cases}

    @classmethod
    def of(cls, row: Row[Any], standing: Standing) -> Self:
        return cls.model_validate(cls.fields(row, standing))


class ChildOut(BaseModel):
    case_id: str
    state: State
    colour: Colour
    owner: str | None
    received_at: datetime
    joined_at: datetime


class IssueEventOut(BaseModel):
    number: int
    kind: IssueEventKind
    at: datetime
    actor: Actor
    detail: dict[str, str]


class IssueDetail(IssueOut):
    states: dict[State, int] = Field(description="Of its cases.")
    children: list[ChildOut] = Field(
        description=f"The last to join first, at most {MOST_CASES}; `cases.all` counts them."
    )
    timeline: list[IssueEventOut] = Field(
        description=f"What happened to it, the newest first, at most {MOST_EVENTS}."
    )


def detail(
    row: Row[Any],
    standing: Standing,
    children: Sequence[Row[Any]],
    events: Sequence[Row[Any]],
) -> IssueDetail:
    """An issue, whole."""
    return IssueDetail.model_validate(
        {
            **IssueDetail.fields(row, standing),
            "states": {State(state): n for state, n in standing.states.items()},
            "children": [
                ChildOut(
                    case_id=one.id,
                    state=one.state,
                    colour=one.colour,
                    owner=one.owner,
                    received_at=one.received_at,
                    joined_at=one.joined_at,
                )
                for one in children
            ],
            "timeline": [
                IssueEventOut(
                    number=one.number,
                    kind=one.kind,
                    at=one.at,
                    actor=Actor(type=ActorType(one.actor_type), id=one.actor_id),
                    detail=one.detail,
                )
                for one in events
            ],
        }
    )
