"""The example feedback through the whole platform, whose only way to PostgreSQL is a PgBouncer."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from heedful.cli.postgres import embedded_postgres
from tests.e2e import material
from tests.e2e.client import Client
from tests.e2e.processes import eventually
from tests.e2e.receiver import SECRET, Receiver, receiving
from tests.e2e.stack import KEY, KafkaStack
from tests.kafka_broker import running_broker
from tests.pooler.pgbouncer import deployed, running_pgbouncer

pytestmark = pytest.mark.kafka

TENANT = "pooled"
SERVERS = 12
"""Connections to PostgreSQL; four services would take 40."""
SAID = 80


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def test_the_platform_needs_no_connection_of_its_own(receiver: Receiver) -> None:
    """Migrations included: each process looks for its own at the start, through the pooler."""
    feedback, interactions = (
        material.examples(kind)[:SAID] for kind in ("feedback", "interactions")
    )
    expected = material.reds(feedback)
    with (
        tempfile.TemporaryDirectory(prefix="heedful-pooler-") as name,
        running_broker() as bootstrap,
        embedded_postgres(Path(name) / "data") as direct,
        running_pgbouncer(direct, {**deployed(), "default_pool_size": str(SERVERS)}) as pooled,
    ):
        environment = {
            "HEEDFUL_API_KEYS": f"{TENANT}:{KEY}:*",
            "HEEDFUL_LOG_FORMAT": "console",
            "HEEDFUL_ALERTING__WEBHOOK_URL": receiver.url,
            "HEEDFUL_ALERTING__WEBHOOK_SECRET": SECRET,
            "HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS": "true",
        }
        stack = KafkaStack(Path(name), environment, pooled, bootstrap)
        try:
            stack.start()
            client = Client(stack)
            for kind, items in (("feedback", feedback), ("interactions", interactions)):
                for start in range(0, len(items), 40):
                    client.post(kind, items[start : start + 40])
            told = eventually(lambda: _told(client, receiver, expected), "every red case told", 180)
            assert told
            wanted = len(feedback) + len(interactions)
            eventually(
                lambda: client.get("journey", "/v1/summary")["events"] == wanted, "journey", 120
            )
            (used,) = stack.query(
                "SELECT count(*) AS servers FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND datname = current_database()"
            )
            assert used["servers"] <= SERVERS
            for process in stack.processes.values():
                assert process.terminate() == 0, process.tail()
                said = process.log.read_text("utf-8")
                assert "prepared statement" not in said
                assert "Traceback" not in said
        finally:
            stack.stop()


def _told(client: Client, receiver: Receiver, expected: set[tuple[str, str]]) -> set[str]:
    """The ids of the red cases, when every red item is on one and each was told of."""
    cases = [case for case in client.pages("alerting", "/v1/cases") if case["colour"] == "red"]
    items = {
        (ref["source"], ref["id"])
        for case in cases
        for ref in case["feedback"]
        if ref["colour"] == "red"
    }
    ids = {case["id"] for case in cases}
    return ids if items == expected and ids <= set(receiver.told()) else set()
