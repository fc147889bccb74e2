"""Deliveries know the trace of what they tell of, so that it goes on in the request."""

from alembic import op

revision = "alerting_0024"
down_revision = "alerting_0023"


def upgrade() -> None:
    op.execute("ALTER TABLE alerting.delivery ADD COLUMN traceparent text")


def downgrade() -> None:
    op.execute("ALTER TABLE alerting.delivery DROP COLUMN traceparent")
