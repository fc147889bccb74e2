"""SQL of erasures: a signal keeps its kind and when it showed, and loses who, why and by what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit.events import ERASED
from heedful.alerting.signals.signal import SignalOutcome

EMPTY: Final = "customer_id = NULL, summary_zh = '', summary_en = '', evidence = '[]', item = NULL"
"""The assignments that do it."""

_FORGET = text(
    f"""
    UPDATE alerting.signal SET {EMPTY}
    WHERE tenant = :tenant AND customer_id = ANY(CAST(:customers AS text[]))
    RETURNING id, case_id, outcome
    """  # noqa: S608  # a constant
)
_BODIES = text(
    """
    SELECT id, body FROM alerting.delivery
    WHERE tenant = :tenant AND case_id = ANY(CAST(:cases AS text[]))
    """
)
_SET_BODY = text("UPDATE alerting.delivery SET body = :body WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many signals it was, and the cases that they had opened."""

    signals: int
    opened: frozenset[str]


async def forget(connection: AsyncConnection, tenant: str, customers: Sequence[str]) -> Forgotten:
    """Take out of the signals of these customers, and out of what was told of them, what leads to
    the customers."""
    if not customers:
        return Forgotten(0, frozenset())
    values = {"tenant": tenant, "customers": list(customers)}
    rows = (await connection.execute(_FORGET, values)).all()
    told = {row.id for row in rows}
    cases = sorted({row.case_id for row in rows})
    for row in await connection.execute(_BODIES, {"tenant": tenant, "cases": cases}):
        body = bytes(row.body)
        stripped = without_why(body, told)
        if stripped is not body:
            await connection.execute(_SET_BODY, {"id": row.id, "body": stripped})
    opened = (row.case_id for row in rows if row.outcome == SignalOutcome.OPENED)
    return Forgotten(len(rows), frozenset(opened))


def without_why(body: bytes, signals: set[str] | None = None) -> bytes:
    """The body of a notice that does not say why its signal showed; the same if it has none.

    Args:
        signals: only if it is one of these; None: whichever it is.
    """
    told = orjson.loads(body)
    signal = told["data"].get("signal")
    if signal is None or (signals is not None and signal["id"] not in signals):
        return body
    told["data"]["signal"] = {**signal, "summary_zh": ERASED, "summary_en": ERASED}
    return orjson.dumps(told)
