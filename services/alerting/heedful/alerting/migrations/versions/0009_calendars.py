"""Calendars in versions."""

from alembic import op

revision = "alerting_0009"
down_revision = "alerting_0008"

STATEMENTS = """
CREATE TABLE alerting.calendar (
    tenant text NOT NULL,
    name text NOT NULL,
    version int NOT NULL CHECK (version > 0),
    kept jsonb NOT NULL,
    note text,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (tenant, name, version)
);
CREATE TABLE alerting.calendar_active (
    tenant text NOT NULL,
    name text NOT NULL,
    version int NOT NULL,
    activated_at timestamptz NOT NULL,
    activated_by text NOT NULL,
    PRIMARY KEY (tenant, name),
    FOREIGN KEY (tenant, name, version) REFERENCES alerting.calendar
)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE alerting.calendar_active, alerting.calendar")
