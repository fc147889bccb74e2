"""`/v1/corrections`: labels that somebody has set, and setting them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import Actor, FeedbackRef, Name, UtcTime, Versions
from heedful.common.contracts.base import Words
from heedful.common.db.transaction import begin
from heedful.common.errors import RecordTooLarge
from heedful.common.http import Page, paging
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.nlp import store_corrections
from heedful.nlp.correction import WrongLabel
from heedful.nlp.corrections import Asked, Corrections, Stale, UnknownFeedback
from heedful.nlp.records import Basis, Change, FeedbackKey, StoredCorrection

MAX_NOTE_CHARS = 2000
TOO_LARGE_FOR_LOG = Refusal(
    422,
    "too-large",
    "With these labels no log takes the event",
    "with this label no log takes the event",
)
_CORRECTING = refusing(
    Refusal(
        404,
        "not-found",
        "nlp has no such feedback of this tenant, or no longer",
        "nlp has no feedback 'call-20261124-0815' of source 'callcentre'; what was labelled in the "
        "last 90 days can be corrected",
        name="no-such-feedback",
    ),
    Refusal(
        409,
        "stale",
        "Something else holds by now: `current` and `value` say what",
        "the label is another by now; look again",
        {"current": "0b6f0f5e-4f0d-5d8e-9a53-3a9c8d0f1b11", "value": "amber"},
    ),
    TOO_LARGE_FOR_LOG,
)

Note = Annotated[Words, Field(max_length=MAX_NOTE_CHARS)]


class CorrectionBody(BaseModel):
    """One label, as it was seen and as it should be; null is absent."""

    model_config = ConfigDict(extra="forbid")

    feedback: FeedbackRef
    enrichment_id: Name
    label: Name = Field(description="light, sentiment, intent, …, or topic:<code>")
    was: Name | None = None
    value: Name | None
    note: Note | None = None


class CorrectionOut(BaseModel):
    """What was corrected, by whom and when; of which versions' labels."""

    id: str
    feedback: FeedbackRef
    enrichment_id: str
    label: str
    was: str | None
    value: str | None
    note: str | None
    basis: Basis
    actor: Actor
    at: UtcTime
    versions: Versions


def router(
    engine: AsyncEngine,
    corrections: Corrections,
    auth: Authenticator,
    clock: Callable[[], datetime],
    keep_days: int,
) -> APIRouter:
    """The routes of corrections."""
    routes = APIRouter(tags=["corrections"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CORRECTIONS_READ))
    may_write = Depends(auth.requires(Scope.CORRECTIONS_WRITE))

    @routes.post("/v1/corrections", status_code=201, responses=_CORRECTING)
    async def create_correction(
        body: CorrectionBody, principal: Annotated[Principal, may_write]
    ) -> CorrectionOut:
        """Set one label of one feedback. A light that becomes red opens a case.

        409 when `was` or `enrichment_id` is no longer what holds: look again, then decide.
        """
        asked = Asked(
            key=FeedbackKey(principal.tenant, body.feedback.source, body.feedback.id),
            enrichment_id=body.enrichment_id,
            change=Change(body.label, body.was, body.value),
            note=body.note,
        )
        try:
            return shown(await corrections.correct(asked, principal.acting, clock()))
        except UnknownFeedback as error:
            detail = (
                f"nlp has no feedback {body.feedback.id!r} of source {body.feedback.source!r}; "
                f"what was labelled in the last {keep_days} days can be corrected"
            )
            raise Problem(404, "not-found", detail) from error
        except WrongLabel as error:
            raise invalid(error) from error
        except Stale as error:
            raise Problem(
                409, "stale", f"{error}; look again", current=error.current, value=error.value
            ) from error
        except RecordTooLarge as error:
            raise Problem(422, "too-large", "with this label no log takes the event") from error

    @routes.get("/v1/corrections")
    async def list_corrections(
        principal: Annotated[Principal, may_read],
        label: Name | None = None,
        source: Name | None = None,
        feedback_id: Name | None = None,
        cursor: str | None = None,
        limit: paging.Limit = paging.DEFAULT,
    ) -> Page[CorrectionOut]:
        """Corrections of the tenant, the newest first."""
        async with begin(engine) as connection:
            found = await store_corrections.page(
                connection,
                principal.tenant,
                label=label,
                source=source,
                feedback_id=feedback_id,
                after=paging.after(cursor),
                limit=limit + 1,
            )
        page, more = found[:limit], len(found) > limit
        last = page[-1].correction if more else None
        return Page(
            items=[shown(one) for one in page],
            next_cursor=None if last is None else paging.encoded(last.at, last.id),
        )

    return routes


def invalid(error: WrongLabel) -> Problem:
    """422, with what there is instead."""
    return Problem(422, "invalid", str(error))


def shown(stored: StoredCorrection) -> CorrectionOut:
    """Without the words: who may correct need not read what all customers said."""
    correction = stored.correction
    return CorrectionOut(
        id=correction.id,
        feedback=FeedbackRef(source=stored.key.source, id=stored.key.id),
        enrichment_id=stored.enrichment_id,
        label=correction.label,
        was=correction.was,
        value=correction.value,
        note=stored.note,
        basis=stored.basis,
        actor=correction.actor,
        at=correction.at,
        versions=stored.versions,
    )
