"""Connections with their lines, the data standard, and the quarantine."""

from alembic import op

revision = "ingest_0003"
down_revision = "ingest_0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.connection (
            id text PRIMARY KEY,
            tenant text NOT NULL,
            channel text NOT NULL,
            name text NOT NULL,
            options jsonb NOT NULL,
            sealed bytea NOT NULL,
            previous_sealed bytea,
            previous_until timestamptz,
            touchpoint text,
            department text,
            backfill boolean NOT NULL,
            enabled boolean NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ON ingest.connection (tenant, created_at DESC, id DESC)")
    op.execute(
        """
        CREATE TABLE ingest.line (
            connection_id text PRIMARY KEY REFERENCES ingest.connection ON DELETE CASCADE,
            cursor text,
            due_at timestamptz NOT NULL,
            owner text,
            lease_until timestamptz,
            failures int NOT NULL DEFAULT 0,
            last_ok_at timestamptz,
            last_error text,
            last_error_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX ON ingest.line (due_at)")
    op.execute(
        """
        CREATE TABLE ingest.standard (
            tenant text NOT NULL,
            channel text NOT NULL,
            version int NOT NULL,
            body jsonb,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            PRIMARY KEY (tenant, channel, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE ingest.quarantine (
            id text PRIMARY KEY,
            tenant text NOT NULL,
            connection_id text,
            channel text NOT NULL,
            adapter_version text NOT NULL,
            form text NOT NULL,
            reason text NOT NULL,
            detail text NOT NULL,
            digest bytea NOT NULL,
            people text[] NOT NULL,
            sealed bytea,
            received_at timestamptz NOT NULL,
            state text NOT NULL,
            tries int NOT NULL DEFAULT 0,
            resolved_at timestamptz,
            resolved_by text
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX quarantine_once ON ingest.quarantine"
        " (tenant, channel, coalesce(connection_id, ''), digest) WHERE state = 'open'"
    )
    op.execute("CREATE INDEX ON ingest.quarantine (tenant, received_at DESC, id DESC)")
    op.execute("CREATE INDEX ON ingest.quarantine USING gin (people)")


def downgrade() -> None:
    op.execute("DROP TABLE ingest.quarantine, ingest.standard, ingest.line, ingest.connection")
