"""Cases that were merged into one are found by it."""

from alembic import op

revision = "alerting_0021"
down_revision = "alerting_0020"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX cases_merged ON alerting.cases (merged_into) WHERE merged_into IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX alerting.cases_merged")
