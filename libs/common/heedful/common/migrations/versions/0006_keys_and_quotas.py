"""Keys that expire, are rotated and come from known addresses; quotas of keys and tenants.

A release before this one knows neither expiry nor addresses: it sees an expired key as valid until
a newer one marks it revoked, which happens within a minute, and takes a key from any address.
"""

from alembic import op

revision = "common_0006"
down_revision = "common_0005"

# The buckets are worth less than the writes to keep them over a crash. Their rows change all the
# time: room on the page keeps the updates out of the index.
STATEMENTS = """
ALTER TABLE common.api_key
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN allowed_ips text[] NOT NULL DEFAULT '{}',
    ADD COLUMN successor text,
    ADD COLUMN requests_per_second double precision,
    ADD COLUMN requests_burst int,
    ADD COLUMN items_per_second double precision,
    ADD COLUMN items_burst int;

CREATE INDEX api_key_tenant ON common.api_key (tenant, created_at, id);

CREATE TABLE common.tenant_quota (
    tenant text PRIMARY KEY,
    requests_per_second double precision,
    requests_burst int,
    items_per_second double precision,
    items_burst int
);

CREATE UNLOGGED TABLE common.quota_bucket (
    name text PRIMARY KEY,
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL,
    full_at timestamptz NOT NULL
) WITH (fillfactor = 50)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE common.quota_bucket, common.tenant_quota")
    op.execute("DROP INDEX common.api_key_tenant")
    op.execute(
        "ALTER TABLE common.api_key DROP COLUMN name, DROP COLUMN expires_at,"
        " DROP COLUMN last_used_at, DROP COLUMN allowed_ips, DROP COLUMN successor,"
        " DROP COLUMN requests_per_second, DROP COLUMN requests_burst,"
        " DROP COLUMN items_per_second, DROP COLUMN items_burst"
    )
