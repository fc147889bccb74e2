"""Which dead letters were sent again."""

from alembic import op

revision = "common_0002"
down_revision = "common_0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE common.dlq_replay (
            topic text NOT NULL,
            partition int NOT NULL,
            "offset" bigint NOT NULL,
            replayed_at timestamptz NOT NULL,
            PRIMARY KEY (topic, partition, "offset")
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE common.dlq_replay")
