"""Issues: parents of cases about one thing, which tell in their place."""

from alembic import op

revision = "alerting_0017"
down_revision = "alerting_0016"

STATEMENTS = """
CREATE TABLE alerting.issue (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    topic text,
    touchpoint text,
    region text,
    title text,
    pace jsonb NOT NULL,
    plan jsonb,
    opened_at timestamptz NOT NULL,
    joined_at timestamptz NOT NULL,
    look_at timestamptz,
    told_at timestamptz,
    flushes int NOT NULL DEFAULT 0,
    told_to jsonb NOT NULL DEFAULT '{}',
    closed_at timestamptz
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX issue_open
    ON alerting.issue (tenant, topic, coalesce(touchpoint, ''), coalesce(region, ''))
    WHERE closed_at IS NULL AND topic IS NOT NULL;
CREATE INDEX issue_look ON alerting.issue (look_at, id) WHERE look_at IS NOT NULL;
CREATE INDEX issue_listed ON alerting.issue (tenant, opened_at, id);

CREATE TABLE alerting.issue_case (
    issue_id text NOT NULL,
    case_id text NOT NULL,
    joined_at timestamptz NOT NULL,
    until timestamptz,
    PRIMARY KEY (issue_id, case_id)
);
CREATE UNIQUE INDEX issue_case_open ON alerting.issue_case (case_id) WHERE until IS NULL;

CREATE TABLE alerting.issue_notice (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    tenant text NOT NULL,
    issue_id text NOT NULL,
    case_id text NOT NULL,
    event_type text NOT NULL,
    colour text NOT NULL,
    clock text,
    step text NOT NULL,
    at timestamptz NOT NULL,
    tell_at timestamptz NOT NULL,
    latest timestamptz,
    audience text[] NOT NULL,
    mentions jsonb NOT NULL,
    endpoints text[] NOT NULL,
    flush int
);
CREATE INDEX issue_notice_waiting ON alerting.issue_notice (issue_id, case_id)
    WHERE flush IS NULL;
CREATE INDEX issue_notice_told ON alerting.issue_notice (at) WHERE flush IS NOT NULL;

CREATE TABLE alerting.issue_answer (
    id text PRIMARY KEY,
    issue_id text NOT NULL,
    answer text NOT NULL,
    at timestamptz NOT NULL,
    actor_type text NOT NULL,
    actor_id text
);

CREATE TABLE alerting.issue_task (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    issue_id text NOT NULL,
    case_id text NOT NULL,
    kind text NOT NULL,
    answer_id text NOT NULL DEFAULT '',
    wanted_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX issue_task_due ON alerting.issue_task (due_at, id);

CREATE TABLE alerting.issue_event (
    issue_id text NOT NULL,
    number int NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    actor_type text NOT NULL,
    actor_id text,
    detail jsonb NOT NULL,
    PRIMARY KEY (issue_id, number)
);

CREATE INDEX cases_storm ON alerting.cases (tenant, topic, opened_at)
    WHERE topic IS NOT NULL AND over_at IS NULL;
CREATE INDEX cases_storm_again ON alerting.cases (tenant, topic)
    WHERE topic IS NOT NULL AND over_at IS NULL AND cycle > 1;

ALTER TABLE alerting.endpoint ADD COLUMN storms text
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE alerting.endpoint DROP COLUMN storms")
    op.execute("DROP INDEX alerting.cases_storm, alerting.cases_storm_again")
    op.execute(
        "DROP TABLE alerting.issue_event, alerting.issue_task, alerting.issue_answer,"
        " alerting.issue_notice, alerting.issue_case, alerting.issue"
    )
