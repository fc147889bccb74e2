"""Events of cases and administrative changes stand in hash chains, and anchors over these.

Events from before have no hash: a loop of the service links them as they are then
(audit/adopting.py), and so it does with what a replica of the release before writes meanwhile.
"""

from alembic import op

revision = "alerting_0010"
down_revision = "alerting_0009"

STATEMENTS = """
ALTER TABLE alerting.cases ADD COLUMN head bytea, ADD COLUMN head_sequence int;
ALTER TABLE alerting.case_event ADD COLUMN request_id text, ADD COLUMN kept jsonb,
    ADD COLUMN salt bytea, ADD COLUMN words bytea, ADD COLUMN hash bytea;
CREATE INDEX case_event_unlinked ON alerting.case_event (case_id) WHERE hash IS NULL;

CREATE TABLE alerting.audit_head (
    tenant text NOT NULL,
    chain text NOT NULL,
    position bigint NOT NULL,
    hash bytea NOT NULL,
    at timestamptz,
    PRIMARY KEY (tenant, chain)
) WITH (fillfactor = 50);

CREATE TABLE alerting.audit_pending (
    tenant text NOT NULL,
    chain text NOT NULL,
    position bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant, chain)
) WITH (fillfactor = 70);

CREATE TABLE alerting.audit_entry (
    tenant text NOT NULL,
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    actor_type text NOT NULL,
    actor_id text,
    request_id text,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    before jsonb,
    after jsonb,
    salt bytea,
    words bytea,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant, position)
);

CREATE INDEX audit_entry_subject
    ON alerting.audit_entry (tenant, subject_kind, subject_id, position);
CREATE INDEX audit_entry_actor ON alerting.audit_entry (tenant, actor_id, position);
CREATE INDEX audit_entry_action ON alerting.audit_entry (tenant, action, position);
CREATE INDEX audit_entry_at ON alerting.audit_entry (tenant, at);

CREATE TABLE alerting.audit_anchor (
    tenant text NOT NULL,
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    body text NOT NULL,
    hash bytea NOT NULL,
    signature bytea NOT NULL,
    logged_at timestamptz,
    PRIMARY KEY (tenant, position)
);

CREATE INDEX audit_anchor_unlogged ON alerting.audit_anchor (tenant, position)
    WHERE logged_at IS NULL;

CREATE TABLE alerting.audit_leaf (
    tenant text NOT NULL,
    anchor bigint NOT NULL,
    chain text NOT NULL,
    position bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant, anchor, chain)
);

CREATE INDEX audit_leaf_chain ON alerting.audit_leaf (tenant, chain, position)
"""

APPEND_ONLY = """
CREATE FUNCTION alerting.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""
GUARDED = {
    "audit_entry": "UPDATE OR DELETE",
    "audit_leaf": "UPDATE OR DELETE",
    "audit_anchor": "UPDATE OF tenant, position, at, body, hash, signature OR DELETE",
}


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
    op.execute(APPEND_ONLY)
    for table, changes in GUARDED.items():
        op.execute(
            f"CREATE TRIGGER append_only BEFORE {changes} ON alerting.{table}"
            " FOR EACH ROW EXECUTE FUNCTION alerting.append_only()"
        )


def downgrade() -> None:
    op.execute(
        "DROP TABLE alerting.audit_leaf, alerting.audit_anchor, alerting.audit_entry,"
        " alerting.audit_pending, alerting.audit_head"
    )
    op.execute("DROP FUNCTION alerting.append_only")
    op.execute("DROP INDEX alerting.case_event_unlinked")
    op.execute(
        "ALTER TABLE alerting.case_event DROP COLUMN request_id, DROP COLUMN kept,"
        " DROP COLUMN salt, DROP COLUMN words, DROP COLUMN hash"
    )
    op.execute("ALTER TABLE alerting.cases DROP COLUMN head, DROP COLUMN head_sequence")
