"""Messages carry links: which endpoints want them, and those that a delivery carries, sealed."""

from alembic import op

revision = "alerting_0014"
down_revision = "alerting_0013"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE alerting.endpoint"
        " ADD COLUMN action_links text CHECK (action_links IN ('none', 'mentioned'))"
    )
    op.execute("ALTER TABLE alerting.delivery ADD COLUMN links bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE alerting.delivery DROP COLUMN links")
    op.execute("ALTER TABLE alerting.endpoint DROP COLUMN action_links")
