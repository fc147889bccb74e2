"""Texts know what is asked for beside their words, so that of the many that have a word those at
one touchpoint are found without a look at each event.

PostgreSQL writes the labels down itself, from the event that is stored before its text in the same
transaction: a release that does not know them cannot leave old ones. Texts from before have none,
and are found as before, until `heedful search rebuild` gives them theirs.
"""

from alembic import op

revision = "journey_0010"
down_revision = "journey_0009"

STATEMENTS = (
    "ALTER TABLE journey.feedback_text ADD COLUMN labels text[]",
    # A plan that was made while the table was small would be kept as it grows.
    """
    CREATE FUNCTION journey.labels_of(of_tenant text, of_source text, of_id text) RETURNS text[]
    LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
    DECLARE found text[];
    BEGIN
        SELECT array_remove(ARRAY['touchpoint:' || e.touchpoint, 'channel:' || e.channel,
                'light:' || e.colour], NULL)
            || ARRAY(SELECT 'topic:' || topic FROM unnest(e.topics) AS topic)
        INTO found FROM journey.event e
        WHERE e.tenant = of_tenant AND e.kind = 'feedback' AND e.source = of_source
            AND e.id = of_id;
        RETURN coalesce(found, '{}');
    END $$
    """,
    """
    CREATE FUNCTION journey.text_labelled() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.labels := journey.labels_of(NEW.tenant, NEW.source, NEW.id);
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER text_labelled BEFORE INSERT OR UPDATE OF words ON journey.feedback_text
        FOR EACH ROW EXECUTE FUNCTION journey.text_labelled()
    """,
    "CREATE INDEX feedback_text_labels ON journey.feedback_text USING gin (labels)",
    "CREATE INDEX feedback_text_unlabelled ON journey.feedback_text (tenant) WHERE labels IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER text_labelled ON journey.feedback_text")
    op.execute("DROP FUNCTION journey.text_labelled, journey.labels_of")
    op.execute("ALTER TABLE journey.feedback_text DROP COLUMN labels")
