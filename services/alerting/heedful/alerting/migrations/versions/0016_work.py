"""What was done on a case is found without what its clocks told, and a step of a clock writes less.

The id of an event is made of its case and its sequence, which are the primary key. Clocks that are
moved and deliveries that are leased change in place when their pages have room.
"""

from alembic import op

revision = "alerting_0016"
down_revision = "alerting_0015"

STATEMENTS = """
CREATE INDEX case_event_work ON alerting.case_event (case_id, sequence)
    INCLUDE (kind, at, actor_type)
    WHERE kind NOT IN ('opened', 'warned', 'escalated', 'breached');
ALTER TABLE alerting.case_event DROP CONSTRAINT case_event_id_key;
ALTER TABLE alerting.clock SET (fillfactor = 70);
ALTER TABLE alerting.delivery SET (fillfactor = 60)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE alerting.case_event ADD UNIQUE (id)")
    op.execute("ALTER TABLE alerting.delivery RESET (fillfactor)")
    op.execute("ALTER TABLE alerting.clock RESET (fillfactor)")
    op.execute("DROP INDEX alerting.case_event_work")
