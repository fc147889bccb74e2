"""Cases that open or open again join an issue, or begin one.

Exact under any number of replicas: who counts a group holds its lock until the commit, so of two
that bring the cases of a storm the second sees what the first has stored.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.case import SERVICE
from heedful.alerting.policies.document import Storm
from heedful.alerting.records import Recorded
from heedful.alerting.rulebook import Active
from heedful.alerting.storms import store_history, store_issues
from heedful.alerting.storms.history import Happened, IssueEventKind
from heedful.alerting.storms.model import Group, Issue
from heedful.common.contracts import CaseEventKind
from heedful.common.events import deterministic_id

_BEGINS = (CaseEventKind.OPENED, CaseEventKind.REOPENED)


async def gather(
    connection: AsyncConnection,
    now: datetime,
    recorded: Sequence[Recorded],
    active: Mapping[str, Active],
) -> set[str]:
    """Find the parents of cases that these steps open; gives the cases that have got one."""
    begun: dict[Group, list[Recorded]] = defaultdict(list)
    paces: dict[Group, Storm] = {}
    for one in recorded:
        group, pace = Group.of(one.stored), active[one.stored.tenant].policy.storm
        if one.step.kind in _BEGINS and group is not None and pace is not None:
            begun[group].append(one)
            paces[group] = pace
    joined: set[str] = set()
    if begun:
        await store_issues.lock_groups(connection, begun)
    while begun:
        known = await store_issues.seen(
            connection, {group: now - paces[group].within for group in begun}
        )
        parents, pairs = {}, []
        for group, steps in begun.items():
            found, pace = known[group], paces[group]
            own = [one.stored.id for one in steps]
            if found.issue_id is not None:
                parents[group] = found.issue_id
                pairs += [(found.issue_id, case_id) for case_id in own]
            elif len(found.recent) >= pace.at_least:
                issue = _issue(group, pace, steps[0], now)
                await _begin(connection, now, issue, len(found.recent))
                parents[group] = issue.id
                pairs += [(issue.id, case_id) for case_id in found.recent]
        if not pairs:
            break
        taken, there = await store_issues.join(connection, now, pairs)
        joined |= taken
        # One that was closed meanwhile takes nobody: its group is looked at once more.
        begun = {group: begun[group] for group, issue in parents.items() if issue not in there}
    return joined


async def _begin(connection: AsyncConnection, now: datetime, issue: Issue, cases: int) -> None:
    await store_issues.open_issues(connection, now, [issue])
    happened = Happened(issue.id, IssueEventKind.OPENED, now, SERVICE, {"cases": str(cases)})
    await store_history.append(connection, [happened])


def _issue(group: Group, pace: Storm, first: Recorded, now: datetime) -> Issue:
    return Issue(
        id=deterministic_id("issue", first.event_id),
        tenant=group.tenant,
        topic=group.topic,
        touchpoint=group.touchpoint,
        region=group.region,
        pace=pace,
        opened_at=now,
        joined_at=now,
    )
