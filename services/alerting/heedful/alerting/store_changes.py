"""SQL of what has changed: cases with events that one snapshot sees and another does not."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.case_changes import Place, Snapshot
from heedful.alerting.store_queries import CASE_COLUMNS

_SNAPSHOT = text("SELECT CAST(pg_current_snapshot() AS text)")

# Whatever the older snapshot does not see is not older than its oldest transaction: the index
# case_event_changes gives that, and of it little is left out. The bound is a parameter, for the
# planner to see how few these are.
_CHANGED = text(
    f"""
    WITH marks AS MATERIALIZED (
        SELECT CAST(CAST(:since AS text) AS pg_snapshot) AS since,
            CAST(CAST(:until AS text) AS pg_snapshot) AS until,
            CAST(CAST(:last AS text) AS xid8) AS last
    ), changed AS MATERIALIZED (
        SELECT case_id, max(transaction) AS last FROM alerting.case_event
        WHERE tenant = :tenant
            AND transaction >= CAST(CAST(:oldest AS text) AS xid8)
            AND NOT pg_visible_in_snapshot(transaction, (SELECT since FROM marks))
            AND pg_visible_in_snapshot(transaction, (SELECT until FROM marks))
        GROUP BY case_id
        HAVING (max(transaction), case_id) > ((SELECT last FROM marks), :case_id)
        ORDER BY last, case_id LIMIT :limit
    )
    SELECT {CASE_COLUMNS}, CAST(CAST(changed.last AS text) AS bigint) AS transaction
    FROM changed JOIN alerting.cases ON cases.id = changed.case_id
    ORDER BY changed.last, changed.case_id
    """  # noqa: S608  # constants
)


async def snapshot(connection: AsyncConnection) -> Snapshot:
    """Which transactions can be seen at this moment."""
    return Snapshot.read((await connection.execute(_SNAPSHOT)).scalar_one())


async def page(
    connection: AsyncConnection,
    tenant: str,
    since: Snapshot,
    until: Snapshot,
    after: Place,
    limit: int,
) -> Sequence[Row[Any]]:
    """Cases with events that `until` sees and `since` does not, as they are by now; in the order
    of the last of these events, one more than `limit` if there are more."""
    values = {
        "tenant": tenant,
        "since": since.text,
        "oldest": str(since.oldest),
        "until": until.text,
        "last": str(after.transaction),
        "case_id": after.case_id,
        "limit": limit + 1,
    }
    return (await connection.execute(_CHANGED, values)).all()
