"""What a team enters beside what customers say: answers of colleagues, abilities and decisions."""

from alembic import op

revision = "journey_0007"
down_revision = "journey_0006"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE journey.alignment_answer (tenant text NOT NULL, quarter text NOT NULL,"
        " answered_by text NOT NULL, role text NOT NULL, topics text[] NOT NULL,"
        " entered_by text NOT NULL, entered_at timestamptz NOT NULL,"
        " PRIMARY KEY (tenant, quarter, answered_by))"
    )
    op.execute(
        "CREATE TABLE journey.priority (tenant text NOT NULL,"
        " id bigint GENERATED ALWAYS AS IDENTITY, topic text NOT NULL, ability smallint,"
        " decision text, reason text, decided_by text NOT NULL, decided_at timestamptz NOT NULL,"
        " PRIMARY KEY (tenant, id))"
    )
    op.execute("COMMENT ON TABLE journey.priority IS 'a log: rows are added and never changed'")
    op.execute("CREATE INDEX priority_topic ON journey.priority (tenant, topic, id)")


def downgrade() -> None:
    op.execute("DROP TABLE journey.priority, journey.alignment_answer")
