"""The map of touchpoints counts what customers say; what employees report is not counted."""

from alembic import op

revision = "journey_0003"
down_revision = "journey_0002"


def upgrade() -> None:
    op.execute("DROP INDEX journey.event_touchpoint")
    op.execute(
        "CREATE INDEX event_touchpoint ON journey.event (tenant, occurred_at)"
        " INCLUDE (touchpoint, kind, colour, channel) WHERE touchpoint IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX journey.event_touchpoint")
    op.execute(
        "CREATE INDEX event_touchpoint ON journey.event (tenant, occurred_at)"
        " INCLUDE (touchpoint, kind, colour)"
    )
