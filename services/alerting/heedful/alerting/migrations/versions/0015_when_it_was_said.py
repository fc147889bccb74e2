"""When a feedback of a case was said: it may be answered before it is received."""

from alembic import op

revision = "alerting_0015"
down_revision = "alerting_0014"


def upgrade() -> None:
    op.execute("ALTER TABLE alerting.case_feedback ADD COLUMN occurred_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE alerting.case_feedback DROP COLUMN occurred_at")
