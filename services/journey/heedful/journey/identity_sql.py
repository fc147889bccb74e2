"""The statements of `identity`. Each handles a whole batch."""

from sqlalchemy import text

STORED = text(
    """
    SELECT id, tenant, type, scope, value, customer_id, linking
    FROM journey.identifier WHERE id = ANY(CAST(:ids AS uuid[]))
    """
)

STORED_LINKS = text(
    """
    SELECT link.a, link.b
    FROM unnest(CAST(:a AS uuid[]), CAST(:b AS uuid[])) AS wanted (a, b)
    JOIN journey.link USING (a, b)
    """
)

_REACHABLE = """
    WITH RECURSIVE reach (id) AS (
        SELECT id FROM journey.identifier WHERE id = ANY(CAST(:ids AS uuid[])) AND linking
        UNION
        SELECT far.id FROM reach
        JOIN journey.link ON link.a = reach.id
        JOIN journey.identifier far ON far.id = link.b AND far.linking
    )
"""

REACH = text(_REACHABLE + "SELECT id FROM reach")  # noqa: S608  # constants
"""Every identifier that a change at these may touch."""

GRAPH = text(
    _REACHABLE  # noqa: S608  # constants
    + """
    SELECT i.id, i.tenant, i.type, i.scope, i.value, i.customer_id, i.shared, i.first_seen,
        c.since, ARRAY(SELECT b FROM journey.link WHERE a = i.id) AS beside
    FROM reach
    JOIN journey.identifier i USING (id)
    LEFT JOIN journey.customer c ON c.id = i.customer_id
    """
)

LOCK = text(
    """
    SELECT id, customer_id FROM journey.identifier
    WHERE id = ANY(CAST(:ids AS uuid[])) AND linking
    ORDER BY id FOR UPDATE
    """
)

INSERT_IDENTIFIERS = text(
    """
    INSERT INTO journey.identifier (
        id, tenant, type, scope, value, linking, first_seen,
        evidence_kind, evidence_source, evidence_id
    )
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:types AS text[]),
        CAST(:scopes AS text[]), CAST(:values AS text[]), CAST(:linking AS boolean[]),
        CAST(:first_seen AS timestamptz[]), CAST(:evidence_kinds AS text[]),
        CAST(:evidence_sources AS text[]), CAST(:evidence_ids AS text[])
    ) AS new (id)
    ORDER BY new.id
    ON CONFLICT DO NOTHING
    """
)

INSERT_LINKS = text(
    """
    INSERT INTO journey.link (a, b, evidence_kind, evidence_source, evidence_id)
    SELECT * FROM unnest(
        CAST(:a AS uuid[]), CAST(:b AS uuid[]), CAST(:evidence_kinds AS text[]),
        CAST(:evidence_sources AS text[]), CAST(:evidence_ids AS text[])
    ) AS new (a, b)
    ORDER BY new.a, new.b
    ON CONFLICT DO NOTHING
    """
)

CREATE = text(
    """
    INSERT INTO journey.customer (id, tenant, since)
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:since AS timestamptz[])
    )
    ON CONFLICT (id) DO UPDATE SET merged_into = NULL
    """
)
"""A customer that was merged and has its own identifiers again gets its old id back."""

MERGE = text(
    """
    UPDATE journey.customer c SET merged_into = m.into_id
    FROM unnest(CAST(:from_ids AS uuid[]), CAST(:into_ids AS uuid[])) AS m (from_id, into_id)
    WHERE c.id = m.from_id OR c.merged_into = m.from_id
    """
)
"""Redirects stay one step long: what was merged into the merged one follows."""

OWN = text(
    """
    UPDATE journey.identifier i
    SET customer_id = o.customer_id, shared = o.shared, linking = o.linking
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:customers AS uuid[]),
        CAST(:shared AS boolean[]), CAST(:linking AS boolean[])
    ) AS o (id, customer_id, shared, linking)
    WHERE i.id = o.id
        AND (i.customer_id, i.shared, i.linking)
            IS DISTINCT FROM (o.customer_id, o.shared, o.linking)
    """
)

MOVES = text(
    """
    INSERT INTO journey.move (
        tenant, kind, from_id, into_id, at, reason,
        evidence_kind, evidence_source, evidence_id
    )
    SELECT m.tenant, m.kind, m.from_id, m.into_id, CAST(:at AS timestamptz), m.reason,
        m.evidence_kind, m.evidence_source, m.evidence_id
    FROM unnest(
        CAST(:tenants AS text[]), CAST(:kinds AS text[]), CAST(:from_ids AS uuid[]),
        CAST(:into_ids AS uuid[]), CAST(:reasons AS text[]), CAST(:evidence_kinds AS text[]),
        CAST(:evidence_sources AS text[]), CAST(:evidence_ids AS text[])
    ) AS m (
        tenant, kind, from_id, into_id, reason, evidence_kind, evidence_source, evidence_id
    )
    """
)
