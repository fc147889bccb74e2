"""`POST /v1/issues…`: what is done to issues."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from heedful.alerting.api.case_bodies import PlanBody
from heedful.alerting.api.cases import NO_CASE
from heedful.alerting.api.issue_models import AnswerBody, CasesBody, IssueBody, IssueDetail
from heedful.alerting.api.issues import NO_ISSUE, detail
from heedful.alerting.database import Database
from heedful.alerting.storms.steering import (
    CasesTaken,
    IssueClosed,
    IssueThere,
    NoSuchIssue,
    NotInIssue,
    Steering,
    UnknownCases,
)
from heedful.alerting.work import NotAllowed
from heedful.common.http.auth import Authenticator, require_role_of_people
from heedful.common.http.openapi import ROLE_REQUIRED, Refusal, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Role, Scope

_SHOWN = 20
_CLOSED = Refusal(
    409,
    "issue-closed",
    "The issue has ended",
    "the issue is closed; its cases tell of themselves, and a new one can be opened for them",
)
_THERE = Refusal(
    409,
    "issue-there",
    "There is an open issue about the same thing; `issue_id` names it",
    "there is an open issue about this already; add the cases to it",
    {"issue_id": "0198c0de-0000-7000-8000-000000000001"},
)
_TAKEN = Refusal(
    409,
    "cases-taken",
    "Some of the cases belong to an open issue, or were taken out of this one; `cases` names them",
    "these cases belong to an open issue, or were taken out of this one; "
    "take them out of the other one first",
    {"cases": ["0198c0de-0000-7000-8000-000000000002"]},
)
_UNKNOWN = Refusal(
    422,
    "unknown-cases",
    "The tenant has no such cases; `cases` names them",
    "the tenant has no such cases: 0198c0de-0000-7000-8000-000000000002",
    {"cases": ["0198c0de-0000-7000-8000-000000000002"]},
)
_NEEDS_PERSON = Refusal(
    403,
    "not-allowed",
    "Who asks may not do it",
    "an API key is a machine and cannot answer customers; send the actor's token with it",
)
_STEP = (NO_ISSUE, _CLOSED, ROLE_REQUIRED)


class IssueSteps:
    """Takes steps for a caller and shows the issue that they lead to."""

    def __init__(self, database: Database, steering: Steering) -> None:
        self._database = database
        self.steering = steering

    async def show(self, principal: Principal, issue_id: str) -> IssueDetail:
        async with self._database.begin() as (connection, _):
            return await detail(connection, principal.tenant, issue_id)


def router(database: Database, steering: Steering, auth: Authenticator) -> APIRouter:
    """The routes that change issues. A machine may do so, or a lead."""
    routes = APIRouter(prefix="/v1/issues", tags=["issues"], route_class=Route)
    may_write = Depends(auth.requires(Scope.CASES_WRITE))
    steps = IssueSteps(database, steering)
    _gathering(routes, steps, may_write)
    _working(routes, steps, may_write)
    return routes


def _gathering(routes: APIRouter, steps: IssueSteps, may_write: Any) -> None:
    """Which cases an issue has."""
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.post("", status_code=201, responses=refusing(ROLE_REQUIRED, _THERE, _TAKEN, _UNKNOWN))
    async def open_issue(body: IssueBody, principal: Writer) -> IssueDetail:
        """Make cases an issue by hand. When they are about one topic, touchpoint and region, more
        of that joins it."""
        require_role_of_people(principal, Role.LEAD)
        cases = list(dict.fromkeys(body.case_ids))
        with _told():
            issue_id = await steps.steering.open(
                principal.tenant, cases, body.title, principal.acting
            )
        return await steps.show(principal, issue_id)

    @routes.post("/{issue_id}/cases", responses=refusing(*_STEP, _TAKEN, _UNKNOWN))
    async def add_cases_to_issue(issue_id: str, body: CasesBody, principal: Writer) -> IssueDetail:
        """More cases belong to it."""
        require_role_of_people(principal, Role.LEAD)
        cases = list(dict.fromkeys(body.case_ids))
        with _told():
            await steps.steering.add(principal.tenant, issue_id, cases, principal.acting)
        return await steps.show(principal, issue_id)

    @routes.delete(
        "/{issue_id}/cases/{case_id}", status_code=204, responses=refusing(*_STEP, NO_CASE)
    )
    async def remove_case_from_issue(issue_id: str, case_id: str, principal: Writer) -> None:
        """A case is another matter, and tells of itself from now on. It does not come back by
        itself."""
        require_role_of_people(principal, Role.LEAD)
        case = case_id
        with _told():
            await steps.steering.remove(principal.tenant, issue_id, case, principal.acting)


def _working(routes: APIRouter, steps: IssueSteps, may_write: Any) -> None:
    """What is done for all cases at once."""
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.post("/{issue_id}/plan", responses=refusing(*_STEP))
    async def plan_issue(issue_id: str, body: PlanBody, principal: Writer) -> IssueDetail:
        """A plan for every case of it that has none, and for those that join while it is open.
        Fulfils their plan clocks as of now."""
        require_role_of_people(principal, Role.LEAD)
        with _told():
            await steps.steering.plan(
                principal.tenant,
                issue_id,
                body.owner,
                body.action,
                body.due,
                principal.acting,
            )
        return await steps.show(principal, issue_id)

    @routes.post("/{issue_id}/answers", responses=refusing(*_STEP, _NEEDS_PERSON))
    async def answer_issue(issue_id: str, body: AnswerBody, principal: Writer) -> IssueDetail:
        """The customer of each case that is not over is to be told this: one event
        `case.reply.wanted` for each, for the system of its channel. Respond clocks run on until a
        person has contacted the customer."""
        require_role_of_people(principal, Role.LEAD)
        with _told():
            await steps.steering.answer(principal.tenant, issue_id, body.text, principal.acting)
        return await steps.show(principal, issue_id)

    @routes.post("/{issue_id}/close", responses=refusing(*_STEP))
    async def close_issue(issue_id: str, principal: Writer) -> IssueDetail:
        """It has ended. Its cases go on, and tell of themselves."""
        require_role_of_people(principal, Role.LEAD)
        with _told():
            await steps.steering.close(principal.tenant, issue_id, principal.acting)
        return await steps.show(principal, issue_id)


@contextmanager
def _told() -> Iterator[None]:
    """
    Raises:
        Problem: it cannot be done.
    """
    try:
        yield
    except NoSuchIssue as error:
        raise not_found("issue") from error
    except NotInIssue as error:
        raise not_found("case") from error
    except NotAllowed as error:
        raise Problem(403, _NEEDS_PERSON.code, str(error)) from error
    except IssueClosed as error:
        raise Problem(409, _CLOSED.code, _CLOSED.detail) from error
    except IssueThere as error:
        raise Problem(409, _THERE.code, _THERE.detail, issue_id=error.issue_id) from error
    except CasesTaken as error:
        raise Problem(409, _TAKEN.code, _TAKEN.detail, cases=list(error.cases[:_SHOWN])) from error
    except UnknownCases as error:
        raise Problem(422, _UNKNOWN.code, str(error), cases=list(error.cases[:_SHOWN])) from error
