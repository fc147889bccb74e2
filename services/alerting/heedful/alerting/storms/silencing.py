"""An issue silences notices of its cases, and never their clocks (reference/sla.md §4.9c)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.storms import store_issues, store_silenced
from heedful.alerting.storms.model import silenced
from heedful.alerting.webhook import Notice

Addressed = tuple[Notice, Sequence[str]]
"""A notice, and the ids of the endpoints that hear it."""


async def leave(
    connection: AsyncConnection, now: datetime, addressed: Sequence[Addressed]
) -> set[str]:
    """Leave to open issues what their cases have to tell; gives those cases."""
    cases = {notice.case_id for notice, _ in addressed}
    parents = await store_issues.parents(connection, cases)
    left = [
        (parents[notice.case_id], silenced(notice, frozenset(endpoints), now))
        for notice, endpoints in addressed
        if notice.case_id in parents
    ]
    if left:
        await store_silenced.leave(connection, left)
    return set(parents)
