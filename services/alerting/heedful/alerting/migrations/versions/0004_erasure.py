"""Cases know when they were erased; contacts and clocks are found by the contact's key."""

from alembic import op

revision = "alerting_0004"
down_revision = "alerting_0003"

STATEMENTS = """
ALTER TABLE alerting.cases ADD COLUMN erased_at timestamptz;
CREATE INDEX cases_closed ON alerting.cases (opened_at)
    WHERE state = 'closed' AND erased_at IS NULL;
CREATE INDEX contact_of_interaction ON alerting.contact (tenant, source, interaction_id);
CREATE INDEX clock_fulfilled_by ON alerting.clock (tenant, fulfilled_by)
    WHERE fulfilled_by LIKE 'interaction:%'
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX alerting.clock_fulfilled_by, alerting.contact_of_interaction")
    op.execute("DROP INDEX alerting.cases_closed")
    op.execute("ALTER TABLE alerting.cases DROP COLUMN erased_at")
