"""Which report was told: one row for each tenant and month."""

from alembic import op

revision = "alerting_0011"
down_revision = "alerting_0010"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE alerting.report (tenant text NOT NULL, month text NOT NULL,"
        " told_at timestamptz NOT NULL, PRIMARY KEY (tenant, month))"
    )


def downgrade() -> None:
    op.execute("DROP TABLE alerting.report")
