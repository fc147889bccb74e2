"""PostgreSQL lost and restored from a backup, and consumers set back: docs/recovery.md, as it is
written there."""

import asyncio
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from heedful.cli.postgres import embedded_postgres
from heedful.common.topics import FEEDBACK_ENRICHED, TOPICS
from tests.e2e import material
from tests.e2e.client import Client
from tests.e2e.processes import BIN, eventually
from tests.e2e.receiver import SECRET, Receiver
from tests.e2e.stack import KEY, KafkaStack
from tests.e2e.test_examples import wait_for_cases, wait_for_events
from tests.kafka_broker import running_broker

pytestmark = pytest.mark.kafka

TENANT = "recovery"
EVERY = 8
COMMAND_S = 120
SCHEMAS = """
    SELECT nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')
"""


def test_a_restored_database_and_rewound_consumers_are_as_if_nothing_had_happened(
    receiver: Receiver, tmp_path: Path
) -> None:
    feedback = material.examples("feedback")[::EVERY]
    interactions = material.examples("interactions")[::EVERY]
    reds = material.reds(feedback)
    data = tmp_path / "data" / "postgres"
    first, second, last = feedback[::3], feedback[1::3], feedback[2::3]
    with running(receiver, tmp_path) as (stack, database):
        client = Client(stack)
        client.post("feedback", first)
        wait_for_events(client, len(first))
        gone = {(one["source"], one["id"]) for one in last}
        wait_for_cases(client, reds & {(one["source"], one["id"]) for one in first})
        # What is read next may not be in the backup, though it was written before that began.
        caught_up = datetime.now(UTC)
        client.post("interactions", interactions)
        backup = tmp_path / "backup.dump"
        pg(data, database, "pg_dump", "--format=custom", "--file", str(backup))
        client.post("feedback", second)
        whole = len(first) + len(second) + len(interactions)
        wait_for_events(client, whole)
        # Alerting may be behind journey, and a case that is opened later is no part of what was.
        eventually(stack.at_rest, "all of it consumed", 120)
        before = state(client, reds - gone)
        told = settled(receiver, before)

        for process in stack.processes.values():
            process.kill()
        destroy(stack)
        pg(data, database, "pg_restore", "--dbname", database, "--exit-on-error", str(backup))
        rewind(stack, caught_up)
        stack.start()

        wait_for_events(client, whole)
        eventually(stack.at_rest, "all of it consumed again", 120)
        after = state(client, reds - gone)
        assert after.customers == before.customers
        timely = before.by_signal | after.by_signal
        assert without(after.cases, timely) == without(before.cases, timely)
        client.post("feedback", last)
        wait_for_events(client, whole + len(last))
        wait_for_cases(client, reds)
        check_notices(receiver, told)
        enriched = {m.header("ce_id") for m in stack.read_topic(FEEDBACK_ENRICHED.name)}
        assert len(enriched) == len(feedback)
        for topic in TOPICS:
            assert stack.read_topic(topic.dlq) == [], topic.dlq


@contextmanager
def running(receiver: Receiver, folder: Path) -> Iterator[tuple[KafkaStack, str]]:
    """The four services, and the URL of their database."""
    env = {
        "HEEDFUL_API_KEYS": f"{TENANT}:{KEY}:*",
        "HEEDFUL_ALERTING__WEBHOOK_URL": receiver.url,
        "HEEDFUL_ALERTING__WEBHOOK_SECRET": SECRET,
        "HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS": "true",
    }
    with running_broker() as bootstrap, embedded_postgres(folder / "data") as url:
        stack = KafkaStack(folder, env, url, bootstrap)
        try:
            stack.start()
            yield stack, url
        finally:
            stack.stop()


def pg(folder: Path, url: str, tool: str, *arguments: str) -> None:
    """PostgreSQL's own tool, of the server's version.

    Args:
        folder: of the server's data.
    """
    server = Path((folder / "postmaster.opts").read_text().split()[0])
    where = () if "--dbname" in arguments else ("--dbname", url)
    done = subprocess.run(
        [str(server.parent / tool), *where, *arguments],
        capture_output=True,
        check=False,
        timeout=COMMAND_S,
    )
    assert done.returncode == 0, done.stderr.decode()


def destroy(stack: KafkaStack) -> None:
    """Nothing of heedful is left in the database."""

    async def run() -> None:
        connection = await asyncpg.connect(stack.database_url())
        try:
            for (schema,) in await connection.fetch(SCHEMAS):
                await connection.execute(f"DROP SCHEMA {schema} CASCADE")
        finally:
            await connection.close()

    asyncio.run(run())


def rewind(stack: KafkaStack, to: datetime) -> None:
    command = [str(BIN / "heedful"), "offsets", "rewind", "--to", to.isoformat(), "--execute"]
    env = {**clean(), **stack.processes["nlp"].env}

    def tried() -> bool:
        # A killed member counts as one until its session ends.
        done = subprocess.run(
            command, env=env, capture_output=True, check=False, timeout=COMMAND_S, text=True
        )
        assert done.returncode == 0 or "there are members" in done.stderr, done.stderr
        return done.returncode == 0

    eventually(tried, "the groups set back", 60)


def clean() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if "HEEDFUL_" not in name}


@dataclass(frozen=True)
class State:
    """What users see: cases with their clocks and steps, customers with their timelines.

    Attributes:
        by_signal: cases that a signal opened or may have raised. A signal tells what was known at
            its time, and what is read again comes in another order of topics.
    """

    cases: Mapping[str, Any]
    customers: Mapping[str, Any]
    by_signal: frozenset[str]


def state(client: Client, reds: set[tuple[str, str]]) -> State:
    cases, by_signal = {}, set()
    for case in wait_for_cases(client, reds):
        whole = client.get("alerting", f"/v1/cases/{case['id']}")
        cases[case["id"]] = {
            "feedback": sorted((ref["source"], ref["id"]) for ref in whole["feedback"]),
            "colour": whole["colour"],
            "state": whole["state"],
            "deadlines": whole["deadlines"],
        }
        if whole["signals"] and not any(ref["colour"] == "red" for ref in whole["feedback"]):
            by_signal.add(case["id"])
    customers = {}
    for customer in client.pages("journey", "/v1/customers"):
        events = client.pages("journey", f"/v1/customers/{customer['id']}/timeline")
        customers[customer["id"]] = [(one["source"], one["id"]) for one in events]
    return State(cases, customers, frozenset(by_signal))


def without(cases: Mapping[str, Any], left_out: frozenset[str]) -> dict[str, Any]:
    return {id_: case for id_, case in cases.items() if id_ not in left_out}


def settled(receiver: Receiver, known: State) -> dict[tuple[str, str, str, str], set[str]]:
    """The notices of every red case, once each was told."""
    reds = {id_ for id_, case in known.cases.items() if case["colour"] == "red"}
    eventually(lambda: reds <= receiver.told().keys(), "a webhook for every red case", 180)
    return receiver.ids_by_step()


def check_notices(receiver: Receiver, before: dict[tuple[str, str, str, str], set[str]]) -> None:
    """A notice that comes again comes under its id, by which its receiver knows it."""
    for step, ids in receiver.ids_by_step().items():
        assert len(ids) == 1, f"{step} came under {len(ids)} ids"
        assert before.get(step, ids) == ids
