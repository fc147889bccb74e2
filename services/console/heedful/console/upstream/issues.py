"""Issues of alerting: one thing that many cases are about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.paths import part
from heedful.console.upstream.reading import Read
from heedful.console.upstream.steps import Actor


class Counts(Read):
    all: int
    unsettled: int
    red: int


class Plan(Read):
    owner: str
    action: str
    due: datetime


class Child(Read):
    case_id: str
    state: str
    colour: str
    owner: str | None
    received_at: datetime


class IssueEvent(Read):
    kind: str
    at: datetime
    actor: Actor
    detail: dict[str, str]


class Issue(Read):
    """`children`: the last to join first; `cases.all` counts them."""

    id: str
    topic: str | None
    touchpoint: str | None
    region: str | None
    title: str | None
    opened_at: datetime
    closed_at: datetime | None
    cases: Counts
    plan: Plan | None
    children: list[Child]
    timeline: list[IssueEvent]


async def issue(alerting: Caller, issue_id: str) -> Issue:
    """
    Raises:
        NotThere: the tenant has none of this id.
        UpstreamError: it could not be had.
    """
    return await alerting.get(Issue, f"/v1/issues/{part(issue_id)}")


async def take(alerting: Caller, issue_id: str, step: str, body: Mapping[str, Any] | None) -> None:
    """Take a step for all of its cases.

    Raises:
        UpstreamError: it was not done.
    """
    await alerting.send("POST", f"/v1/issues/{part(issue_id)}/{step}", body=body)
