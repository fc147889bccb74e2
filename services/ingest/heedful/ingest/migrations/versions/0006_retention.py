"""Old keys are found by their age; tenants' wishes are where every service sees them."""

from alembic import op

revision = "ingest_0006"
down_revision = "ingest_0005"


def upgrade() -> None:
    op.execute("CREATE INDEX accepted_age ON ingest.accepted USING brin (received_at)")
    op.execute(
        "CREATE INDEX quarantine_resolved ON ingest.quarantine (resolved_at) WHERE state <> 'open'"
    )
    op.execute(
        "INSERT INTO common.tenant_retention (tenant, days)"
        " SELECT tenant, retention_days FROM ingest.privacy WHERE retention_days IS NOT NULL"
        " ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ingest.quarantine_resolved, ingest.accepted_age")
