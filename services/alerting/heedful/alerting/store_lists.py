"""SQL of lists of cases: filtered, in one of a few orders, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.figures.filters import Filters
from heedful.alerting.store_queries import CASE_COLUMNS, SortKey


class Sort(StrEnum):
    """`due`: what has to be done first; the others: the newest first."""

    OPENED = "opened"
    RECEIVED = "received"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Said:
    """Feedback that cases are about; what is empty asks for nothing."""

    source: str | None = None
    ids: Sequence[str] = ()

    @property
    def where(self) -> str:
        """Conditions on rows of `alerting.case_feedback`; none: it asks for nothing."""
        source = "" if self.source is None else " AND source = :said_source"
        return source + (" AND feedback_id = ANY(:said_ids)" if self.ids else "")

    @property
    def values(self) -> dict[str, object]:
        given: dict[str, object] = {} if self.source is None else {"said_source": self.source}
        return {**given, "said_ids": list(self.ids)} if self.ids else given


NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""The deadline of a case without one: it is the last of all."""

# The index cases_due is on this very expression.
_DUE = "coalesce(cases.due_at, timestamptz '9999-12-31 00:00:00+00')"
_ORDERS: Final = {
    Sort.OPENED: ("cases.opened_at", "<", "DESC"),
    Sort.RECEIVED: ("cases.received_at", "<", "DESC"),
    Sort.DUE: (_DUE, ">", "ASC"),
}
_ABOUT: Final = "SELECT case_id FROM alerting.case_feedback WHERE tenant = :tenant"
# What `Filters` call a team and open; PostgreSQL sees through it.
_CASES = "(SELECT *, department AS team, over_at IS NULL AS open FROM alerting.cases) AS cases"


async def page(
    connection: AsyncConnection,
    tenant: str,
    now: datetime,
    filters: Filters,
    said: Said,
    sort: Sort,
    after: SortKey | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Cases, one more than `limit` if there are more."""
    key, beyond, direction = _ORDERS[sort]
    where, values = filters.where("cases"), {**filters.values(tenant, now), "limit": limit + 1}
    if said.where:
        where += f" AND cases.id IN ({_ABOUT}{said.where})"
        values.update(said.values)
    if after is not None:
        where += f" AND ({key}, cases.id) {beyond} (:after_at, :after_id)"
        values.update(after_at=after[0], after_id=after[1])
    query = (
        f"SELECT {CASE_COLUMNS} FROM {_CASES} WHERE {where}"  # noqa: S608  # own names
        f" ORDER BY {key} {direction}, cases.id {direction} LIMIT :limit"
    )
    return (await connection.execute(text(query), values)).all()


def sort_key(sort: Sort, row: Row[Any]) -> SortKey:
    """Where a case stands in the order, for the page after it."""
    moment = {
        Sort.OPENED: row.opened_at,
        Sort.RECEIVED: row.received_at,
        Sort.DUE: row.due_at or NEVER,
    }[sort]
    return moment, row.id
