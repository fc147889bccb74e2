"""Old corrections that still have words are found without looking at the others."""

from alembic import op

revision = "nlp_0002"
down_revision = "nlp_0001"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX correction_words ON nlp.correction (at)"
        " WHERE text IS NOT NULL OR note IS NOT NULL"
    )
    op.execute("CREATE INDEX verdict_notes ON nlp.verdict (at) WHERE note IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX nlp.verdict_notes, nlp.correction_words")
