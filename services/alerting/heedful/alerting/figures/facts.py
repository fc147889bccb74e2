"""SQL: what is counted of a case and of a clock, once for all figures.

Of a column that a figure does not use nothing is computed. What follows from clocks and events
stands on the case; it is made of them where an older release has worked on the case since, until
upkeep has written it down.
"""

from typing import Final

_CURRENT: Final = "c.progress_sequence = c.sequence"
"""Null of a case that no release has seen that writes it down."""


def _landing(column: str, of_clocks: str) -> str:
    return f"""CASE WHEN {_CURRENT} THEN c.{column} ELSE (
            SELECT {of_clocks} FROM alerting.clock k
            WHERE k.case_id = c.id AND k.metric = 'land') END"""  # noqa: S608  # constants


CASES: Final = f"""
    SELECT c.id, c.tenant, c.state, c.colour, c.channel, c.owner, c.received_at, c.opened_at,
        c.reasons, c.topic, c.touchpoint, c.department AS team,
        {_landing("landed_at", "min(k.fulfilled_at)")} AS landed_at,
        CASE WHEN c.state IN ('dismissed', 'merged') THEN c.state
            WHEN c.late_source THEN 'late_source'
            WHEN {_landing("shown_only", "bool_or(NOT k.enforced)")} THEN 'not_enforced'
        END AS excluded,
        c.over_at IS NULL AS open,
        c.seen_at, c.owned_at, c.waits, coalesce({_CURRENT}, false) AS current
    FROM alerting.cases c
"""  # noqa: S608  # constants
"""A row for each case. `landed_at`: when it first landed. `excluded`: as `Excluded`, or null.
`seen_at`, `owned_at`, `waits`: as `Progress`, if `current`."""

CLOCKS: Final = """
    SELECT k.case_id, k.metric, k.tenant, k.started_at, k.due_at, k.fulfilled_at, k.breached_at,
        k.cycle, k.enforced AND k.ended IS NULL AS counts
    FROM alerting.clock k
"""
"""A row for each run of each clock. `counts`: it was enforced, and neither dismissed nor merged."""
