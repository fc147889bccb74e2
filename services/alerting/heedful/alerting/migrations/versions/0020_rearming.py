"""Tenants whose timers are to be set anew, for the hours in which people are told have changed."""

from alembic import op

revision = "alerting_0020"
down_revision = "alerting_0019"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE alerting.rearming"
        " (tenant text PRIMARY KEY, asked_at timestamptz NOT NULL, after_case text NOT NULL)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE alerting.rearming")
