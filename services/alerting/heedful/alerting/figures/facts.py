"""SQL: what is counted of a case and of a clock, once for all figures.

No joins: of a column that a figure does not use nothing is computed.
"""

from typing import Final

_LAND: Final = "FROM alerting.clock k WHERE k.case_id = c.id AND k.metric = 'land'"

CASES: Final = f"""
    SELECT c.id, c.tenant, c.state, c.colour, c.channel, c.owner, c.received_at, c.opened_at,
        c.reasons, c.topic, c.touchpoint, c.department AS team,
        (SELECT min(k.fulfilled_at) {_LAND}) AS landed_at,
        CASE WHEN c.state IN ('dismissed', 'merged') THEN c.state
            WHEN c.late_source THEN 'late_source'
            WHEN EXISTS (SELECT {_LAND} AND NOT k.enforced) THEN 'not_enforced'
        END AS excluded,
        c.over_at IS NULL AS open
    FROM alerting.cases c
"""  # noqa: S608  # constants
"""A row for each case. `landed_at`: when it first landed. `excluded`: as `Excluded`, or null."""

CLOCKS: Final = """
    SELECT k.case_id, k.metric, k.tenant, k.started_at, k.due_at, k.fulfilled_at, k.breached_at,
        k.cycle, k.enforced AND k.ended IS NULL AS counts
    FROM alerting.clock k
"""
"""A row for each run of each clock. `counts`: it was enforced, and neither dismissed nor merged."""
