"""What may be corrected, what was, the weekly sample and what auditors said of it."""

from alembic import op

revision = "nlp_0001"
down_revision = None

STATEMENTS = """
CREATE TABLE nlp.enrichment (
    tenant text NOT NULL,
    source text NOT NULL,
    feedback_id text NOT NULL,
    id text NOT NULL,
    enriched_at timestamptz NOT NULL,
    colour text NOT NULL,
    backfill boolean NOT NULL,
    key text NOT NULL,
    payload text NOT NULL,
    PRIMARY KEY (tenant, source, feedback_id)
);

COMMENT ON TABLE nlp.enrichment IS 'the newest of the machine, for as long as it can be corrected';
COMMENT ON COLUMN nlp.enrichment.key IS 'of the record, so that what is published keeps the order';

CREATE INDEX enrichment_age ON nlp.enrichment USING brin (enriched_at);

CREATE TABLE nlp.correction (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    source text NOT NULL,
    feedback_id text NOT NULL,
    enrichment_id text NOT NULL,
    label text NOT NULL,
    was text,
    value text,
    note text,
    basis text NOT NULL CHECK (basis IN ('correction', 'audit')),
    actor_type text NOT NULL,
    actor_id text,
    at timestamptz NOT NULL,
    versions jsonb NOT NULL,
    text text
);

COMMENT ON COLUMN nlp.correction.text IS 'the words that were judged; null once they are erased';

CREATE INDEX correction_listed ON nlp.correction (tenant, at DESC, id DESC);
CREATE INDEX correction_of ON nlp.correction (tenant, source, feedback_id, at);
CREATE INDEX correction_at ON nlp.correction (at, id);

CREATE TABLE nlp.sample (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    week date NOT NULL,
    rank bytea NOT NULL,
    source text NOT NULL,
    feedback_id text NOT NULL,
    key text NOT NULL,
    payload text NOT NULL
);

COMMENT ON COLUMN nlp.sample.rank IS 'a keyed hash: the lowest of a week are its random sample';

CREATE INDEX sample_drawn ON nlp.sample (tenant, week, rank);
CREATE INDEX sample_of ON nlp.sample (tenant, source, feedback_id);

CREATE TABLE nlp.verdict (
    sample_id text PRIMARY KEY,
    tenant text NOT NULL,
    week date NOT NULL,
    source text NOT NULL,
    feedback_id text NOT NULL,
    enrichment_id text NOT NULL,
    labels jsonb NOT NULL,
    note text,
    actor_type text NOT NULL,
    actor_id text,
    at timestamptz NOT NULL,
    versions jsonb NOT NULL
);

CREATE INDEX verdict_at ON nlp.verdict (at);
CREATE INDEX verdict_of ON nlp.verdict (tenant, source, feedback_id)
"""

APPEND_ONLY = """
CREATE FUNCTION nlp.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('heedful.erasing', true) = 'on' AND TG_OP = 'UPDATE' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'nlp.% is append-only', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(APPEND_ONLY)
    for table in ("correction", "verdict"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON nlp.{table}"
            " FOR EACH ROW EXECUTE FUNCTION nlp.append_only()"
        )


def downgrade() -> None:
    op.execute("DROP TABLE nlp.enrichment, nlp.correction, nlp.sample, nlp.verdict")
    op.execute("DROP FUNCTION nlp.append_only")
