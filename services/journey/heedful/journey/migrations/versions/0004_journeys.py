"""Journeys by lifecycle, folded anew for each customer whose events changed."""

from alembic import op

revision = "journey_0004"
down_revision = "journey_0003"

STATEMENTS = """
CREATE TABLE journey.touched (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    customer_id uuid NOT NULL,
    not_before timestamptz NOT NULL DEFAULT '-infinity'
);

COMMENT ON TABLE journey.touched IS
    'customers whose journey is to be folded anew; written by triggers of journey.event';

CREATE INDEX touched_due ON journey.touched (not_before, id);
CREATE INDEX touched_customer ON journey.touched (customer_id);

CREATE TABLE journey.journey (
    customer_id uuid PRIMARY KEY,
    tenant text NOT NULL,
    stage text,
    entered_at timestamptz,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    events int NOT NULL,
    sessions int NOT NULL,
    answered int NOT NULL,
    mean_wait_s float8,
    longest_wait_s float8,
    waiting_since timestamptz,
    stuck_at timestamptz,
    left_at timestamptz,
    stages jsonb NOT NULL,
    version text NOT NULL
) WITH (fillfactor = 80);

COMMENT ON TABLE journey.journey IS 'a function of journey.event and the lifecycle file alone';
COMMENT ON COLUMN journey.journey.stuck_at IS
    'a complaint is open, and the limit of the stage ends then';
COMMENT ON COLUMN journey.journey.version IS 'of the lifecycle file';

CREATE INDEX journey_listed ON journey.journey (tenant, last_at DESC, customer_id DESC);
CREATE INDEX journey_by_stage ON journey.journey (tenant, stage, last_at DESC, customer_id DESC);
CREATE INDEX journey_stuck ON journey.journey (tenant, last_at DESC, customer_id DESC)
    WHERE stuck_at IS NOT NULL;

CREATE TABLE journey.told (
    tenant text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    signal text NOT NULL,
    about text NOT NULL,
    PRIMARY KEY (tenant, kind, source, id, signal, about)
);

COMMENT ON TABLE journey.told IS 'events of matters that a signal has told of: each matter once';

INSERT INTO journey.touched (tenant, customer_id)
    SELECT DISTINCT tenant, customer_id FROM journey.event WHERE customer_id IS NOT NULL
"""

FUNCTIONS = (
    """
    CREATE FUNCTION journey.events_came() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO journey.touched (tenant, customer_id)
        SELECT DISTINCT tenant, customer_id FROM came WHERE customer_id IS NOT NULL;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION journey.events_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO journey.touched (tenant, customer_id)
        SELECT tenant, customer_id FROM was WHERE customer_id IS NOT NULL
        UNION SELECT tenant, customer_id FROM came WHERE customer_id IS NOT NULL;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION journey.events_went() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO journey.touched (tenant, customer_id)
        SELECT DISTINCT tenant, customer_id FROM was WHERE customer_id IS NOT NULL;
        DELETE FROM journey.told t USING was
        WHERE (t.tenant, t.kind, t.source, t.id) = (was.tenant, was.kind, was.source, was.id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER came AFTER INSERT ON journey.event
        REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION journey.events_came()
    """,
    """
    CREATE TRIGGER changed AFTER UPDATE ON journey.event
        REFERENCING OLD TABLE AS was NEW TABLE AS came
        FOR EACH STATEMENT EXECUTE FUNCTION journey.events_changed()
    """,
    """
    CREATE TRIGGER went AFTER DELETE ON journey.event
        REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION journey.events_went()
    """,
)


def upgrade() -> None:
    for statement in (*STATEMENTS.split(";\n"), *FUNCTIONS):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    for name in ("came", "changed", "went"):
        op.execute(f"DROP TRIGGER {name} ON journey.event")
        op.execute(f"DROP FUNCTION journey.events_{name}")
    op.execute("DROP TABLE journey.told, journey.journey, journey.touched")
