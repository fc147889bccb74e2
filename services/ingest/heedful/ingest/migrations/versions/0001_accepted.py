"""What was accepted: dedupe on (tenant, kind, source, id) with a digest of the body."""

from alembic import op

revision = "ingest_0001"
down_revision = None

_PARTITIONS = 8


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.accepted (
            tenant text NOT NULL,
            kind text NOT NULL,
            source text NOT NULL,
            id text NOT NULL,
            digest bytea NOT NULL,
            received_at timestamptz NOT NULL,
            PRIMARY KEY (tenant, kind, source, id)
        ) PARTITION BY HASH (tenant, kind, source, id)
        """
    )
    for number in range(_PARTITIONS):
        op.execute(
            f"CREATE TABLE ingest.accepted_{number} PARTITION OF ingest.accepted"
            f" FOR VALUES WITH (MODULUS {_PARTITIONS}, REMAINDER {number})"
        )


def downgrade() -> None:
    op.execute("DROP TABLE ingest.accepted")
