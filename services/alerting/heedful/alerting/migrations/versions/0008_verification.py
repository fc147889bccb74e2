"""Daily counts of topics, and the fixes that are looked at by them."""

from alembic import op

revision = "alerting_0008"
down_revision = "alerting_0007"

STATEMENTS = """
CREATE TABLE alerting.topic_day (
    tenant text NOT NULL,
    day date NOT NULL,
    topic text NOT NULL,
    touchpoint text NOT NULL,
    n int NOT NULL,
    negative int NOT NULL,
    scored int NOT NULL,
    score double precision NOT NULL,
    PRIMARY KEY (tenant, day, topic, touchpoint)
) WITH (fillfactor = 70);
CREATE INDEX topic_day_day ON alerting.topic_day (day);

CREATE TABLE alerting.verification (
    case_id text NOT NULL REFERENCES alerting.cases (id),
    sequence int NOT NULL,
    tenant text NOT NULL,
    topic text NOT NULL,
    touchpoint text,
    measure text NOT NULL,
    after_days int NOT NULL,
    received_on date NOT NULL,
    landed_on date NOT NULL,
    due_at timestamptz NOT NULL,
    decided_at timestamptz,
    outcome text,
    verdict jsonb,
    PRIMARY KEY (case_id, sequence)
);
CREATE INDEX verification_due ON alerting.verification (due_at) WHERE decided_at IS NULL;
CREATE INDEX verification_decided ON alerting.verification (tenant, decided_at)
    WHERE decided_at IS NOT NULL
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE alerting.verification, alerting.topic_day")
