"""Events of cases know the transaction that wrote them, so that who asks what has changed misses
none; older events have none, and are of no use to that."""

from alembic import op

revision = "alerting_0023"
down_revision = "alerting_0022"


def upgrade() -> None:
    op.execute("ALTER TABLE alerting.case_event ADD COLUMN transaction xid8")
    # Apart from the above: a default that differs by row would rewrite the table.
    op.execute(
        "ALTER TABLE alerting.case_event ALTER COLUMN transaction SET DEFAULT pg_current_xact_id()"
    )
    op.execute(
        "CREATE INDEX case_event_changes ON alerting.case_event (tenant, transaction)"
        " WHERE transaction IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX alerting.case_event_changes")
    op.execute("ALTER TABLE alerting.case_event DROP COLUMN transaction")
