"""Events, identifiers, links between them, and who they belong to."""

from alembic import op

revision = "journey_0001"
down_revision = None

STATEMENTS = """
CREATE TABLE journey.identifier (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    type text NOT NULL,
    scope text NOT NULL,
    value text NOT NULL,
    customer_id uuid,
    linking boolean NOT NULL,
    shared boolean NOT NULL DEFAULT false,
    first_seen timestamptz NOT NULL,
    evidence_kind text COLLATE "C" NOT NULL,
    evidence_source text COLLATE "C" NOT NULL,
    evidence_id text COLLATE "C" NOT NULL
) WITH (fillfactor = 80);

COMMENT ON COLUMN journey.identifier.customer_id IS
    'the id of one identifier of the customer: there is no other list of customers';
COMMENT ON COLUMN journey.identifier.linking IS
    'false: seen with too much to say who somebody is, or a device; never true again';

CREATE UNIQUE INDEX identifier_value ON journey.identifier (tenant, type, value, scope);
CREATE INDEX identifier_customer ON journey.identifier (customer_id);
CREATE INDEX identifier_is_customer ON journey.identifier (tenant, id) WHERE customer_id = id;

CREATE TABLE journey.link (
    a uuid NOT NULL,
    b uuid NOT NULL,
    PRIMARY KEY (a, b)
);

CREATE TABLE journey.move (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('merge', 'split')),
    from_id uuid NOT NULL,
    into_id uuid NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    evidence_kind text NOT NULL,
    evidence_source text NOT NULL,
    evidence_id text NOT NULL
);

CREATE INDEX move_from ON journey.move (from_id);
CREATE INDEX move_into ON journey.move (into_id);

CREATE TABLE journey.conversation (
    tenant text NOT NULL,
    id text NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE journey.event (
    tenant text NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('feedback', 'interaction')),
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    enriched_at timestamptz,
    channel text,
    touchpoint text COLLATE "C",
    department text,
    interaction_kind text,
    colour text,
    polarity text,
    topics text[] NOT NULL,
    conversation_id text,
    identifiers uuid[] NOT NULL,
    customer_id uuid,
    identified boolean NOT NULL,
    payload jsonb NOT NULL,
    PRIMARY KEY (tenant, kind, source, id)
);

COMMENT ON COLUMN journey.event.identifiers IS 'strongest first';
COMMENT ON COLUMN journey.event.identified IS
    'the customer was found by identifiers of this event, not through its conversation';

CREATE INDEX event_timeline
    ON journey.event (customer_id, occurred_at, received_at, id, kind, source)
    WHERE customer_id IS NOT NULL;
CREATE INDEX event_conversation ON journey.event (tenant, conversation_id)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX event_touchpoint
    ON journey.event (tenant, occurred_at) INCLUDE (touchpoint, kind, colour);
CREATE INDEX event_unidentified ON journey.event USING gin (identifiers)
    WHERE NOT identified AND identifiers <> '{}'
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE journey.event, journey.conversation, journey.move, journey.link,"
        " journey.identifier"
    )
