"""Requests of people and machines, as the API makes them; one that was made is not made again."""

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.alerting import work
from heedful.alerting.actions import Actions, Making, Seen
from heedful.alerting.states import State, WrongTransition
from heedful.alerting.work import (
    ContactKind,
    DismissalReason,
    NotAllowed,
    NotAnswered,
    Verification,
)
from heedful.common.contracts import Actor, ActorType
from tests.integration.alerting.year.payloads import SOURCE, time
from tests.integration.alerting.year.scene import DAY, Act

DONE, REFUSED, NO_CASE = "done", "refused", "no-case"

_CASE_OF = text(
    "SELECT case_id FROM alerting.case_feedback"
    " WHERE tenant = :tenant AND source = :source AND feedback_id = :id"
)
_MADE = text(
    "SELECT EXISTS (SELECT FROM alerting.case_event WHERE case_id = :case_id AND request_id = :id)"
)


class Asking:
    """Asks for acts, each under its own request id."""

    def __init__(self, engine: AsyncEngine, actions: Actions) -> None:
        self._engine = engine
        self._actions = actions

    async def ask(self, act: Act, *, again: bool) -> str:
        """The answer.

        Args:
            again: it may have been made before, by who was killed.
        """
        case_id = await self._case_of(act.tenant, act.item)
        if case_id is None:
            return NO_CASE
        if again and await self._made(case_id, act.id):
            return DONE
        other = None if act.do != "merge" else await self._case_of(act.tenant, act.other or "")
        if act.do == "merge" and other is None:
            return NO_CASE
        with structlog.contextvars.bound_contextvars(trace_id=act.id):
            try:
                await self._take(act, case_id, other)
            except (WrongTransition, NotAllowed, NotAnswered):
                return REFUSED
        return DONE

    async def _take(self, act: Act, case_id: str, other: str | None) -> None:
        actor = actor_of(act)
        if act.do == "merge":
            await self._actions.merge(Seen(act.tenant, case_id), other or "", actor)
        elif act.do == "unmerge":
            await self._actions.unmerge(Seen(act.tenant, case_id), actor, None)
        elif act.do == "split":
            await self._actions.split(Seen(act.tenant, case_id), SOURCE, act.other or "", actor)
        elif act.do == "reopen":
            await self._actions.reopen(Seen(act.tenant, case_id), actor, None)
        else:
            await self._actions.take(Seen(act.tenant, case_id), _making(act, actor))

    async def _case_of(self, tenant: str, item: str) -> str | None:
        async with self._engine.connect() as connection:
            values = {"tenant": tenant, "source": SOURCE, "id": item}
            found: str | None = await connection.scalar(_CASE_OF, values)
            return found

    async def _made(self, case_id: str, request_id: str) -> bool:
        async with self._engine.connect() as connection:
            values = {"case_id": case_id, "id": request_id}
            return bool(await connection.scalar(_MADE, values))


def actor_of(act: Act) -> Actor:
    return Actor(type=ActorType.HUMAN if act.human else ActorType.SYSTEM, id=act.who)


def _making(act: Act, actor: Actor) -> Making:
    due, moment = time(act.at + DAY), time(act.at if act.when is None else act.when)
    kind = ContactKind.INTERNAL if act.internal else ContactKind.CALL
    makings: dict[str, Making] = {
        "acknowledge": lambda _, now: work.acknowledged(now, actor, None),
        "claim": lambda case, now: work.claimed(case, now, actor),
        "plan": lambda _, now: work.planned(now, actor, act.who, "call", due),
        "start": lambda _, now: work.started(now, actor, None),
        "wait": lambda _, now: work.paused(now, actor, State(act.state or ""), "asked"),
        "resume": lambda _, now: work.resumed(now, actor, None),
        "land": lambda _, now: work.landed(now, actor, "part", "replaced", ()),
        "verify": lambda _, now: work.verified(now, actor, Verification.CUSTOMER_CONFIRMED, None),
        "close": lambda case, now: work.closed(case, now, actor, None),
        "contact": lambda case, now: work.contacted(case, now, actor, kind, moment, None),
        "dismiss": lambda case, now: work.dismissed(
            case, now, actor, DismissalReason.DUPLICATE, None
        ),
        "approve": lambda case, now: work.approved(case, now, actor, None),
        "note": lambda _, now: work.noted(now, actor, "noted"),
    }
    return makings[act.do]
