"""The transactional outbox: records that wait for the log, and whose turn it is to publish them."""

from alembic import op

revision = "common_0003"
down_revision = "common_0002"

# Rows come and go; what vacuum has not cleared yet lies in front of every look for the oldest.
STATEMENTS = """
CREATE TABLE common.outbox (
    service text NOT NULL,
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    topic text NOT NULL,
    key bytea,
    value bytea,
    headers bytea NOT NULL,
    put_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (service, id)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 20000,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 2000
);

CREATE TABLE common.outbox_lease (
    service text PRIMARY KEY,
    holder uuid NOT NULL,
    until timestamptz NOT NULL
) WITH (fillfactor = 50);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE common.outbox_lease, common.outbox")
