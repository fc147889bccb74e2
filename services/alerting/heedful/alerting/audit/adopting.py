"""Links events that stand in no chain: those from before there were chains, and what a replica of
the release before has appended since.

A chain vouches for an event from the moment when it was linked: an entry in the administration of
the tenant says how many were, and when.
"""

import logging
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_cases, store_events
from heedful.alerting.audit import events
from heedful.alerting.audit.anchors import Leaf
from heedful.alerting.audit.links import SALT_BYTES, START, Link, link
from heedful.alerting.audit.store_entries import record
from heedful.alerting.audit.store_heads import await_anchor
from heedful.alerting.case import SERVICE
from heedful.alerting.database import Database
from heedful.alerting.store_events import COLUMNS
from heedful.common.administration import Entry, Subject
from heedful.common.contracts import CaseEventKind

log = logging.getLogger(__name__)

EVERY_S: Final = 60.0
CASES: Final = 200
ADOPTED: Final = "events.linked"
"""Action of the entry that says so."""

_UNLINKED = text(
    """
    SELECT DISTINCT case_id FROM alerting.case_event
    WHERE hash IS NULL AND case_id <> ALL(CAST(:refused AS text[])) LIMIT :limit
    """
)
_EVENTS = text(
    f"""
    SELECT {", ".join(COLUMNS)}, hash FROM alerting.case_event
    WHERE case_id = ANY(CAST(:ids AS text[])) ORDER BY case_id, sequence
    """  # noqa: S608  # constants
)
_LINK = text(
    """
    UPDATE alerting.case_event e SET kept = CAST(w.kept AS jsonb), salt = w.salt, words = w.words,
        hash = w.hash
    FROM unnest(
        CAST(:case_ids AS text[]), CAST(:sequences AS int[]), CAST(:kept AS text[]),
        CAST(:salts AS bytea[]), CAST(:words AS bytea[]), CAST(:hashes AS bytea[])
    ) AS w (case_id, sequence, kept, salt, words, hash)
    WHERE e.case_id = w.case_id AND e.sequence = w.sequence AND e.hash IS NULL
    """
)


class Adopting:
    """One step links the events of some cases."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._refused: set[str] = set()

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            values = {"limit": CASES, "refused": sorted(self._refused)}
            cases = [row.case_id for row in await connection.execute(_UNLINKED, values)]
            if cases:
                await self._adopt(connection, now, cases)
        return 0.0 if len(cases) == CASES else EVERY_S

    async def _adopt(
        self, connection: AsyncConnection, now: datetime, cases: Sequence[str]
    ) -> None:
        locked = await store_cases.lock_cases(connection, cases)
        by_case: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in await connection.execute(_EVENTS, {"ids": list(cases)}):
            by_case[row.case_id].append(row)
        links: list[Linked] = []
        for case_id, rows in by_case.items():
            made = linked(rows)
            if made is None:
                self._refuse(case_id)
            else:
                links += made
        heads = {one.case_id: one.link.hash for one in links}
        await _store(connection, links)
        await store_cases.set_heads(connection, locked.values(), heads)
        ends = [
            (locked[case_id].tenant, Leaf(case_id, locked[case_id].case.sequence, hash_))
            for case_id, hash_ in heads.items()
        ]
        await await_anchor(connection, ends)
        tally = Counter(locked[one.case_id].tenant for one in links)
        counts = Counter(tenant for tenant, _ in ends)
        await record(
            connection, now, *(_entry(tenant, counts[tenant], tally[tenant]) for tenant in tally)
        )
        log.warning("events were linked late", extra={"cases": len(heads), "events": len(links)})

    def _refuse(self, case_id: str) -> None:
        self._refused.add(case_id)
        log.error(
            "an event without a hash stands before one with a hash; run `heedful audit verify`",
            extra={"case_id": case_id},
        )


@dataclass(frozen=True, slots=True)
class Linked:
    """An event that was in no chain, with its link."""

    case_id: str
    sequence: int
    kept: Sequence[str]
    link: Link


def linked(rows: Sequence[Row[Any]]) -> list[Linked] | None:
    """Links of the events of one case that have none; None when they are not its last."""
    previous, made = START, list[Linked]()
    for row in rows:
        if row.hash is not None:
            if made:
                return None
            previous = bytes(row.hash)
            continue
        columns = store_events.columns_of(row)
        kept = events.kept_of(CaseEventKind(row.kind), row.detail)
        content = events.content(columns, kept)
        own = link(previous, row.sequence, content, os.urandom(SALT_BYTES))
        made.append(Linked(row.case_id, row.sequence, kept, own))
        previous = own.hash
    return made


async def _store(connection: AsyncConnection, links: Sequence[Linked]) -> None:
    await connection.execute(
        _LINK,
        {
            "case_ids": [one.case_id for one in links],
            "sequences": [one.sequence for one in links],
            "kept": [orjson.dumps(one.kept).decode() for one in links],
            "salts": [one.link.salt for one in links],
            "words": [one.link.words for one in links],
            "hashes": [one.link.hash for one in links],
        },
    )


def _entry(tenant: str, cases: int, found: int) -> Entry:
    return Entry(
        tenant=tenant,
        actor=SERVICE,
        action=ADOPTED,
        subject=Subject("audit", "cases"),
        after={"cases": cases, "events": found},
    )
