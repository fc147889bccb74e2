"""The embedded bus, API keys and instance secrets."""

from alembic import op

revision = "common_0001"
down_revision = None

STATEMENTS = """
CREATE SCHEMA IF NOT EXISTS bus;

CREATE TABLE bus.topic (
    name text PRIMARY KEY,
    partitions int NOT NULL CHECK (partitions > 0),
    retention interval NOT NULL
);

CREATE TABLE bus.partition (
    topic text NOT NULL REFERENCES bus.topic (name),
    number int NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, number)
) WITH (fillfactor = 50);

CREATE TABLE bus.record (
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    key bytea,
    value bytea,
    headers bytea NOT NULL,
    PRIMARY KEY (topic, partition, "offset")
);

CREATE INDEX record_written_at ON bus.record USING brin (written_at);

CREATE TABLE bus.member (
    grp text NOT NULL,
    member uuid NOT NULL,
    topics text[] NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (grp, member)
);

CREATE TABLE bus.assignment (
    grp text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    member uuid,
    epoch bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (grp, topic, partition)
);

CREATE TABLE bus.committed (
    grp text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    PRIMARY KEY (grp, topic, partition)
) WITH (fillfactor = 50);

CREATE TABLE common.api_key (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE common.instance_secret (
    name text PRIMARY KEY,
    sealed bytea NOT NULL
);

CREATE TABLE common.idempotency (
    tenant text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    body_digest bytea NOT NULL,
    status int,
    body bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, route, key)
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA bus CASCADE")
    op.execute("DROP TABLE common.idempotency, common.instance_secret, common.api_key")
