"""Versions that are applied to open clocks; what policies go by of every feedback with labels."""

from alembic import op

revision = "alerting_0013"
down_revision = "alerting_0012"

STATEMENTS = """
CREATE TABLE alerting.application (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    version int NOT NULL,
    calendars jsonb NOT NULL,
    actor_type text NOT NULL,
    actor_id text,
    created_at timestamptz NOT NULL,
    horizon xid8 NOT NULL,
    sweeps int NOT NULL DEFAULT 0,
    last boolean NOT NULL DEFAULT false,
    counts jsonb NOT NULL DEFAULT '{}',
    ended text,
    finished_at timestamptz
);
CREATE UNIQUE INDEX application_running ON alerting.application (tenant)
    WHERE finished_at IS NULL;
CREATE INDEX application_listed ON alerting.application (tenant, created_at DESC, id DESC);
CREATE TABLE alerting.application_case (
    application_id text NOT NULL REFERENCES alerting.application (id),
    case_id text NOT NULL,
    PRIMARY KEY (application_id, case_id)
);
ALTER TABLE alerting.enriched ADD COLUMN received_at timestamptz, ADD COLUMN item jsonb;
CREATE INDEX enriched_received_at ON alerting.enriched USING brin (received_at)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX alerting.enriched_received_at")
    op.execute("ALTER TABLE alerting.enriched DROP COLUMN received_at, DROP COLUMN item")
    op.execute("DROP TABLE alerting.application_case, alerting.application")
