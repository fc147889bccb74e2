"""What happens to an issue. Pure.

It is for people to look at. What happens to cases stands in their own events, and what people do
to an issue, in the audit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from heedful.common.contracts import Actor
from heedful.common.contracts.base import OpenEnum


class IssueEventKind(OpenEnum):
    """`told`: a flush told of what is in its detail."""

    OPENED = "opened"
    CASES_ADDED = "cases_added"
    CASE_REMOVED = "case_removed"
    TOLD = "told"
    PLANNED = "planned"
    ANSWERED = "answered"
    CLOSED = "closed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event, before it has its number."""

    issue_id: str
    kind: IssueEventKind
    at: datetime
    actor: Actor
    detail: Mapping[str, str] = field(default_factory=dict)
