"""What an issue wants of each of its cases: its plan, and an answer for the customer. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from heedful.alerting import work
from heedful.alerting.case import Case, Step
from heedful.alerting.states import WAITING, State
from heedful.common.contracts import Actor, CaseEventKind


class Plan(BaseModel):
    """An owner will do something by a date, for all cases of an issue; `at`: since when."""

    model_config = ConfigDict(frozen=True)

    owner: str
    action: str
    due: datetime
    at: datetime
    actor: Actor


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customers of an issue are to be told."""

    id: str
    text: str
    at: datetime
    actor: Actor


class TaskKind(StrEnum):
    PLAN = "plan"
    REPLY = "reply"


PLANNABLE = frozenset({State.NEW, State.ACKNOWLEDGED, *WAITING})
"""A case in one of these states may have no plan."""


def planned(case: Case, plan: Plan, issue_id: str, at: datetime) -> list[Step] | None:
    """The steps by which a case gets the plan of its issue; none for one that needs none; None:
    not yet, as long as it waits."""
    if case.action is not None or case.state not in PLANNABLE:
        return []
    if case.state in WAITING:
        return None
    detail = {"issue": issue_id}
    steps = []
    if case.state is State.NEW:
        steps.append(Step(CaseEventKind.ACKNOWLEDGED, at, plan.actor, detail=detail))
    (step,) = work.planned(at, plan.actor, plan.owner, plan.action, plan.due)
    return [*steps, replace(step, detail={**step.detail, **detail})]


def reply_wanted(answer: Answer, issue_id: str) -> Step:
    """The channel's system is to tell the customer. It fulfils no clock: that a person does."""
    return Step(
        kind=CaseEventKind.REPLY_WANTED,
        at=answer.at,
        actor=answer.actor,
        note=answer.text,
        detail={"issue": issue_id, "answer": answer.id},
    )
