"""SQL: what is counted of a case and of a clock, once for all figures.

Of a column that a figure does not use nothing is computed: PostgreSQL leaves out a left join whose
one row nobody asks for.
"""

from typing import Final

CASES: Final = """
    SELECT c.id, c.tenant, c.state, c.colour, c.channel, c.owner, c.received_at, c.opened_at,
        c.reasons, c.topic, c.touchpoint, c.department AS team, land.at AS landed_at,
        CASE WHEN c.state IN ('dismissed', 'merged') THEN c.state
            WHEN c.late_source THEN 'late_source'
            WHEN land.shown_only THEN 'not_enforced'
        END AS excluded,
        c.over_at IS NULL AS open
    FROM alerting.cases c
    LEFT JOIN LATERAL (
        SELECT min(k.fulfilled_at) AS at, bool_or(NOT k.enforced) AS shown_only
        FROM alerting.clock k WHERE k.case_id = c.id AND k.metric = 'land'
    ) AS land ON true
"""
"""A row for each case. `landed_at`: when it first landed. `excluded`: as `Excluded`, or null."""

CLOCKS: Final = """
    SELECT k.case_id, k.metric, k.tenant, k.started_at, k.due_at, k.fulfilled_at, k.breached_at,
        k.cycle, k.enforced AND k.ended IS NULL AS counts
    FROM alerting.clock k
"""
"""A row for each run of each clock. `counts`: it was enforced, and neither dismissed nor merged."""
