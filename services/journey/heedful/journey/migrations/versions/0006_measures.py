"""What insights read stands in columns: out of the payload it would be parsed for every one."""

from alembic import op

revision = "journey_0006"
down_revision = "journey_0005"

COLUMNS = """
ALTER TABLE journey.event
    ADD COLUMN score double precision,
    ADD COLUMN score_kind text,
    ADD COLUMN valence double precision,
    ADD COLUMN perceptions text[] NOT NULL DEFAULT '{}',
    ADD COLUMN leaving boolean NOT NULL DEFAULT false,
    ADD COLUMN solicited boolean NOT NULL DEFAULT false,
    ADD COLUMN outbound boolean NOT NULL DEFAULT false,
    ADD COLUMN amount double precision,
    ADD COLUMN duration_s double precision,
    ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}';

COMMENT ON COLUMN journey.event.score IS '0 to 1 of its scale';
COMMENT ON COLUMN journey.event.valence IS '-1 (all blame) to 1 (all praise)';
COMMENT ON COLUMN journey.event.outbound IS 'the business began it'
"""

FROM_PAYLOADS = """
UPDATE journey.event SET
    valence = CAST(payload #>> '{sentiment,score}' AS double precision),
    perceptions = ARRAY(
        SELECT p.one ->> 'label'
        FROM jsonb_array_elements(coalesce(payload -> 'perceptions', '[]'))
            WITH ORDINALITY AS p (one, n)
        GROUP BY p.one ->> 'label' ORDER BY min(p.n)),
    leaving = coalesce(jsonb_typeof(payload -> 'churn') = 'object', false),
    solicited = coalesce(jsonb_typeof(payload -> 'solicited') = 'object', false),
    attributes = coalesce(payload #> '{feedback,attributes}', '{}')
WHERE kind = 'feedback';

UPDATE journey.event AS e SET
    score = (s.value - s.minimum) / (s.maximum - s.minimum), score_kind = s.kind
FROM (
    SELECT tenant, source, id, payload #>> '{feedback,score,kind}' AS kind,
        CAST(payload #>> '{feedback,score,value}' AS double precision) AS value,
        CAST(payload #>> '{feedback,score,minimum}' AS double precision) AS minimum,
        CAST(payload #>> '{feedback,score,maximum}' AS double precision) AS maximum
    FROM journey.event WHERE kind = 'feedback'
) AS s
WHERE e.kind = 'feedback' AND (e.tenant, e.source, e.id) = (s.tenant, s.source, s.id)
    AND s.minimum < s.maximum AND s.value BETWEEN s.minimum AND s.maximum;

UPDATE journey.event SET
    outbound = payload ->> 'direction' IS NOT DISTINCT FROM 'outbound',
    amount = CAST(payload ->> 'amount' AS double precision),
    duration_s = CAST(payload ->> 'duration_s' AS double precision),
    attributes = coalesce(payload -> 'attributes', '{}')
WHERE kind = 'interaction'
"""

INDEX = """
DROP INDEX journey.event_touchpoint;

CREATE INDEX event_touchpoint ON journey.event (tenant, occurred_at)
    INCLUDE (touchpoint, kind, colour, channel)
"""


def upgrade() -> None:
    for statement in f"{COLUMNS};\n{FROM_PAYLOADS};\n{INDEX}".split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX journey.event_touchpoint")
    op.execute(
        "CREATE INDEX event_touchpoint ON journey.event (tenant, occurred_at)"
        " INCLUDE (touchpoint, kind, colour, channel) WHERE touchpoint IS NOT NULL"
    )
    op.execute(
        "ALTER TABLE journey.event DROP score, DROP score_kind, DROP valence, DROP perceptions,"
        " DROP leaving, DROP solicited, DROP outbound, DROP amount, DROP duration_s,"
        " DROP attributes"
    )
