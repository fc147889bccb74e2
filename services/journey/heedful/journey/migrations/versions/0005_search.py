"""What customers said, to be searched: by words everywhere, by meaning where pgvector is."""

from alembic import op

revision = "journey_0005"
down_revision = "journey_0004"

STATEMENTS = """
CREATE TABLE journey.feedback_text (
    tenant text NOT NULL,
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    words tsvector NOT NULL,
    embedding bytea,
    embedding_version text,
    PRIMARY KEY (tenant, source, id)
);

COMMENT ON COLUMN journey.feedback_text.embedding IS '512 signed bytes; only cosines count';
COMMENT ON COLUMN journey.feedback_text.embedding_version IS 'of the model that made it';

CREATE INDEX feedback_text_words ON journey.feedback_text USING gin (words)
"""

FUNCTIONS = (
    """
    CREATE FUNCTION journey.texts_went() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM journey.feedback_text t USING was
        WHERE was.kind = 'feedback'
            AND (t.tenant, t.source, t.id) = (was.tenant, was.source, was.id);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER text_went AFTER DELETE ON journey.event
        REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION journey.texts_went()
    """,
    # halfvec came with pgvector 0.7. Creating the extension takes a superuser.
    """
    CREATE FUNCTION journey.make_vectors() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')
            AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')
            AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        THEN
            CREATE EXTENSION vector;
        END IF;
        IF to_regtype('halfvec') IS NULL THEN
            RETURN false;
        END IF;
        CREATE TABLE IF NOT EXISTS journey.feedback_vector (
            tenant text NOT NULL,
            source text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL,
            version text NOT NULL,
            embedding halfvec(512) NOT NULL,
            PRIMARY KEY (tenant, source, id),
            FOREIGN KEY (tenant, source, id) REFERENCES journey.feedback_text ON DELETE CASCADE
        );
        ALTER TABLE journey.feedback_vector ALTER COLUMN embedding SET STORAGE PLAIN;
        RETURN true;
    END $$
    """,
    "SELECT journey.make_vectors()",
)


def upgrade() -> None:
    for statement in (*STATEMENTS.split(";\n"), *FUNCTIONS):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER text_went ON journey.event")
    op.execute("DROP FUNCTION journey.texts_went, journey.make_vectors")
    op.execute("DROP TABLE IF EXISTS journey.feedback_vector")
    op.execute("DROP TABLE journey.feedback_text")
