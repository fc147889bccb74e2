"""SQL: what is counted of a case and of a clock, once for all figures.

No joins: of a column that a figure does not use nothing is computed. Columns that only some
versions of the schema have are read by name from the row as a whole.
"""

from typing import Final


def _of(row: str, column: str) -> str:
    return f"to_jsonb({row}) ->> '{column}'"


_LAND: Final = "FROM alerting.clock k WHERE k.case_id = c.id AND k.metric = 'land'"

CASES: Final = f"""
    SELECT c.id, c.tenant, c.state, c.colour, c.channel, c.owner, c.received_at, c.opened_at,
        c.reasons, {_of("c", "topic")} AS topic, {_of("c", "touchpoint")} AS touchpoint,
        {_of("c", "department")} AS team,
        (SELECT min(k.fulfilled_at) {_LAND}) AS landed_at,
        CASE WHEN c.state IN ('dismissed', 'merged') THEN c.state
            WHEN {_of("c", "late_source")} = 'true' THEN 'late_source'
            WHEN EXISTS (SELECT {_LAND} AND {_of("k", "enforced")} = 'false') THEN 'not_enforced'
        END AS excluded,
        c.state NOT IN ('closed', 'dismissed', 'merged') AS open
    FROM alerting.cases c
"""  # noqa: S608  # constants
"""A row for each case. `landed_at`: when it first landed. `excluded`: as `Excluded`, or null."""

CLOCKS: Final = f"""
    SELECT k.case_id, k.metric, k.tenant, k.started_at, k.due_at, k.fulfilled_at, k.breached_at,
        CAST(coalesce({_of("k", "cycle")}, '1') AS int) AS cycle,
        coalesce({_of("k", "enforced")}, 'true') = 'true' AND {_of("k", "ended")} IS NULL AS counts
    FROM alerting.clock k
"""  # noqa: S608  # constants
"""A row for each run of each clock. `counts`: it was enforced, and neither dismissed nor merged."""
