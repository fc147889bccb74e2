"""One request to move a case: who asks, for which case as they saw it, and what they are shown."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel

from heedful.alerting.actions import Actions, Making, Moved, NoSuchCase, Seen
from heedful.alerting.api.case_bodies import NoteBody
from heedful.alerting.api.cases import detail
from heedful.alerting.api.etags import IfMatch, etag, sequences
from heedful.alerting.api.models import CaseDetail
from heedful.alerting.case import Case, Step
from heedful.alerting.database import Database
from heedful.alerting.states import State, WrongTransition
from heedful.alerting.work import NotAllowed, NotAnswered
from heedful.common.contracts import Actor
from heedful.common.http.openapi import Refusal
from heedful.common.http.problems import Problem, not_found
from heedful.common.security import Principal

WRONG_STATE = Refusal(
    409,
    "wrong-state",
    "The state does not allow it; `allowed` names the states that do",
    "a case that is new cannot be closed",
    {"state": "new", "allowed": ["landed", "verified"]},
)
NOT_ALLOWED = Refusal(
    403,
    "not-allowed",
    "Who asks may not do it",
    "an API key is a machine and cannot answer a customer; send the actor's token with it",
)
NOT_ANSWERED = Refusal(
    409,
    "not-answered",
    "The customer still waits for a person",
    "no person has contacted the customer; record a contact first, or dismiss the case",
)
CHANGED = Refusal(
    412,
    "changed",
    "The case is not as `If-Match` has it; `by` and `at` say who did the last step, and when",
    "event 9 has happened to the case by now, and it is acknowledged; nothing was done: look at "
    "it again, then decide",
    {
        "sequence": 9,
        "state": "acknowledged",
        "by": {"type": "human", "id": "staff-17"},
        "at": "2026-11-24T00:15:00Z",
    },
)

Noting = Callable[[Case, datetime, Actor, str | None], Sequence[Step]]
"""Makes the steps of who asks, with a note."""


class Standing(BaseModel):
    """How a case stands, for who has missed it."""

    sequence: int
    state: State
    by: Actor
    at: datetime


class Stepping:
    """Takes the steps of one request, and shows the case that they lead to."""

    def __init__(
        self,
        database: Database,
        actions: Actions,
        principal: Principal,
        seen: Seen,
        response: Response,
    ) -> None:
        self._database = database
        self._response = response
        self.actions = actions
        self.actor = principal.acting
        self.seen = seen

    async def take(self, making: Making) -> CaseDetail:
        return await self.show(self.actions.take(self.seen, making))

    async def noted(self, body: NoteBody | None, noting: Noting) -> CaseDetail:
        """Take a step of which no more is told than a note."""
        note = note_of(body)
        return await self.take(lambda case, now: noting(case, now, self.actor, note))

    async def show(self, step: Awaitable[str]) -> CaseDetail:
        """
        Raises:
            Problem: the step cannot be taken.
        """
        try:
            case_id = await step
        except Moved as error:
            stands = Standing(
                sequence=error.sequence, state=error.state, by=error.actor, at=error.at
            )
            raise Problem(
                412,
                "changed",
                f"{error}; nothing was done: look at it again, then decide",
                **stands.model_dump(mode="json"),
            ) from error
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
            found = await detail(connection, self.seen.tenant, case_id)
        self._response.headers["ETag"] = etag(found.sequence)
        return found


def stepping(
    database: Database, actions: Actions, may_write: Any
) -> Callable[..., Awaitable[Stepping]]:
    """The dependency of routes that move a case.

    Args:
        may_write: the dependency that gives who asks.
    """

    async def asked(
        case_id: str,
        principal: Annotated[Principal, may_write],
        response: Response,
        if_match: IfMatch = None,
    ) -> Stepping:
        seen = Seen(principal.tenant, case_id, sequences(if_match))
        return Stepping(database, actions, principal, seen, response)

    return asked


def note_of(body: NoteBody | None) -> str | None:
    return body.note if body else None
