"""SQL by which things leave the quarantine without anybody having resolved them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.retention import WHOSE, Rule

_ERASE = text(
    """
    UPDATE ingest.quarantine
    SET state = 'discarded', sealed = NULL, people = '{}', resolved_at = :now,
        resolved_by = 'erasure'
    WHERE tenant = :tenant AND people && CAST(:people AS text[]) AND received_at <= :until
    """
)
_DISCARD = text(
    f"""
    UPDATE ingest.quarantine
    SET state = 'discarded', sealed = NULL, people = '{{}}', resolved_at = clock_timestamp(),
        resolved_by = 'retention'
    WHERE id IN (
        SELECT id FROM ingest.quarantine
        WHERE state = 'open' AND received_at < :before AND {WHOSE}
        LIMIT :limit FOR UPDATE SKIP LOCKED)
    """  # noqa: S608  # a constant
)
_FORGET = text(
    f"""
    DELETE FROM ingest.quarantine WHERE id IN (
        SELECT id FROM ingest.quarantine
        WHERE state <> 'open' AND resolved_at < :before AND {WHOSE}
        LIMIT :limit FOR UPDATE SKIP LOCKED)
    """  # noqa: S608  # a constant
)


async def erase(
    connection: AsyncConnection,
    tenant: str,
    people: Sequence[str],
    until: datetime,
    now: datetime,
) -> int:
    """What is about these people and came in until then loses its content; how many it was."""
    if not people:
        return 0
    values = {"tenant": tenant, "people": list(people), "until": until, "now": now}
    return (await connection.execute(_ERASE, values)).rowcount


async def forget(connection: AsyncConnection, rule: Rule, limit: int) -> int:
    """What nobody has mended loses its content, and what was resolved is forgotten; how many at
    most of both."""
    values = {**rule.values, "limit": limit}
    discarded = (await connection.execute(_DISCARD, values)).rowcount
    return max(discarded, (await connection.execute(_FORGET, values)).rowcount)
