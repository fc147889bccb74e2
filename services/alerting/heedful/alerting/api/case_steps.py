"""`POST /v1/cases/{id}/…`: what is done to a case."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from heedful.alerting import work
from heedful.alerting.actions import Actions, Making, NoSuchCase
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
from heedful.alerting.api.cases import NO_CASE, detail
from heedful.alerting.api.models import CaseDetail
from heedful.alerting.case import Case, Step
from heedful.alerting.database import Database
from heedful.alerting.states import WrongTransition
from heedful.alerting.work import NotAllowed, NotAnswered
from heedful.common.contracts import Actor
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_WRONG_STATE = Refusal(
    409,
    "wrong-state",
    "The state does not allow it; `allowed` names the states that do",
    "a case that is new cannot be closed",
    {"state": "new", "allowed": ["landed", "verified"]},
)
_NOT_ALLOWED = Refusal(
    403,
    "not-allowed",
    "Who asks may not do it",
    "an API key is a machine and cannot answer a customer; send the actor's token with it",
)
_NOT_ANSWERED = Refusal(
    409,
    "not-answered",
    "The customer still waits for a person",
    "no person has contacted the customer; record a contact first, or dismiss the case",
)
Noting = Callable[[Case, datetime, Actor, str | None], Sequence[Step]]
"""Makes the steps of who asks, with a note."""

_STEP = refusing(NO_CASE, _WRONG_STATE)
_ALLOWED = refusing(NO_CASE, _WRONG_STATE, _NOT_ALLOWED)


class CaseSteps:
    """Takes steps for a caller and shows the case that they lead to."""

    def __init__(self, database: Database, actions: Actions) -> None:
        self._database = database
        self.actions = actions

    async def take(self, principal: Principal, case_id: str, making: Making) -> CaseDetail:
        return await self.show(principal, self.actions.take(principal.tenant, case_id, making))

    async def noted(
        self, principal: Principal, case_id: str, body: NoteBody | None, noting: Noting
    ) -> CaseDetail:
        """Take a step of which no more is told than a note."""
        actor, note = principal.acting, _note(body)
        return await self.take(principal, case_id, lambda case, now: noting(case, now, actor, note))

    async def show(self, principal: Principal, step: Awaitable[str]) -> CaseDetail:
        """
        Raises:
            Problem: the step cannot be taken.
        """
        try:
            case_id = await step
        except WrongTransition as error:
            allowed = list(error.allowed)
            raise Problem(
                409, "wrong-state", str(error), state=error.state, allowed=allowed
            ) from error
        except NotAnswered as error:
            raise Problem(409, "not-answered", str(error)) from error
        except NotAllowed as error:
            raise Problem(403, "not-allowed", str(error)) from error
        except NoSuchCase as error:
            raise not_found("case") from error
        async with self._database.begin() as (connection, _):
            return await detail(connection, principal.tenant, case_id)


def router(database: Database, actions: Actions, auth: Authenticator) -> APIRouter:
    """The routes that move cases."""
    routes = APIRouter(prefix="/v1/cases/{case_id}", tags=["cases"], route_class=Route)
    may_write = Depends(auth.requires(Scope.CASES_WRITE))
    steps = CaseSteps(database, actions)
    _working(routes, steps, may_write)
    _settling(routes, steps, may_write)
    _regrouping(routes, steps, may_write)
    return routes


def _working(routes: APIRouter, steps: CaseSteps, may_write: Any) -> None:
    """From the first look at a case to the work on it."""
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.post("/acknowledge", responses=_STEP)
    async def acknowledge_case(
        case_id: str, principal: Writer, body: NoteBody | None = None
    ) -> CaseDetail:
        """Somebody has seen it. The respond clock runs on until a person contacts the customer."""
        return await steps.noted(
            principal, case_id, body, lambda _, now, who, note: work.acknowledged(now, who, note)
        )

    @routes.post("/assign", responses=_STEP)
    async def assign_case(case_id: str, body: AssignBody, principal: Writer) -> CaseDetail:
        """It is somebody's to work on."""
        actor = principal.acting
        return await steps.take(
            principal, case_id, lambda case, now: work.assigned(case, now, actor, body.owner)
        )

    @routes.post("/claim", responses=_ALLOWED)
    async def claim_case(case_id: str, principal: Writer) -> CaseDetail:
        """Who asks takes it, and has seen it by that."""
        actor = principal.acting
        return await steps.take(
            principal, case_id, lambda case, now: work.claimed(case, now, actor)
        )

    @routes.post("/notes", responses=_STEP)
    async def note_case(case_id: str, body: WordsBody, principal: Writer) -> CaseDetail:
        """Words for those who work on it. No answer to the customer."""
        actor = principal.acting
        return await steps.take(
            principal, case_id, lambda _, now: work.noted(now, actor, body.note)
        )

    @routes.post("/contacts", responses=_ALLOWED)
    async def contact_case(case_id: str, body: ContactBody, principal: Writer) -> CaseDetail:
        """A person has contacted the customer, or tried to. The first fulfils the respond clock."""
        actor = principal.acting
        return await steps.take(
            principal,
            case_id,
            lambda case, now: work.contacted(
                case, now, actor, body.kind, body.at or now, body.note
            ),
        )

    @routes.post("/plan", responses=_STEP)
    async def plan_case(case_id: str, body: PlanBody, principal: Writer) -> CaseDetail:
        """An owner will do something by a date. Fulfils the plan clock."""
        actor = principal.acting
        return await steps.take(
            principal,
            case_id,
            lambda _, now: work.planned(now, actor, body.owner, body.action, body.due),
        )

    @routes.post("/start", responses=_STEP)
    async def start_case(
        case_id: str, principal: Writer, body: NoteBody | None = None
    ) -> CaseDetail:
        """The planned action is under way."""
        return await steps.noted(
            principal, case_id, body, lambda _, now, who, note: work.started(now, who, note)
        )

    @routes.post("/wait", responses=_STEP)
    async def pause_case(case_id: str, body: WaitBody, principal: Writer) -> CaseDetail:
        """It waits for somebody else. Clocks that the policy says stand still, as long as the
        policy's budget for pauses lasts."""
        actor = principal.acting
        return await steps.take(
            principal, case_id, lambda _, now: work.paused(now, actor, body.state, body.reason)
        )

    @routes.post("/resume", responses=_STEP)
    async def resume_case(
        case_id: str, principal: Writer, body: NoteBody | None = None
    ) -> CaseDetail:
        """The waiting has ended."""
        return await steps.noted(
            principal, case_id, body, lambda _, now, who, note: work.resumed(now, who, note)
        )


def _settling(routes: APIRouter, steps: CaseSteps, may_write: Any) -> None:
    """How a case ends, and that it does not."""
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.post("/land", responses=_STEP)
    async def land_case(case_id: str, body: LandBody, principal: Writer) -> CaseDetail:
        """The improvement is in place. Fulfils the land clock."""
        actor = principal.acting
        step = steps.actions.land(
            principal.tenant,
            case_id,
            lambda _, now: work.landed(now, actor, body.root_cause, body.action_taken, body.chain),
            None if body.verify is None else body.verify.plan,
        )
        return await steps.show(principal, step)

    @routes.post("/verify", responses=_STEP)
    async def verify_case(case_id: str, body: VerifyBody, principal: Writer) -> CaseDetail:
        """The improvement was found to work."""
        actor = principal.acting
        return await steps.take(
            principal, case_id, lambda _, now: work.verified(now, actor, body.method, body.note)
        )

    @routes.post("/close", responses=refusing(NO_CASE, _WRONG_STATE, _NOT_ANSWERED))
    async def close_case(
        case_id: str, principal: Writer, body: NoteBody | None = None
    ) -> CaseDetail:
        """Nothing is left to do. Not before a person has answered the customer."""
        return await steps.noted(principal, case_id, body, work.closed)

    @routes.post("/dismiss", responses=_ALLOWED)
    async def dismiss_case(case_id: str, body: DismissBody, principal: Writer) -> CaseDetail:
        """It is nothing to work on. Of a red light this only proposes it."""
        actor = principal.acting
        return await steps.take(
            principal,
            case_id,
            lambda case, now: work.dismissed(case, now, actor, body.reason, body.note),
        )

    @routes.post("/approve-dismissal", responses=_ALLOWED)
    async def approve_dismissal(
        case_id: str, principal: Writer, body: NoteBody | None = None
    ) -> CaseDetail:
        """A second person agrees that a red light is dismissed."""
        return await steps.noted(principal, case_id, body, work.approved)

    @routes.post("/reopen", responses=_STEP)
    async def reopen_case(
        case_id: str, principal: Writer, body: NoteBody | None = None
    ) -> CaseDetail:
        """It is not settled after all. Every clock that has ended runs anew; what was, stays."""
        step = steps.actions.reopen(principal.tenant, case_id, principal.acting, _note(body))
        return await steps.show(principal, step)


def _regrouping(routes: APIRouter, steps: CaseSteps, may_write: Any) -> None:
    """What is one matter and what is two."""
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.post("/merge", responses=_ALLOWED)
    async def merge_case(case_id: str, body: MergeBody, principal: Writer) -> CaseDetail:
        """It is the same matter as another case, which goes on."""
        step = steps.actions.merge(principal.tenant, case_id, body.into, principal.acting)
        return await steps.show(principal, step)

    @routes.post("/unmerge", responses=_STEP)
    async def unmerge_case(
        case_id: str, principal: Writer, body: NoteBody | None = None
    ) -> CaseDetail:
        """It is a matter of its own after all. Its clocks have run on."""
        step = steps.actions.unmerge(principal.tenant, case_id, principal.acting, _note(body))
        return await steps.show(principal, step)

    @routes.post("/split", responses=_ALLOWED)
    async def split_case(case_id: str, body: SplitBody, principal: Writer) -> CaseDetail:
        """One feedback becomes a case of its own, which is answered."""
        actor = principal.acting
        step = steps.actions.split(principal.tenant, case_id, body.source, body.id, actor)
        return await steps.show(principal, step)


def _note(body: NoteBody | None) -> str | None:
    return body.note if body else None
