"""Signals of journey: each is taken once, and a case knows those that it came of or that joined it.

The columns from `case_id` on are of those that are on a case; an erasure empties them.
"""

from alembic import op

revision = "alerting_0018"
down_revision = "alerting_0017"

STATEMENTS = """
CREATE TABLE alerting.signal (
    tenant text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    colour text NOT NULL,
    confidence double precision,
    detected_at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    outcome text NOT NULL,
    case_id text REFERENCES alerting.cases (id),
    customer_id text,
    summary_zh text NOT NULL DEFAULT '',
    summary_en text NOT NULL DEFAULT '',
    evidence jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (tenant, id)
);
CREATE INDEX signal_of_case ON alerting.signal (case_id, kind) WHERE case_id IS NOT NULL;
CREATE INDEX signal_of_customer ON alerting.signal (tenant, customer_id)
    WHERE customer_id IS NOT NULL;
CREATE INDEX signal_listed ON alerting.signal (tenant, detected_at);
CREATE INDEX signal_unplaced ON alerting.signal (taken_at) WHERE case_id IS NULL
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE alerting.signal")
