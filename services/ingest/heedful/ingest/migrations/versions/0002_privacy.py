"""How a tenant's personal data is treated, and who changed it when."""

from alembic import op

revision = "ingest_0002"
down_revision = "ingest_0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.privacy (
            tenant text PRIMARY KEY,
            redaction text NOT NULL,
            identifiers text NOT NULL,
            retention_days int,
            changed_at timestamptz NOT NULL,
            changed_by text NOT NULL
        )
        """
    )
    # Only added to; the newest row of a tenant says what the table above says.
    op.execute(
        """
        CREATE TABLE ingest.privacy_change (
            id uuid PRIMARY KEY,
            tenant text NOT NULL,
            changed_at timestamptz NOT NULL,
            changed_by text NOT NULL,
            redaction text NOT NULL,
            identifiers text NOT NULL,
            retention_days int
        )
        """
    )
    op.execute(
        "CREATE INDEX privacy_change_of_tenant"
        " ON ingest.privacy_change (tenant, changed_at DESC, id DESC)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE ingest.privacy_change, ingest.privacy")
