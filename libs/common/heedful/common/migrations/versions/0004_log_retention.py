"""The embedded log knows where its partitions begin and what they hold; tables for long runs."""

from alembic import op

revision = "common_0004"
down_revision = "common_0003"

# bus.record: records come at the back and go at the front, and are never changed. Vacuum follows
# deletes by number rather than by share of a large table, and freezes on its first way through.
# The small tables change all the time: room on the page keeps their updates out of the indexes.
STATEMENTS = """
ALTER TABLE bus.topic ADD COLUMN retention_bytes bigint;
ALTER TABLE bus.partition
    ADD COLUMN first_offset bigint NOT NULL DEFAULT 0,
    ADD COLUMN kept_bytes bigint NOT NULL DEFAULT 0;
UPDATE bus.partition p SET
    first_offset = coalesce(
        (SELECT min(r."offset") FROM bus.record r
         WHERE r.topic = p.topic AND r.partition = p.number), p.next_offset),
    kept_bytes = coalesce(
        (SELECT sum(coalesce(octet_length(r.key), 0) + coalesce(octet_length(r.value), 0)
                    + octet_length(r.headers)) FROM bus.record r
         WHERE r.topic = p.topic AND r.partition = p.number), 0);
DROP INDEX bus.record_written_at;
ALTER TABLE bus.record SET (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 50000,
    autovacuum_freeze_min_age = 0,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 50000
);
ALTER TABLE bus.member SET (fillfactor = 50);
ALTER TABLE bus.assignment SET (fillfactor = 50)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE bus.assignment RESET (fillfactor)")
    op.execute("ALTER TABLE bus.member RESET (fillfactor)")
    op.execute(
        "ALTER TABLE bus.record RESET (autovacuum_vacuum_scale_factor,"
        " autovacuum_vacuum_threshold, autovacuum_freeze_min_age,"
        " toast.autovacuum_vacuum_scale_factor, toast.autovacuum_vacuum_threshold)"
    )
    op.execute("CREATE INDEX record_written_at ON bus.record USING brin (written_at)")
    op.execute("ALTER TABLE bus.partition DROP COLUMN kept_bytes, DROP COLUMN first_offset")
    op.execute("ALTER TABLE bus.topic DROP COLUMN retention_bytes")
