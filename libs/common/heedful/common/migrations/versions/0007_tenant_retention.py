"""How long tenants want their data kept: set in one place, heeded by every service."""

from alembic import op

revision = "common_0007"
down_revision = "common_0006"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE common.tenant_retention"
        " (tenant text PRIMARY KEY, days int NOT NULL CHECK (days > 0))"
    )


def downgrade() -> None:
    op.execute("DROP TABLE common.tenant_retention")
