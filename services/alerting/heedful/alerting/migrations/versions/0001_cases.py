"""Cases with their events and clocks, timers, the watch, endpoints and deliveries."""

from alembic import op

revision = "alerting_0001"
down_revision = None

STATEMENTS = """
CREATE TABLE alerting.cases (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    state text NOT NULL,
    colour text NOT NULL,
    sequence int NOT NULL CHECK (sequence > 0),
    source text NOT NULL,
    feedback_id text NOT NULL,
    channel text NOT NULL,
    received_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    respond_due timestamptz NOT NULL,
    plan_due timestamptz NOT NULL,
    land_due timestamptz NOT NULL,
    reasons jsonb NOT NULL,
    owner text,
    action text,
    action_due timestamptz,
    root_cause text,
    action_taken text
) WITH (fillfactor = 80);

CREATE INDEX cases_listed ON alerting.cases (tenant, opened_at DESC, id DESC);
CREATE INDEX cases_by_state ON alerting.cases (tenant, state, opened_at DESC, id DESC);
CREATE INDEX cases_by_colour ON alerting.cases (tenant, colour, opened_at DESC, id DESC);
CREATE INDEX cases_open ON alerting.cases (state) WHERE state <> 'closed';

CREATE TABLE alerting.case_feedback (
    tenant text NOT NULL,
    source text NOT NULL,
    feedback_id text NOT NULL,
    case_id text NOT NULL REFERENCES alerting.cases (id),
    channel text NOT NULL,
    colour text NOT NULL,
    classified boolean NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, source, feedback_id)
);

CREATE INDEX case_feedback_by_case ON alerting.case_feedback (case_id);

CREATE TABLE alerting.case_event (
    case_id text NOT NULL REFERENCES alerting.cases (id),
    sequence int NOT NULL CHECK (sequence > 0),
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    id text NOT NULL UNIQUE,
    tenant text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor_type text NOT NULL,
    actor_id text,
    colour text NOT NULL,
    feedback_source text,
    feedback_id text,
    clock text,
    deadlines jsonb,
    note text,
    detail jsonb NOT NULL,
    published_at timestamptz,
    PRIMARY KEY (case_id, sequence)
);

CREATE INDEX case_event_unpublished ON alerting.case_event (position) WHERE published_at IS NULL;

CREATE TABLE alerting.clock (
    case_id text NOT NULL REFERENCES alerting.cases (id),
    metric text NOT NULL,
    tenant text NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    fulfilled_at timestamptz,
    fulfilled_by text,
    breached_at timestamptz,
    PRIMARY KEY (case_id, metric)
);

CREATE INDEX clock_running ON alerting.clock (tenant, due_at) WHERE fulfilled_at IS NULL;
CREATE INDEX clock_cohort ON alerting.clock (tenant, metric, due_at);

CREATE TABLE alerting.timer (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    case_id text NOT NULL,
    metric text NOT NULL,
    due_at timestamptz NOT NULL,
    dedupe_key text NOT NULL UNIQUE,
    state text NOT NULL DEFAULT 'pending',
    claimed_by text,
    lease_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    finished_at timestamptz
);

CREATE INDEX timer_pending ON alerting.timer (due_at, id) WHERE state = 'pending';
CREATE INDEX timer_by_case ON alerting.timer (case_id) WHERE state = 'pending';

CREATE TABLE alerting.watch (
    tenant text NOT NULL,
    source text NOT NULL,
    feedback_id text NOT NULL,
    channel text NOT NULL,
    received_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    keys text[] NOT NULL,
    PRIMARY KEY (tenant, source, feedback_id)
);

CREATE INDEX watch_due ON alerting.watch (due_at);

CREATE TABLE alerting.enriched (
    tenant text NOT NULL,
    source text NOT NULL,
    feedback_id text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, source, feedback_id)
);

CREATE INDEX enriched_seen_at ON alerting.enriched USING brin (seen_at);

CREATE TABLE alerting.contact (
    tenant text NOT NULL,
    key text NOT NULL,
    occurred_at timestamptz NOT NULL,
    source text NOT NULL,
    interaction_id text NOT NULL,
    actor_id text,
    PRIMARY KEY (tenant, key, occurred_at, source, interaction_id)
);

CREATE INDEX contact_occurred_at ON alerting.contact (occurred_at);

CREATE TABLE alerting.case_key (
    tenant text NOT NULL,
    key text NOT NULL,
    case_id text NOT NULL,
    PRIMARY KEY (tenant, key, case_id)
);

CREATE INDEX case_key_by_case ON alerting.case_key (case_id);

CREATE TABLE alerting.endpoint (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    url text NOT NULL,
    description text,
    events text[] NOT NULL,
    enabled boolean NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX endpoint_listed ON alerting.endpoint (tenant, created_at DESC, id DESC);

CREATE TABLE alerting.delivery (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    case_id text NOT NULL,
    endpoint_id text NOT NULL,
    event_type text NOT NULL,
    body bytea NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts int NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    claimed_by text,
    lease_until timestamptz,
    fence bigint NOT NULL DEFAULT 0
);

CREATE INDEX delivery_pending ON alerting.delivery (due_at, id) WHERE state = 'pending';
CREATE INDEX delivery_of_endpoint ON alerting.delivery (endpoint_id) WHERE state = 'pending';
CREATE INDEX delivery_listed ON alerting.delivery (tenant, created_at DESC, id DESC);
CREATE INDEX delivery_of_case ON alerting.delivery (tenant, case_id, created_at DESC, id DESC);
CREATE INDEX delivery_by_state ON alerting.delivery (tenant, state, created_at DESC, id DESC);

CREATE TABLE alerting.attempt (
    delivery_id text NOT NULL REFERENCES alerting.delivery (id),
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    status int,
    error text,
    duration_ms int NOT NULL,
    PRIMARY KEY (delivery_id, number)
);

CREATE TABLE alerting.lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    until timestamptz NOT NULL
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE alerting.lease, alerting.attempt, alerting.delivery, alerting.endpoint,"
        " alerting.case_key, alerting.contact, alerting.enriched, alerting.watch,"
        " alerting.timer, alerting.clock, alerting.case_event, alerting.case_feedback,"
        " alerting.cases"
    )
