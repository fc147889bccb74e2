"""Local accounts, sessions, what people prefer, and who looked at personal data."""

from alembic import op

revision = "console_0001"
down_revision = None

STATEMENTS = """
CREATE TABLE console.account (
    tenant text NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('agent', 'lead', 'manager', 'admin')),
    password text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    disabled_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    PRIMARY KEY (id)
);

COMMENT ON COLUMN console.account.id IS 'what is typed to sign in, and sub of tokens: never reused';
COMMENT ON COLUMN console.account.password IS 'scrypt$n$r$p$salt$hash';

CREATE TABLE console.session (
    token bytea PRIMARY KEY,
    tenant text NOT NULL,
    person text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    csrf text NOT NULL,
    provider text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL
);

COMMENT ON COLUMN console.session.token IS 'SHA-256 of the cookie: a reader cannot sign in';
COMMENT ON COLUMN console.session.provider IS 'local, or oidc';

CREATE INDEX session_person ON console.session (tenant, person);
CREATE INDEX session_ends ON console.session (ends_at);

CREATE TABLE console.preference (
    tenant text NOT NULL,
    person text NOT NULL,
    language text NOT NULL CHECK (language IN ('zh', 'en')),
    theme text NOT NULL CHECK (theme IN ('auto', 'light', 'dark')),
    PRIMARY KEY (tenant, person)
);

CREATE TABLE console.unmasking (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    person text NOT NULL,
    role text NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('case', 'customer')),
    subject_id text NOT NULL,
    reason text,
    at timestamptz NOT NULL
);

CREATE INDEX unmasking_of ON console.unmasking (tenant, at)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE console.unmasking, console.preference, console.session, console.account")
