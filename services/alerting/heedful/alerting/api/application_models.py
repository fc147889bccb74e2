"""What the API of applications takes and shows."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from heedful.alerting.applying.previewing import MAX_CASES, Preview
from heedful.alerting.applying.steps import FoundBy
from heedful.alerting.applying.store import Application, Kind
from heedful.alerting.applying.summary import SHOWN, Counts, Move, Summary
from heedful.common.contracts import ClockMetric

REF = "policy@3"


class Progress(StrEnum):
    RUNNING = "running"
    DONE = "done"
    SUPERSEDED = "superseded"


class ApplyBody(BaseModel):
    """Whether it is done, or only told."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(default=True, description="false: do it.")


class CountsOut(BaseModel):
    """Of the open clocks of one metric."""

    looked_at: int
    earlier: int = Field(description="Run out sooner than before.")
    later: int
    started: int = Field(description="Begin, from when they would have begun.")
    ended: int = Field(description="Stop: no such clock is wanted any more.")
    overdue: int = Field(description="Run out at once.")
    out_of_reach: int = Field(
        description="Keep what they have: there would be no deadline within 400 days."
    )


class MovedOut(BaseModel):
    """A deadline that moves."""

    case_id: str
    metric: ClockMetric
    cycle: int = Field(examples=[1])
    was_due_at: datetime
    due_at: datetime
    by_seconds: float = Field(description="Negative: earlier.", examples=[-72000.0])
    overdue: bool = Field(description="Runs out at once.")


class SummaryOut(BaseModel):
    """What becomes of cases and of their clocks."""

    cases: int = Field(description="Open cases that were looked at.")
    changed: int = Field(description="Of them, those that change.")
    clocks: dict[ClockMetric, CountsOut] = Field(
        examples=[{"respond": {"looked_at": 3, "earlier": 2, "later": 0, "started": 0,
                               "ended": 0, "overdue": 1, "out_of_reach": 0}}]
    )  # fmt: skip
    found_by: dict[FoundBy, int] = Field(
        description="Of a policy: how many cases got their rule by the labels of the feedback, "
        "by the name of the rule that they had, because the labels are not kept any more, or by "
        "what the case itself knows.",
        examples=[{"labels": 3}],
    )


class PreviewOut(SummaryOut):
    """What would become of them now."""

    complete: bool = Field(
        description=f"false: there are more than {MAX_CASES:,} cases, or it took too long."
    )
    most_moved: list[MovedOut] = Field(description=f"At most {SHOWN}, the farthest first.")


class ApplicationOut(SummaryOut):
    """A version that is applied to open clocks, and how far that is."""

    id: str = Field(examples=["ap-7c9e6679-7425-40de-944b-e07fc1f90ae7"])
    kind: Kind
    ref: str = Field(description="What is applied.", examples=[REF])
    progress: Progress = Field(
        description="superseded: another version was activated meanwhile, and it stopped there."
    )
    waiting: int = Field(description="Cases that are still to be looked at.", examples=[0])
    created_at: datetime
    created_by: str = Field(examples=["human:li.wei"])
    finished_at: datetime | None


class Applied(BaseModel):
    """What applying would do, or the order to do it."""

    ref: str = Field(examples=[REF])
    dry_run: bool
    preview: PreviewOut | None = Field(description="Of a dry run.")
    application: ApplicationOut | None = Field(description="Of what is done.")


def preview_out(preview: Preview) -> PreviewOut:
    summary = preview.summary
    return PreviewOut(
        **_summary(summary),
        complete=preview.complete,
        most_moved=[moved for one in summary.most_moved if (moved := _moved(one)) is not None],
    )


def application_out(held: Application) -> ApplicationOut:
    progress = Progress.RUNNING if held.ended is None else Progress(held.ended.value)
    return ApplicationOut(
        **_summary(held.summary),
        id=held.id,
        kind=held.subject.kind,
        ref=held.subject.ref,
        progress=progress,
        waiting=held.waiting or 0,
        created_at=held.created_at,
        created_by=f"{held.actor.type}:{held.actor.id}",
        finished_at=held.finished_at,
    )


def _summary(summary: Summary) -> dict[str, object]:
    return {
        "cases": summary.cases,
        "changed": summary.changed,
        "clocks": {metric: _counts(one) for metric, one in summary.clocks.items()},
        "found_by": dict(summary.found_by),
    }


def _counts(counts: Counts) -> CountsOut:
    return CountsOut.model_validate(counts, from_attributes=True)


def _moved(move: Move) -> MovedOut | None:
    if move.was_due is None or move.due_at is None:
        return None
    return MovedOut(
        case_id=move.case_id,
        metric=move.metric,
        cycle=move.cycle,
        was_due_at=move.was_due,
        due_at=move.due_at,
        by_seconds=move.by.total_seconds(),
        overdue=move.overdue,
    )
