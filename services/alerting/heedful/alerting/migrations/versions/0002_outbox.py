"""Events of cases go to the log by the outbox in common: what the own relay needed is gone.

No release has read these columns; an event that was not published when this runs is in the
case's history only.
"""

from alembic import op

revision = "alerting_0002"
down_revision = "alerting_0001"

STATEMENTS = """
DROP INDEX alerting.case_event_unpublished;
ALTER TABLE alerting.case_event DROP COLUMN published_at, DROP COLUMN position;
DROP TABLE alerting.lease;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute(
        "ALTER TABLE alerting.case_event ADD COLUMN published_at timestamptz,"
        " ADD COLUMN position bigint NOT NULL GENERATED ALWAYS AS IDENTITY"
    )
    op.execute(
        "CREATE INDEX case_event_unpublished ON alerting.case_event (position)"
        " WHERE published_at IS NULL"
    )
    op.execute(
        "CREATE TABLE alerting.lease"
        " (name text PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL)"
    )
