"""What people do to issues: one transaction each, under the lock of the issue."""

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit import record
from heedful.alerting.audit.canonical import JsonObject
from heedful.alerting.database import Database
from heedful.alerting.policies.document import Storm
from heedful.alerting.rulebook import Rulebook
from heedful.alerting.storms import changes, store_history, store_issues, store_steering
from heedful.alerting.storms.history import Happened, IssueEventKind
from heedful.alerting.storms.model import Group, Issue
from heedful.alerting.storms.tasks import Answer, Plan
from heedful.alerting.work import NotAllowed
from heedful.common.contracts import Actor, ActorType
from heedful.common.errors import HeedfulError


class NoSuchIssue(HeedfulError):
    """The tenant has no such issue."""


class NotInIssue(HeedfulError):
    """The case is none of the issue's."""


class IssueClosed(HeedfulError):
    """It has ended; nothing is done to it any more."""


class UnknownCases(HeedfulError):
    """The tenant has no such cases."""

    def __init__(self, cases: Sequence[str]) -> None:
        super().__init__(f"the tenant has no such cases: {', '.join(cases[:20])}")
        self.cases = cases


class CasesTaken(HeedfulError):
    """The cases belong to an open issue, or were taken out of this one by hand."""

    def __init__(self, cases: Sequence[str]) -> None:
        super().__init__()
        self.cases = cases


class IssueThere(HeedfulError):
    """There is an open issue for the same topic, touchpoint and region."""

    def __init__(self, issue_id: str) -> None:
        super().__init__()
        self.issue_id = issue_id


@dataclass(slots=True)
class _Work:
    """A transaction over an open issue, locked."""

    connection: AsyncConnection
    now: datetime
    issue: Issue
    actor: Actor

    async def done(self, kind: IssueEventKind, done: str, after: JsonObject, **detail: str) -> None:
        """Write it down; last, for the audit holds the chain of the tenant."""
        issue, now = self.issue, self.now
        happened = Happened(issue.id, kind, now, self.actor, detail)
        await store_history.append(self.connection, [happened])
        told = changes.entry(self.actor, issue.tenant, issue.id, done, after)
        await record(self.connection, now, told)


class Steering:
    """The steps that a caller can take with issues.

    Args:
        woken: called after a commit that others may act on.
    """

    def __init__(self, database: Database, rulebook: Rulebook, woken: Callable[[], None]) -> None:
        self._database = database
        self._rulebook = rulebook
        self._woken = woken

    async def open(self, tenant: str, cases: Sequence[str], title: str | None, actor: Actor) -> str:
        """An issue of these cases; gives its id. When they are about one thing, more about that
        joins it.

        Raises:
            UnknownCases, CasesTaken, IssueThere: it cannot be.
        """
        async with self._database.begin() as (connection, now):
            groups = await _groups(connection, tenant, cases)
            common = groups.pop() if len(groups) == 1 else None
            if common is not None:
                await store_issues.lock_groups(connection, [common])
                known = await store_issues.seen(connection, {common: now})
                if (there := known[common].issue_id) is not None:
                    raise IssueThere(there)
            active = (await self._rulebook.active(connection, [tenant]))[tenant]
            issue = _issue(tenant, common, title, active.policy.storm or Storm(), now)
            await store_issues.open_issues(connection, now, [issue])
            await _join(connection, now, issue.id, cases)
            work = _Work(connection, now, issue, actor)
            after = {"cases": sorted(cases)}
            await work.done(IssueEventKind.OPENED, "opened", after, cases=str(len(cases)))
        self._woken()
        return issue.id

    async def add(self, tenant: str, issue_id: str, cases: Sequence[str], actor: Actor) -> None:
        """More cases belong to it.

        Raises:
            NoSuchIssue, IssueClosed, UnknownCases, CasesTaken: it cannot be.
        """
        async with self._locked(tenant, issue_id, actor) as work:
            await _groups(work.connection, tenant, cases)
            await _join(work.connection, work.now, issue_id, cases)
            after = {"cases": sorted(cases)}
            kind = IssueEventKind.CASES_ADDED
            await work.done(kind, "cases_added", after, cases=str(len(cases)))

    async def remove(self, tenant: str, issue_id: str, case_id: str, actor: Actor) -> None:
        """A case is another matter, and tells of itself; it does not come back by itself.

        Raises:
            NoSuchIssue, IssueClosed, NotInIssue: it cannot be.
        """
        async with self._locked(tenant, issue_id, actor) as work:
            if not await store_steering.remove(work.connection, work.now, issue_id, case_id):
                raise NotInIssue
            after = {"case": case_id}
            await work.done(IssueEventKind.CASE_REMOVED, "case_removed", after, case=case_id)

    async def plan(
        self, tenant: str, issue_id: str, owner: str, action: str, due: datetime, actor: Actor
    ) -> None:
        """A plan for all of its cases that have none, and for those that join it.

        Raises:
            NoSuchIssue, IssueClosed: it cannot be.
        """
        async with self._locked(tenant, issue_id, actor) as work:
            plan = Plan(owner=owner, action=action, due=due, at=work.now, actor=actor)
            cases = await store_steering.set_plan(work.connection, issue_id, plan)
            after = {"owner": owner, "due": due.isoformat(), "cases": cases}
            await work.done(IssueEventKind.PLANNED, "planned", after, owner=owner, cases=str(cases))

    async def answer(self, tenant: str, issue_id: str, text: str, actor: Actor) -> None:
        """The customer of each of its cases is to be told this.

        Raises:
            NoSuchIssue, IssueClosed: it cannot be.
            NotAllowed: a machine asks.
        """
        async with self._locked(tenant, issue_id, actor) as work:
            if actor.type is not ActorType.HUMAN:
                raise NotAllowed(
                    "an API key is a machine and cannot answer customers; "
                    "send the actor's token with it"
                )
            answer = Answer(str(uuid.uuid4()), text, work.now, actor)
            cases = await store_steering.add_answer(work.connection, issue_id, answer)
            after = {"answer": answer.id, "cases": cases}
            kind = IssueEventKind.ANSWERED
            await work.done(kind, "answered", after, answer=answer.id, cases=str(cases))

    async def close(self, tenant: str, issue_id: str, actor: Actor) -> None:
        """It has ended; its cases tell of themselves.

        Raises:
            NoSuchIssue, IssueClosed: it cannot be.
        """
        async with self._locked(tenant, issue_id, actor) as work:
            await store_steering.close(work.connection, work.now, issue_id)
            await work.done(IssueEventKind.CLOSED, "closed", {})

    @asynccontextmanager
    async def _locked(self, tenant: str, issue_id: str, actor: Actor) -> AsyncIterator[_Work]:
        async with self._database.begin() as (connection, now):
            issue = await store_steering.lock(connection, tenant, issue_id)
            if issue is None:
                raise NoSuchIssue
            if issue.closed_at is not None:
                raise IssueClosed
            yield _Work(connection, now, issue, actor)
        self._woken()


async def _groups(
    connection: AsyncConnection, tenant: str, cases: Sequence[str]
) -> set[Group | None]:
    found = await store_steering.groups_of(connection, tenant, cases)
    if unknown := sorted(set(cases) - found.keys()):
        raise UnknownCases(unknown)
    return set(found.values())


async def _join(
    connection: AsyncConnection, now: datetime, issue_id: str, cases: Sequence[str]
) -> None:
    joined, _ = await store_issues.join(connection, now, [(issue_id, one) for one in cases])
    if taken := sorted(set(cases) - joined):
        raise CasesTaken(taken)


def _issue(
    tenant: str, group: Group | None, title: str | None, pace: Storm, now: datetime
) -> Issue:
    return Issue(
        id=str(uuid.uuid4()),
        tenant=tenant,
        topic=None if group is None else group.topic,
        touchpoint=None if group is None else group.touchpoint,
        region=None if group is None else group.region,
        pace=pace,
        opened_at=now,
        joined_at=now,
        title=title,
    )
