"""SQL: what is counted of a case and of a clock, once for all figures."""

from typing import Final

CASES: Final = """
    SELECT c.id, c.tenant, c.state, c.colour, c.channel, c.owner, c.received_at, c.opened_at,
        c.reasons, f.topic, f.touchpoint, f.department AS team, land.landed_at,
        CASE WHEN c.state IN ('dismissed', 'merged') THEN c.state
            WHEN f.late_source THEN 'late_source'
            WHEN NOT land.enforced THEN 'not_enforced'
        END AS excluded,
        c.state NOT IN ('closed', 'dismissed', 'merged') AS open
    FROM alerting.cases c
    CROSS JOIN LATERAL jsonb_to_record(to_jsonb(c)) AS f (
        topic text, touchpoint text, department text, late_source boolean)
    CROSS JOIN LATERAL (
        SELECT min(k.fulfilled_at) AS landed_at,
            coalesce(bool_and(coalesce(x.enforced, true)), true) AS enforced
        FROM alerting.clock k
        CROSS JOIN LATERAL jsonb_to_record(to_jsonb(k)) AS x (enforced boolean)
        WHERE k.case_id = c.id AND k.metric = 'land'
    ) AS land
"""
"""A row for each case. `landed_at`: when it first landed. `excluded`: as `Excluded`, or null."""

CLOCKS: Final = """
    SELECT k.case_id, k.metric, k.tenant, k.started_at, k.due_at, k.fulfilled_at, k.breached_at,
        coalesce(x.cycle, 1) AS cycle,
        coalesce(x.enforced, true) AND x.ended IS NULL AS counts
    FROM alerting.clock k
    CROSS JOIN LATERAL jsonb_to_record(to_jsonb(k)) AS x (
        cycle int, enforced boolean, ended text)
"""
"""A row for each run of each clock. `counts`: it was enforced, and neither dismissed nor merged."""
