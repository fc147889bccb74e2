"""Endpoints have a kind, an audience, a language, and one that steps in for them."""

from alembic import op

revision = "alerting_0005"
down_revision = "alerting_0004"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE alerting.endpoint ADD COLUMN kind text NOT NULL DEFAULT 'standard',"
        " ADD COLUMN audiences text[] NOT NULL DEFAULT '{}',"
        " ADD COLUMN language text NOT NULL DEFAULT 'zh',"
        " ADD COLUMN failover text"
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE alerting.endpoint DROP COLUMN kind, DROP COLUMN audiences,"
        " DROP COLUMN language, DROP COLUMN failover"
    )
