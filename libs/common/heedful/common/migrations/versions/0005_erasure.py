"""What was erased and must not come back, and the receipts that were given for it.

Each service has rows of its own, as in the outbox. No row leads to a person: what is kept are
keyed hashes.
"""

from alembic import op

revision = "common_0005"
down_revision = "common_0004"

STATEMENTS = """
CREATE TABLE common.tombstone (
    service text NOT NULL,
    hash bytea NOT NULL,
    erasure_id text NOT NULL,
    until timestamptz,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (service, hash)
);

COMMENT ON COLUMN common.tombstone.until IS
    'what was received later is not meant; null for the key of an item, which is meant for ever';

CREATE INDEX tombstone_age ON common.tombstone (service, made_at);

CREATE TABLE common.erasure_receipt (
    service text NOT NULL,
    erasure_id text NOT NULL,
    part int NOT NULL,
    payload bytea NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (service, erasure_id, part)
);

CREATE INDEX erasure_receipt_age ON common.erasure_receipt (service, made_at)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE common.erasure_receipt, common.tombstone")
