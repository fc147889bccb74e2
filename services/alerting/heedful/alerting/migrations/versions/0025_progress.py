"""Cases know when they were seen, belonged to somebody, waited and landed, so that figures need not
look through events and clocks.

Nothing is filled in here: upkeep does that, a thousand cases at a time, and until it has, figures
of a case are made of its events.
"""

from alembic import op

revision = "alerting_0025"
down_revision = "alerting_0024"

_COLUMNS = (
    "seen_at timestamptz",
    "owned_at timestamptz",
    "waits timestamptz[] NOT NULL DEFAULT '{}'",
    "landed_at timestamptz",
    "shown_only boolean",
    "progress_sequence int",
)


def upgrade() -> None:
    added = ", ".join(f"ADD COLUMN {column}" for column in _COLUMNS)
    op.execute(f"ALTER TABLE alerting.cases {added}")


def downgrade() -> None:
    dropped = ", ".join(f"DROP COLUMN {column.split()[0]}" for column in _COLUMNS)
    op.execute(f"ALTER TABLE alerting.cases {dropped}")
