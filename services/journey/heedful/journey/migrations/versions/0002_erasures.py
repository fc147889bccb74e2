"""Erasures, their parts until every service has obeyed, and the signed record of both."""

from alembic import op

revision = "journey_0002"
down_revision = "journey_0001"

STATEMENTS = """
CREATE TABLE journey.erasure (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    requested_at timestamptz NOT NULL,
    requested_by text NOT NULL,
    reason text NOT NULL,
    parts int NOT NULL,
    asked_at timestamptz NOT NULL,
    completed_at timestamptz
);

COMMENT ON COLUMN journey.erasure.asked_at IS 'when its newest part was made';

CREATE INDEX erasure_listed ON journey.erasure (tenant, requested_at DESC, id DESC);
CREATE INDEX erasure_open ON journey.erasure (asked_at) WHERE completed_at IS NULL;

CREATE TABLE journey.erasure_part (
    erasure_id text NOT NULL REFERENCES journey.erasure (id),
    number int NOT NULL,
    sealed bytea NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (erasure_id, number)
);

COMMENT ON TABLE journey.erasure_part IS 'gone once every service has obeyed';

CREATE TABLE journey.erasure_record (
    tenant text NOT NULL,
    position bigint NOT NULL,
    erasure_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('requested', 'extended', 'receipt')),
    service text NOT NULL,
    part int NOT NULL,
    body text NOT NULL,
    digest bytea NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (tenant, position),
    UNIQUE (erasure_id, kind, service, part)
);

CREATE INDEX event_age ON journey.event USING brin (received_at);
CREATE INDEX move_evidence ON journey.move (tenant, evidence_source, evidence_id)
"""

APPEND_ONLY = """
CREATE FUNCTION journey.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'journey.% is append-only', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON journey.erasure_record"
        " FOR EACH ROW EXECUTE FUNCTION journey.append_only()"
    )


def downgrade() -> None:
    op.execute("DROP INDEX journey.move_evidence, journey.event_age")
    op.execute("DROP TABLE journey.erasure_record, journey.erasure_part, journey.erasure")
    op.execute("DROP FUNCTION journey.append_only")
