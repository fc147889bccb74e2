"""`POST /v1/cases/{id}/…`: what is done to a case."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from heedful.alerting import work
from heedful.alerting.actions import Actions
from heedful.alerting.api.case_bodies import (
    AssignBody,
    ContactBody,
    DismissBody,
    LandBody,
    MergeBody,
    NoteBody,
    PlanBody,
    SplitBody,
    VerifyBody,
    WaitBody,
    WordsBody,
)
from heedful.alerting.api.cases import NO_CASE
from heedful.alerting.api.etags import ETAG
from heedful.alerting.api.models import CaseDetail
from heedful.alerting.api.stepping import (
    CHANGED,
    NOT_ALLOWED,
    NOT_ANSWERED,
    WRONG_STATE,
    Stepping,
    note_of,
    stepping,
)
from heedful.alerting.database import Database
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import refusing
from heedful.common.http.route import Route
from heedful.common.security import Scope

_EVERY_STEP: dict[int | str, dict[str, Any]] = {
    **refusing(CHANGED),
    200: {"headers": {"ETag": ETAG}},
}
_STEP = refusing(NO_CASE, WRONG_STATE)
_ALLOWED = refusing(NO_CASE, WRONG_STATE, NOT_ALLOWED)


def router(database: Database, actions: Actions, auth: Authenticator) -> APIRouter:
    """The routes that move cases."""
    routes = APIRouter(
        prefix="/v1/cases/{case_id}", tags=["cases"], route_class=Route, responses=_EVERY_STEP
    )
    asked = Depends(stepping(database, actions, Depends(auth.requires(Scope.CASES_WRITE))))
    _working(routes, asked)
    _settling(routes, asked)
    _regrouping(routes, asked)
    return routes


def _working(routes: APIRouter, asked: Any) -> None:
    """From the first look at a case to the work on it."""
    Asked = Annotated[Stepping, asked]  # noqa: N806  # a type

    @routes.post("/acknowledge", responses=_STEP)
    async def acknowledge_case(step: Asked, body: NoteBody | None = None) -> CaseDetail:
        """Somebody has seen it. The respond clock runs on until a person contacts the customer."""
        return await step.noted(body, lambda _, now, who, note: work.acknowledged(now, who, note))

    @routes.post("/assign", responses=_STEP)
    async def assign_case(body: AssignBody, step: Asked) -> CaseDetail:
        """It is somebody's to work on."""
        return await step.take(lambda case, now: work.assigned(case, now, step.actor, body.owner))

    @routes.post("/claim", responses=_ALLOWED)
    async def claim_case(step: Asked) -> CaseDetail:
        """Who asks takes it, and has seen it by that."""
        return await step.take(lambda case, now: work.claimed(case, now, step.actor))

    @routes.post("/notes", responses=_STEP)
    async def note_case(body: WordsBody, step: Asked) -> CaseDetail:
        """Words for those who work on it. No answer to the customer."""
        return await step.take(lambda _, now: work.noted(now, step.actor, body.note))

    @routes.post("/contacts", responses=_ALLOWED)
    async def contact_case(body: ContactBody, step: Asked) -> CaseDetail:
        """A person has contacted the customer, or tried to. The first fulfils the respond clock."""
        return await step.take(
            lambda case, now: work.contacted(
                case, now, step.actor, body.kind, body.at or now, body.note
            ),
        )

    @routes.post("/plan", responses=_STEP)
    async def plan_case(body: PlanBody, step: Asked) -> CaseDetail:
        """An owner will do something by a date. Fulfils the plan clock."""
        return await step.take(
            lambda _, now: work.planned(now, step.actor, body.owner, body.action, body.due),
        )

    @routes.post("/start", responses=_STEP)
    async def start_case(step: Asked, body: NoteBody | None = None) -> CaseDetail:
        """The planned action is under way."""
        return await step.noted(body, lambda _, now, who, note: work.started(now, who, note))

    @routes.post("/wait", responses=_STEP)
    async def pause_case(body: WaitBody, step: Asked) -> CaseDetail:
        """It waits for somebody else. Clocks that the policy says stand still, as long as the
        policy's budget for pauses lasts."""
        return await step.take(lambda _, now: work.paused(now, step.actor, body.state, body.reason))

    @routes.post("/resume", responses=_STEP)
    async def resume_case(step: Asked, body: NoteBody | None = None) -> CaseDetail:
        """The waiting has ended."""
        return await step.noted(body, lambda _, now, who, note: work.resumed(now, who, note))


def _settling(routes: APIRouter, asked: Any) -> None:
    """How a case ends, and that it does not."""
    Asked = Annotated[Stepping, asked]  # noqa: N806  # a type

    @routes.post("/land", responses=_STEP)
    async def land_case(body: LandBody, step: Asked) -> CaseDetail:
        """The improvement is in place. Fulfils the land clock."""
        plan = None if body.verify is None else body.verify.plan
        landed = step.actions.land(
            step.seen,
            lambda _, now: work.landed(
                now, step.actor, body.root_cause, body.action_taken, body.chain
            ),
            plan,
        )
        return await step.show(landed)

    @routes.post("/verify", responses=_STEP)
    async def verify_case(body: VerifyBody, step: Asked) -> CaseDetail:
        """The improvement was found to work."""
        return await step.take(
            lambda _, now: work.verified(now, step.actor, body.method, body.note)
        )

    @routes.post("/close", responses=refusing(NO_CASE, WRONG_STATE, NOT_ANSWERED))
    async def close_case(step: Asked, body: NoteBody | None = None) -> CaseDetail:
        """Nothing is left to do. Not before a person has answered the customer."""
        return await step.noted(body, work.closed)

    @routes.post("/dismiss", responses=_ALLOWED)
    async def dismiss_case(body: DismissBody, step: Asked) -> CaseDetail:
        """It is nothing to work on. Of a red light this only proposes it."""
        return await step.take(
            lambda case, now: work.dismissed(case, now, step.actor, body.reason, body.note),
        )

    @routes.post("/approve-dismissal", responses=_ALLOWED)
    async def approve_dismissal(step: Asked, body: NoteBody | None = None) -> CaseDetail:
        """A second person agrees that a red light is dismissed."""
        return await step.noted(body, work.approved)

    @routes.post("/reopen", responses=_STEP)
    async def reopen_case(step: Asked, body: NoteBody | None = None) -> CaseDetail:
        """It is not settled after all. Every clock that has ended runs anew; what was, stays."""
        return await step.show(step.actions.reopen(step.seen, step.actor, note_of(body)))


def _regrouping(routes: APIRouter, asked: Any) -> None:
    """What is one matter and what is two."""
    Asked = Annotated[Stepping, asked]  # noqa: N806  # a type

    @routes.post("/merge", responses=_ALLOWED)
    async def merge_case(body: MergeBody, step: Asked) -> CaseDetail:
        """It is the same matter as another case, which goes on."""
        return await step.show(step.actions.merge(step.seen, body.into, step.actor))

    @routes.post("/unmerge", responses=_STEP)
    async def unmerge_case(step: Asked, body: NoteBody | None = None) -> CaseDetail:
        """It is a matter of its own after all. Its clocks have run on."""
        return await step.show(step.actions.unmerge(step.seen, step.actor, note_of(body)))

    @routes.post("/split", responses=_ALLOWED)
    async def split_case(body: SplitBody, step: Asked) -> CaseDetail:
        """One feedback becomes a case of its own, which is answered."""
        return await step.show(step.actions.split(step.seen, body.source, body.id, step.actor))
