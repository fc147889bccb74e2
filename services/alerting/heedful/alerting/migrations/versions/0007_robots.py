"""Robots with budgets, templates, rotation, failover; deliveries say what carried them."""

from alembic import op

revision = "alerting_0007"
down_revision = "alerting_0006"

STATEMENTS = """
ALTER TABLE alerting.endpoint
    ADD COLUMN sealed_url bytea,
    ADD COLUMN sealed_previous bytea,
    ADD COLUMN previous_until timestamptz,
    ADD COLUMN keyword text,
    ADD COLUMN timezone text NOT NULL DEFAULT 'Asia/Shanghai',
    ADD COLUMN template_title text,
    ADD COLUMN template_text text,
    ADD COLUMN fallback boolean NOT NULL DEFAULT false,
    ADD COLUMN robot text,
    ADD COLUMN failures int NOT NULL DEFAULT 0,
    ADD COLUMN first_failure_at timestamptz,
    ADD COLUMN disabled_at timestamptz,
    ADD COLUMN disabled_reason text;
CREATE UNIQUE INDEX endpoint_fallback ON alerting.endpoint (tenant) WHERE fallback;
CREATE TABLE alerting.robot (
    robot text PRIMARY KEY,
    kind text NOT NULL,
    tokens double precision NOT NULL,
    filled_at timestamptz NOT NULL,
    muted_until timestamptz,
    next_at timestamptz NOT NULL
);
ALTER TABLE alerting.delivery
    ADD COLUMN mentions jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN urgent boolean NOT NULL DEFAULT false,
    ADD COLUMN robot text,
    ADD COLUMN failover_at timestamptz,
    ADD COLUMN failover_of text,
    ADD COLUMN failed_over_to text,
    ADD COLUMN digest text;
ALTER TABLE alerting.attempt ADD COLUMN response text, ADD COLUMN digest text;
DROP INDEX alerting.delivery_pending;
CREATE INDEX delivery_due ON alerting.delivery (urgent, due_at, id)
    WHERE state = 'pending' AND robot IS NULL;
CREATE INDEX delivery_for_robot ON alerting.delivery (robot, urgent DESC, due_at, id)
    WHERE state = 'pending' AND robot IS NOT NULL;
CREATE INDEX delivery_failover ON alerting.delivery (failover_at) WHERE failover_at IS NOT NULL;
CREATE INDEX delivery_over ON alerting.delivery (finished_at) WHERE state <> 'pending'
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP INDEX alerting.delivery_due, alerting.delivery_for_robot,"
        " alerting.delivery_failover, alerting.delivery_over, alerting.endpoint_fallback"
    )
    op.execute(
        "CREATE INDEX delivery_pending ON alerting.delivery (due_at, id) WHERE state = 'pending'"
    )
    op.execute("ALTER TABLE alerting.attempt DROP COLUMN response, DROP COLUMN digest")
    op.execute(
        "ALTER TABLE alerting.delivery DROP COLUMN mentions, DROP COLUMN urgent,"
        " DROP COLUMN robot, DROP COLUMN failover_at, DROP COLUMN failover_of,"
        " DROP COLUMN failed_over_to, DROP COLUMN digest"
    )
    op.execute("DROP TABLE alerting.robot")
    op.execute(
        "ALTER TABLE alerting.endpoint DROP COLUMN sealed_url, DROP COLUMN sealed_previous,"
        " DROP COLUMN previous_until, DROP COLUMN keyword, DROP COLUMN timezone,"
        " DROP COLUMN template_title, DROP COLUMN template_text, DROP COLUMN fallback,"
        " DROP COLUMN robot, DROP COLUMN failures, DROP COLUMN first_failure_at,"
        " DROP COLUMN disabled_at, DROP COLUMN disabled_reason"
    )
