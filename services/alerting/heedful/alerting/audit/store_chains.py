"""SQL that reads chains for their verification and export, in pages."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_events
from heedful.alerting.audit import entries, events, store_entries
from heedful.alerting.audit.checking import Known, Stored
from heedful.alerting.audit.entries import ADMINISTRATION, WORDS_ERASED
from heedful.alerting.audit.store_heads import Head
from heedful.common.contracts import CaseEventKind

CASES: Final = 200
ENTRIES: Final = 1000

_TENANTS = text(
    """
    SELECT tenant FROM alerting.audit_head UNION SELECT tenant FROM alerting.audit_leaf
    UNION SELECT tenant FROM alerting.cases
    UNION SELECT tenant FROM common.administrative_change ORDER BY tenant
    """
)
_SINCE: Final = """
    AND id IN (SELECT case_id FROM alerting.case_event WHERE tenant = :tenant
        AND recorded_at >= :since)
"""
_CASES: Final = """
    SELECT id, sequence, head, head_sequence FROM alerting.cases
    WHERE tenant = :tenant AND id > :after {since} ORDER BY id LIMIT :limit
"""
_COUNT: Final = "SELECT count(*) FROM alerting.cases WHERE tenant = :tenant {since}"
_EVENTS = text(
    f"""
    SELECT {", ".join(store_events.COLUMNS)}, kept, salt, words, hash FROM alerting.case_event
    WHERE case_id = ANY(CAST(:ids AS text[])) ORDER BY case_id, sequence
    """  # noqa: S608  # constants
)
_ENTRIES = text(
    f"""
    SELECT {store_entries.COLUMNS}, salt, words, hash FROM alerting.audit_entry
    WHERE tenant = :tenant AND position > :after ORDER BY position LIMIT :limit
    """  # noqa: S608  # constants
)
_COUNT_ENTRIES = text("SELECT count(*) FROM alerting.audit_entry WHERE tenant = :tenant")
_EXPLAINED = text(
    """
    SELECT DISTINCT subject_id FROM alerting.audit_entry
    WHERE tenant = :tenant AND subject_kind = 'case' AND action = :action
        AND subject_id = ANY(CAST(:ids AS text[]))
    """
)
_ANCHORED = text(
    """
    SELECT chain, position, hash, anchor FROM alerting.audit_leaf
    WHERE tenant = :tenant AND chain = ANY(CAST(:chains AS text[]))
        AND position > :after AND position <= :last
    UNION ALL
    SELECT chain, position, hash, NULL FROM alerting.audit_pending
    WHERE tenant = :tenant AND chain = ANY(CAST(:chains AS text[]))
        AND position > :after AND position <= :last
    """
)
_HEAD = text(
    "SELECT position, hash FROM alerting.audit_head WHERE tenant = :tenant AND chain = :chain"
)
_GONE = text(
    """
    SELECT DISTINCT ON (chain) chain, position, anchor FROM alerting.audit_leaf l
    WHERE tenant = :tenant AND chain <> :administration AND NOT EXISTS (
        SELECT FROM alerting.cases c WHERE c.id = l.chain AND c.tenant = l.tenant)
    ORDER BY chain, anchor
    """
)
_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class CaseChain:
    """The chain of a case with what else is known of it.

    Attributes:
        length: how many events the case says that it has.
        known: from anchors, from what waits for one, from the case itself.
        anchored: the last position that is in an anchor, or waits for one.
        explained: an entry says that words of it were erased.
    """

    case_id: str
    length: int
    rows: Sequence[Stored]
    known: Sequence[Known]
    anchored: int
    explained: bool


async def tenants(connection: AsyncConnection) -> list[str]:
    """Whoever has a chain, or a change that waits for one."""
    return [row.tenant for row in await connection.execute(_TENANTS)]


async def count(connection: AsyncConnection, tenant: str, since: datetime | None) -> int:
    """How many chains of cases, and entries, there are to read."""
    values = {"tenant": tenant, "since": since}
    cases = await connection.execute(_maybe(_COUNT, since), values)
    found = await connection.execute(_COUNT_ENTRIES, {"tenant": tenant})
    return int(cases.scalar_one()) + int(found.scalar_one())


async def case_chains(
    connection: AsyncConnection, tenant: str, since: datetime | None
) -> AsyncIterator[list[CaseChain]]:
    """Pages of chains of cases; with `since` of those with an event since."""
    after, query = "", _maybe(_CASES, since)
    while True:
        values = {"tenant": tenant, "after": after, "since": since, "limit": CASES}
        cases = (await connection.execute(query, values)).all()
        if not cases:
            return
        after = cases[-1].id
        yield await _chains(connection, tenant, cases)


async def _chains(
    connection: AsyncConnection, tenant: str, cases: Sequence[Row[Any]]
) -> list[CaseChain]:
    ids = [row.id for row in cases]
    rows: dict[str, list[Stored]] = defaultdict(list)
    for row in await connection.execute(_EVENTS, {"ids": ids}):
        rows[row.case_id].append(stored_event(row))
    erased = await connection.execute(
        _EXPLAINED, {"tenant": tenant, "action": WORDS_ERASED, "ids": ids}
    )
    explained = {row.subject_id for row in erased}
    known = await anchored(connection, tenant, ids, 0, _LAST)
    return [
        CaseChain(
            case_id=row.id,
            length=row.sequence,
            rows=rows[row.id],
            known=[*known[row.id], *_own(row)],
            anchored=max((one.position for one in known[row.id]), default=0),
            explained=row.id in explained,
        )
        for row in cases
    ]


def _own(case: Row[Any]) -> list[Known]:
    if case.head is None:
        return []
    return [Known(case.head_sequence, bytes(case.head), "its case")]


async def entry_pages(
    connection: AsyncConnection, tenant: str
) -> AsyncIterator[tuple[list[Stored], list[Known]]]:
    """Pages of the administration of a tenant, with what is known of these positions."""
    after = 0
    while True:
        values = {"tenant": tenant, "after": after, "limit": ENTRIES}
        rows = (await connection.execute(_ENTRIES, values)).all()
        last = rows[-1].position if rows else _LAST
        known = await anchored(connection, tenant, [ADMINISTRATION], after, last)
        yield [stored_entry(row) for row in rows], known[ADMINISTRATION]
        if not rows:
            return
        after = last


async def anchored(
    connection: AsyncConnection, tenant: str, chains: Sequence[str], after: int, last: int
) -> dict[str, list[Known]]:
    """What anchors, and the list of what waits for one, know of chains between two positions."""
    values = {"tenant": tenant, "chains": list(chains), "after": after, "last": last}
    found: dict[str, list[Known]] = defaultdict(list)
    for row in await connection.execute(_ANCHORED, values):
        by = "what waits for an anchor" if row.anchor is None else f"anchor {row.anchor}"
        found[row.chain].append(Known(row.position, bytes(row.hash), by))
    return found


async def head(connection: AsyncConnection, tenant: str, chain: str) -> Head | None:
    """Where one of the tenant's own chains ends."""
    values = {"tenant": tenant, "chain": chain}
    row = (await connection.execute(_HEAD, values)).one_or_none()
    return None if row is None else Head(row.position, bytes(row.hash))


async def gone(connection: AsyncConnection, tenant: str) -> AsyncIterator[tuple[str, int, int]]:
    """Cases that are anchored and that there are no more: id, position, the first such anchor."""
    values = {"tenant": tenant, "administration": ADMINISTRATION}
    async with connection.stream(_GONE, values) as rows:
        async for row in rows:
            yield row.chain, row.position, row.anchor


def stored_event(row: Row[Any]) -> Stored:
    kept = row.kept or ()
    columns = store_events.columns_of(row)
    return Stored(
        position=row.sequence,
        content=events.content(columns, kept),
        **_link(row),
        taken=events.taken(columns, kept),
        explains=row.kind == CaseEventKind.ERASED,
    )


def stored_entry(row: Row[Any]) -> Stored:
    columns = store_entries.columns_of(row)
    return Stored(position=row.position, content=entries.content(columns), **_link(row))


def _link(row: Row[Any]) -> dict[str, Any]:
    return {
        name: None if value is None else bytes(value)
        for name, value in (("salt", row.salt), ("words", row.words), ("hash", row.hash))
    }


def _maybe(query: str, since: datetime | None) -> Any:
    return text(query.format(since="" if since is None else _SINCE))
