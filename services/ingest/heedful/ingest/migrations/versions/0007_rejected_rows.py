"""Rows of files that were not taken are in quarantine, too."""

from alembic import op

revision = "ingest_0007"
down_revision = "ingest_0006"


def upgrade() -> None:
    op.execute("ALTER TABLE ingest.quarantine ADD COLUMN import_id text, ADD COLUMN row_number int")
    op.execute(
        "CREATE INDEX quarantine_import ON ingest.quarantine (tenant, import_id)"
        " WHERE import_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ingest.quarantine_import")
    op.execute("ALTER TABLE ingest.quarantine DROP COLUMN import_id, DROP COLUMN row_number")
