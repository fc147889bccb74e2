"""Which corrections of a light stand on the case already."""

from alembic import op

revision = "alerting_0003"
down_revision = "alerting_0002"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE alerting.case_correction"
        " (id text PRIMARY KEY, case_id text NOT NULL REFERENCES alerting.cases (id))"
    )


def downgrade() -> None:
    op.execute("DROP TABLE alerting.case_correction")
