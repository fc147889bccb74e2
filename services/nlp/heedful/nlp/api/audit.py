"""`/v1/audit-sample`: a random sample of each week, for people to judge."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import Actor, FeedbackRef, Name, UtcTime, Versions
from heedful.common.db.transaction import begin
from heedful.common.errors import RecordTooLarge
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.nlp import store_sample
from heedful.nlp.api.corrections import TOO_LARGE_FOR_LOG, Note, invalid
from heedful.nlp.audit import AlreadyJudged, Audit, UnknownItem, judged_labels
from heedful.nlp.correction import WrongLabel
from heedful.nlp.sampling import week_of
from heedful.nlp.store_sample import Sampled

_NOT_OVER = refusing(
    Refusal(
        409,
        "week-not-over",
        "The week is not over, so its sample is not complete",
        "the sample of 2026-W48 is complete on 2026-11-30",
    )
)
_JUDGED = refusing(
    missing("item of a sample"),
    Refusal(
        409,
        "already-judged",
        "It has a verdict already",
        "this item has a verdict already",
    ),
    TOO_LARGE_FOR_LOG,
)
MAX_CORRECTED = 50

Week = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$",
        description="ISO week of the receipt, e.g. 2026-W48",
    ),
]


class LabelValue(BaseModel):
    """What a label should be; null is absent."""

    model_config = ConfigDict(extra="forbid")

    label: Name
    value: Name | None


class VerdictBody(BaseModel):
    """Either all labels are right, or these are not and all others are."""

    model_config = ConfigDict(extra="forbid")

    right: StrictBool
    corrected: list[LabelValue] = Field(default=[], max_length=MAX_CORRECTED)
    note: Note | None = None

    @model_validator(mode="after")
    def _decided(self) -> Self:
        if self.right == bool(self.corrected):
            raise ValueError("say right: true, or right: false and what is wrong in corrected")
        return self


class JudgedLabel(BaseModel):
    label: str
    was: str | None
    value: str | None


class VerdictOut(BaseModel):
    right: bool
    labels: list[JudgedLabel]
    note: str | None
    actor: Actor
    at: UtcTime


class SampleItem(BaseModel):
    """An item with what nlp said of it."""

    id: str
    feedback: FeedbackRef
    channel: str
    received_at: UtcTime
    text: str
    enrichment_id: str
    labels: dict[str, str | None]
    versions: Versions
    verdict: VerdictOut | None


class Sample(BaseModel):
    """The sample of a week; `judged` of its items have a verdict."""

    week: str
    judged: int
    items: list[SampleItem]


def router(
    engine: AsyncEngine,
    audit: Audit,
    auth: Authenticator,
    clock: Callable[[], datetime],
    size: int,
) -> APIRouter:
    """The routes of the audit."""
    routes = APIRouter(tags=["corrections"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CORRECTIONS_READ))
    may_write = Depends(auth.requires(Scope.CORRECTIONS_WRITE))

    @routes.get("/v1/audit-sample", responses=_NOT_OVER)
    async def get_sample(principal: Annotated[Principal, may_read], week: Week = None) -> Sample:
        """The random sample of a week that is over, by default the last one. Eight weeks are kept.

        409 for a week that is not over: its sample is not complete.
        """
        monday = _monday(week, clock())
        async with begin(engine) as connection:
            found = await store_sample.of_week(connection, principal.tenant, monday, size)
        return Sample(
            week=_name(monday),
            judged=sum(one.verdict is not None for one in found),
            items=[_item(one) for one in found],
        )

    @routes.post("/v1/audit-sample/{sample_id}", responses=_JUDGED)
    async def judge_sample(
        sample_id: str, body: VerdictBody, principal: Annotated[Principal, may_write]
    ) -> SampleItem:
        """Say whether the labels of an item are right. What is corrected is published as a
        correction is, so a light that becomes red opens a case."""
        if "\x00" in sample_id:
            raise not_found("item of a sample")
        corrected = [(one.label, one.value) for one in body.corrected]
        try:
            return _item(
                await audit.judge(
                    principal.tenant, sample_id, corrected, body.note, principal.acting, clock()
                )
            )
        except UnknownItem as error:
            raise not_found("item of a sample") from error
        except AlreadyJudged as error:
            raise Problem(409, "already-judged", "this item has a verdict already") from error
        except WrongLabel as error:
            raise invalid(error) from error
        except RecordTooLarge as error:
            raise Problem(422, "too-large", "with these labels no log takes the event") from error

    return routes


def _monday(week: str | None, now: datetime) -> date:
    running = week_of(now)
    if week is None:
        return running - timedelta(weeks=1)
    try:
        monday = date.fromisocalendar(int(week[:4]), int(week[-2:]), 1)
    except ValueError as error:
        raise Problem(422, "invalid", f"there is no week {week}") from error
    if monday >= running:
        over = monday + timedelta(weeks=1)
        raise Problem(409, "week-not-over", f"the sample of {week} is complete on {over}")
    return monday


def _name(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def _item(sampled: Sampled) -> SampleItem:
    machine = sampled.kept.enrichment
    feedback = machine.feedback
    return SampleItem(
        id=sampled.id,
        feedback=FeedbackRef(source=feedback.source, id=feedback.id),
        channel=feedback.channel.value,
        received_at=feedback.received_at,
        text=feedback.text,
        enrichment_id=machine.id,
        labels={label.name: label.value_in(machine) for label in judged_labels(machine)},
        versions=machine.versions,
        verdict=_verdict(sampled),
    )


def _verdict(sampled: Sampled) -> VerdictOut | None:
    found = sampled.verdict
    if found is None:
        return None
    return VerdictOut(
        right=all(one.was == one.value for one in found.labels),
        labels=[JudgedLabel(label=one.label, was=one.was, value=one.value) for one in found.labels],
        note=found.note,
        actor=found.actor,
        at=found.at,
    )
