"""Members, and the links by which they act."""

from alembic import op

revision = "alerting_0006"
down_revision = "alerting_0005"

STATEMENTS = """
CREATE TABLE alerting.member (
    tenant text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    position text NOT NULL CHECK (position IN ('agent', 'lead', 'manager', 'director')),
    teams text[] NOT NULL,
    deputy text CHECK (deputy <> id),
    absences jsonb NOT NULL,
    handles jsonb NOT NULL,
    email text,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, deputy) REFERENCES alerting.member (tenant, id)
        ON DELETE SET NULL (deputy)
);
CREATE INDEX member_deputy ON alerting.member (tenant, deputy) WHERE deputy IS NOT NULL;
CREATE TABLE alerting.link (
    digest bytea PRIMARY KEY,
    tenant text NOT NULL,
    case_id text NOT NULL REFERENCES alerting.cases (id) ON DELETE CASCADE,
    member_id text NOT NULL,
    action text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    FOREIGN KEY (tenant, member_id) REFERENCES alerting.member (tenant, id) ON DELETE CASCADE
);
CREATE INDEX link_case ON alerting.link (case_id);
CREATE INDEX link_member ON alerting.link (tenant, member_id);
CREATE INDEX link_expires ON alerting.link (expires_at)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE alerting.link")
    op.execute("DROP TABLE alerting.member")
