"""What insights read of a day, packed once; and which days are to be packed anew."""

from alembic import op

revision = "journey_0009"
down_revision = "journey_0008"

STATEMENTS = """
CREATE TABLE journey.day_touched (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    days date[] NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE journey.day_touched IS
    'days (UTC) whose events changed, a row a statement; written by triggers of journey.event. '
    'No pack of a day that stands here may be read';

CREATE TABLE journey.day_due (
    tenant text NOT NULL,
    day date NOT NULL,
    touched_at timestamptz NOT NULL,
    PRIMARY KEY (day, tenant)
);

COMMENT ON TABLE journey.day_due IS
    'days to be packed; whoever packs one, or takes it from day_touched, has its row locked';

CREATE TABLE journey.day_pack (
    tenant text NOT NULL,
    day date NOT NULL,
    form int NOT NULL,
    events int NOT NULL,
    PRIMARY KEY (tenant, day)
);

COMMENT ON TABLE journey.day_pack IS 'a function of journey.event alone';
COMMENT ON COLUMN journey.day_pack.form IS 'of the bytes of its columns';

CREATE TABLE journey.day_column (
    tenant text NOT NULL,
    day date NOT NULL,
    name text COLLATE "C" NOT NULL,
    packed bytea NOT NULL,
    PRIMARY KEY (tenant, day, name),
    FOREIGN KEY (tenant, day) REFERENCES journey.day_pack ON DELETE CASCADE
);

INSERT INTO journey.day_touched (tenant, days)
    SELECT tenant, array_agg(DISTINCT CAST(occurred_at AT TIME ZONE 'UTC' AS date))
    FROM journey.event GROUP BY tenant
"""

FUNCTIONS = (
    """
    CREATE FUNCTION journey.utc_day(moment timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS
    $$ SELECT CAST(moment AT TIME ZONE 'UTC' AS date) $$
    """,
    """
    CREATE FUNCTION journey.days_came() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO journey.day_touched (tenant, days)
        SELECT tenant, array_agg(DISTINCT journey.utc_day(occurred_at)) FROM came GROUP BY tenant;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION journey.days_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO journey.day_touched (tenant, days)
        SELECT tenant, array_agg(DISTINCT journey.utc_day(occurred_at))
        FROM (SELECT tenant, occurred_at FROM was UNION ALL SELECT tenant, occurred_at FROM came)
            AS changed
        GROUP BY tenant;
        RETURN NULL;
    END $$
    """,
    # What is deleted stays in no pack. In an order: those who pack lock the same rows.
    """
    CREATE FUNCTION journey.days_went() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO journey.day_touched (tenant, days)
        SELECT tenant, array_agg(DISTINCT journey.utc_day(occurred_at)) FROM was GROUP BY tenant;
        DELETE FROM journey.day_pack WHERE (tenant, day) IN (
            SELECT p.tenant, p.day FROM journey.day_pack p
            WHERE (p.tenant, p.day) IN (SELECT tenant, journey.utc_day(occurred_at) FROM was)
            ORDER BY p.tenant, p.day FOR UPDATE);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER days_came AFTER INSERT ON journey.event
        REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION journey.days_came()
    """,
    """
    CREATE TRIGGER days_changed AFTER UPDATE ON journey.event
        REFERENCING OLD TABLE AS was NEW TABLE AS came
        FOR EACH STATEMENT EXECUTE FUNCTION journey.days_changed()
    """,
    """
    CREATE TRIGGER days_went AFTER DELETE ON journey.event
        REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION journey.days_went()
    """,
)


def upgrade() -> None:
    for statement in (*STATEMENTS.split(";\n"), *FUNCTIONS):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    for name in ("days_came", "days_changed", "days_went"):
        op.execute(f"DROP TRIGGER {name} ON journey.event")
        op.execute(f"DROP FUNCTION journey.{name}")
    op.execute("DROP FUNCTION journey.utc_day")
    op.execute(
        "DROP TABLE journey.day_column, journey.day_pack, journey.day_due, journey.day_touched"
    )
