"""When the last person was erased is found at once."""

from alembic import op

revision = "common_0008"
down_revision = "common_0007"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX tombstone_until ON common.tombstone (service, until DESC)"
        " WHERE until IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX common.tombstone_until")
