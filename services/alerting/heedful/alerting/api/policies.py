"""`/v1/policies`: versions that never change, one of them active."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import clocks, ladder
from heedful.alerting.api.calendar_models import written_actor
from heedful.alerting.api.policy_models import (
    ItemBody,
    PolicyBody,
    PolicyOut,
    PolicyVersion,
    Tried,
    TriedStep,
    builtin_out,
    policy_out,
)
from heedful.alerting.audit import record
from heedful.alerting.database import Database
from heedful.alerting.policies import changes, store
from heedful.alerting.policies.document import PolicyDocument, Rule
from heedful.alerting.policies.faults import faults
from heedful.alerting.policies.judging import judge
from heedful.alerting.policies.matching import match
from heedful.alerting.policies.signals import Effect
from heedful.alerting.rulebook import Active, Rulebook, pace_of
from heedful.common.http import Page
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, missing, refusing
from heedful.common.http.pagination import Cursor
from heedful.common.http.paging import DEFAULT, Limit, number
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope

_WHAT = "version of the policy"
_NO_VERSION = missing(_WHAT)
UNUSABLE = Refusal(
    422,
    "bad-policy",
    "The policy cannot be used with the calendars that are active",
    "the policy cannot be used as it is; see errors",
    {
        "errors": [
            {
                "at": "body.rules.0.clocks.plan.calendar",
                "message": "there is no active calendar of this name; use always",
            }
        ]
    },
)


def router(database: Database, rulebook: Rulebook, auth: Authenticator) -> APIRouter:
    """The routes of policies."""
    routes = APIRouter(prefix="/v1/policies", tags=["policies"], route_class=Route)
    may_read = Depends(auth.requires(Scope.CASES_READ))
    may_write = Depends(auth.requires(Scope.POLICIES_WRITE))
    Reader = Annotated[Principal, may_read]  # noqa: N806  # a type
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    @routes.get("")
    async def list_policies(
        principal: Reader, cursor: str | None = None, limit: Limit = DEFAULT
    ) -> Page[PolicyOut]:
        """Versions of the tenant's policy, the newest first."""
        before = 2**31 - 1 if cursor is None else number(Cursor.decode(cursor, 1)[0])
        async with database.begin() as (connection, _):
            rows = await store.page(connection, principal.tenant, before, limit + 1)
        shown = rows[:limit]
        more = len(rows) > limit
        return Page(
            items=[policy_out(one) for one in shown],
            next_cursor=Cursor.encode(str(shown[-1].version)) if more else None,
        )

    @routes.post("", status_code=201, responses=refusing(UNUSABLE))
    async def create_policy(body: PolicyBody, principal: Writer) -> PolicyOut:
        """Make a new version. It is not active yet."""
        document, tenant = body.document, principal.tenant
        async with database.begin() as (connection, now):
            await checked(connection, rulebook, tenant, document)
            by = written_actor(principal)
            version = await store.insert(connection, now, tenant, document, by)
            await record(connection, now, changes.made(principal.acting, tenant, version, document))
            return policy_out(await _there(connection, tenant, version))

    @routes.get("/active")
    async def get_active_policy(principal: Reader) -> PolicyOut:
        """By what clocks are started now; version 0 is the one that is built in."""
        async with database.begin() as (connection, _):
            own = await store.active(connection, [principal.tenant])
        if principal.tenant in own:
            return policy_out(own[principal.tenant])
        return builtin_out(rulebook.default, active=True)

    @routes.get("/{version}", responses=refusing(_NO_VERSION))
    async def get_policy(version: PolicyVersion, principal: Reader) -> PolicyOut:
        """One version, which never changes."""
        async with database.begin() as (connection, _):
            return policy_out(await _there(connection, principal.tenant, version))

    @routes.post("/{version}/activate", responses=refusing(_NO_VERSION, UNUSABLE))
    async def activate_policy(version: PolicyVersion, principal: Writer) -> PolicyOut:
        """Clocks that start from now on are started by it; those that run keep theirs."""
        tenant = principal.tenant
        async with database.begin() as (connection, now):
            wanted = await _there(connection, tenant, version)
            await checked(connection, rulebook, tenant, wanted.document)
            was = await store.activate(connection, now, tenant, version)
            await record(connection, now, changes.activated(principal.acting, tenant, was, version))
            return policy_out(await _there(connection, tenant, version))

    @routes.post("/{version}/try", responses=refusing(_NO_VERSION, UNUSABLE))
    async def try_policy(version: PolicyVersion, body: ItemBody, principal: Reader) -> Tried:
        """What would become of an item under this version if nobody did anything."""
        tenant = principal.tenant
        async with database.begin() as (connection, _):
            wanted = await _there(connection, tenant, version)
            await checked(connection, rulebook, tenant, wanted.document)
            active = (await rulebook.active(connection, [tenant]))[tenant]
        return tried(Active(wanted.ref, wanted.document, active.named), body)

    return routes


def tried(active: Active, body: ItemBody) -> Tried:
    """What the policy says of an item."""
    rule, effect = _judged(active.policy, body)
    calendars = {one.ref: one for one in active.named.values()}
    started = [
        clocks.start(terms, body.received_at, 1, calendars)
        for terms in active.terms(rule, body.received_at)
    ]
    pace = pace_of(active.policy, rule, active.named)
    steps = [
        TriedStep(
            clock=clock.metric,
            step=one.name,
            at=one.at,
            told_at=one.tell_at,
            notify=[who.value for who in one.notify],
        )
        for clock in started
        for one in ladder.ahead(clock, pace, calendars)
    ]
    return Tried(
        rule=rule.name,
        opens=bool(rule.clocks) and effect in (None, Effect.OPEN),
        effect=effect,
        deadlines={clock.metric: clock.due_at for clock in started},
        steps=sorted(steps, key=lambda one: one.at),
    )


def _judged(policy: PolicyDocument, body: ItemBody) -> tuple[Rule, Effect | None]:
    if body.signal is None:
        return match(policy, body.item), None
    meant = judge(policy, body.signal.facts, body.item)
    return meant.rule, meant.effect


async def checked(
    connection: AsyncConnection, rulebook: Rulebook, tenant: str, document: PolicyDocument
) -> None:
    """See that clocks can be started by it.

    Raises:
        Problem: 422, a calendar is not there, or has too few hours for a target.
    """
    active = (await rulebook.active(connection, [tenant]))[tenant]
    wrong = faults(document, active.named)
    if wrong:
        errors = [{"at": f"body.{one.at}", "message": one.message} for one in wrong]
        raise Problem(422, UNUSABLE.code, UNUSABLE.detail, errors=errors)


async def _there(connection: AsyncConnection, tenant: str, version: int) -> store.Policy:
    found = await store.get(connection, tenant, version)
    if found is None:
        raise not_found(_WHAT)
    return found
