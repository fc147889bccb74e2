"""Cases are listed by what is due first, when they were received, and whose and what they are.

A release that does not know the deadline leaves it as it was; the next step of the case sets it
right, and upkeep does where there is none. An index for each filter: of few cases that fit, the
order alone would read all others."""

from alembic import op

revision = "alerting_0022"
down_revision = "alerting_0021"

STATEMENTS = """
ALTER TABLE alerting.cases ADD COLUMN due_at timestamptz;
UPDATE alerting.cases c SET due_at = k.due_at
FROM (
    SELECT case_id, min(due_at) AS due_at FROM alerting.clock
    WHERE fulfilled_at IS NULL AND ended IS NULL AND enforced GROUP BY 1
) AS k
WHERE c.id = k.case_id;
CREATE INDEX cases_due ON alerting.cases
    (tenant, (coalesce(due_at, timestamptz '9999-12-31 00:00:00+00')), id);
CREATE INDEX cases_received ON alerting.cases (tenant, received_at DESC, id DESC);
CREATE INDEX cases_work ON alerting.cases (tenant, opened_at DESC, id DESC) WHERE over_at IS NULL;
CREATE INDEX cases_owner ON alerting.cases (tenant, owner, over_at);
CREATE INDEX cases_department ON alerting.cases (tenant, department, over_at);
CREATE INDEX cases_touchpoint ON alerting.cases (tenant, touchpoint, over_at);
CREATE INDEX cases_topic ON alerting.cases (tenant, topic, over_at)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP INDEX alerting.cases_due, alerting.cases_received, alerting.cases_work,"
        " alerting.cases_owner, alerting.cases_department, alerting.cases_touchpoint,"
        " alerting.cases_topic"
    )
    op.execute("ALTER TABLE alerting.cases DROP COLUMN due_at")
