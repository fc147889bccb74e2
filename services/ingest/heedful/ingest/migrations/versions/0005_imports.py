"""Imports of files: what was asked for, the file in sealed pieces until it is read, the report."""

from alembic import op

revision = "ingest_0005"
down_revision = "ingest_0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.import (
            id text PRIMARY KEY,
            tenant text NOT NULL,
            state text NOT NULL,
            file_name text NOT NULL,
            file_bytes bigint NOT NULL DEFAULT 0,
            plan jsonb,
            counts jsonb NOT NULL,
            fraction float8 NOT NULL DEFAULT 0,
            failure text,
            owner text,
            lease_until timestamptz,
            created_at timestamptz NOT NULL,
            created_by text NOT NULL,
            started_at timestamptz,
            ended_at timestamptz
        )
        """
    )
    op.execute("CREATE INDEX ON ingest.import (tenant, created_at DESC, id DESC)")
    op.execute("CREATE INDEX ON ingest.import (state, created_at) WHERE ended_at IS NULL")
    for table, column in (("import_chunk", "sealed"), ("import_report", "lines")):
        op.execute(
            f"""
            CREATE TABLE ingest.{table} (
                import_id text NOT NULL REFERENCES ingest.import ON DELETE CASCADE,
                number int NOT NULL,
                {column} bytea NOT NULL,
                PRIMARY KEY (import_id, number)
            )
            """
        )
    # What is sealed cannot be packed.
    op.execute("ALTER TABLE ingest.import_chunk ALTER COLUMN sealed SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.execute("DROP TABLE ingest.import_report, ingest.import_chunk, ingest.import")
