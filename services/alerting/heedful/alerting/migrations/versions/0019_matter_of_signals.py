"""A signal keeps what policies go by, as feedback does, so that another one can be tried on it."""

from alembic import op

revision = "alerting_0019"
down_revision = "alerting_0018"


def upgrade() -> None:
    op.execute("ALTER TABLE alerting.signal ADD COLUMN item jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE alerting.signal DROP COLUMN item")
