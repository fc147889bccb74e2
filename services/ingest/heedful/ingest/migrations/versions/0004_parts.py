"""Pieces of items that wait for the others."""

from alembic import op

revision = "ingest_0004"
down_revision = "ingest_0003"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.part (
            connection_id text NOT NULL REFERENCES ingest.connection ON DELETE CASCADE,
            group_id text NOT NULL,
            number int NOT NULL,
            of int,
            sealed bytea NOT NULL,
            received_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            PRIMARY KEY (connection_id, group_id, number)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE ingest.part")
