"""What people decided of who is who, and where to look for what they may want to decide."""

from alembic import op

revision = "journey_0008"
down_revision = "journey_0007"

STATEMENTS = """
CREATE TABLE journey.decision (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('merge', 'unmerge', 'keep_apart', 'revoke')),
    revokes uuid UNIQUE REFERENCES journey.decision (id),
    two_customers boolean NOT NULL,
    at timestamptz NOT NULL,
    actor_type text NOT NULL,
    actor_id text,
    reason text,
    evidence text,
    CHECK ((kind = 'revoke') = (revokes IS NOT NULL))
);

COMMENT ON TABLE journey.decision IS
    'only added to; not derived from events, so a rebuild keeps it';
COMMENT ON COLUMN journey.decision.reason IS 'null once somebody it is about is forgotten';

CREATE TABLE journey.decision_member (
    identifier_id uuid NOT NULL,
    decision_id uuid NOT NULL REFERENCES journey.decision (id),
    on_right boolean NOT NULL,
    PRIMARY KEY (identifier_id, decision_id)
);

COMMENT ON TABLE journey.decision_member IS
    'the sides of a decision; an identifier that is forgotten is taken out';

CREATE INDEX decision_member_of ON journey.decision_member (decision_id);

CREATE INDEX identifier_shared ON journey.identifier (tenant, first_seen, id) WHERE shared;
CREATE INDEX identifier_device ON journey.identifier (tenant, first_seen, id)
    WHERE type = 'device'
"""

APPEND_ONLY = """
CREATE FUNCTION journey.append_only_but_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('heedful.erasing', true) = 'on' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'journey.% is append-only', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(APPEND_ONLY)
    for table in ("decision", "decision_member"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON journey.{table}"
            " FOR EACH ROW EXECUTE FUNCTION journey.append_only_but_forgetting()"
        )


def downgrade() -> None:
    op.execute("DROP INDEX journey.identifier_shared, journey.identifier_device")
    op.execute("DROP TABLE journey.decision_member, journey.decision")
    op.execute("DROP FUNCTION journey.append_only_but_forgetting")
