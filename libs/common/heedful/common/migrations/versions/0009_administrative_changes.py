"""Administrative changes of every service, until alerting has linked them into a chain."""

from alembic import op

revision = "common_0009"
down_revision = "common_0008"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE common.administrative_change (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant text NOT NULL,
            at timestamptz NOT NULL,
            actor_type text NOT NULL,
            actor_id text,
            request_id text,
            action text NOT NULL,
            subject_kind text NOT NULL,
            subject_id text NOT NULL,
            before jsonb,
            after jsonb
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE common.administrative_change")
