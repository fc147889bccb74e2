"""From the previous release to this one, with both running on one Kafka and one PostgreSQL."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from heedful.cli.postgres import embedded_postgres
from heedful.common.contracts import CaseEvent, Colour, Enrichment
from heedful.common.topics import CASE_EVENT, FEEDBACK_ENRICHED, TOPICS
from tests.e2e import material
from tests.e2e.client import Client
from tests.e2e.previous import checked_out
from tests.e2e.processes import BIN, Process, eventually
from tests.e2e.receiver import SECRET, Receiver
from tests.e2e.stack import KEY, KafkaStack
from tests.e2e.test_examples import wait_for_cases, wait_for_events
from tests.kafka_broker import running_broker

pytestmark = pytest.mark.kafka

TENANT = "upgrade"
EVERY = 5
PARTS = 5
WRONG = ("error", "critical")
MIGRATE_S = 120


def test_both_releases_work_side_by_side_and_nothing_is_lost_or_done_twice(
    receiver: Receiver, tmp_path: Path
) -> None:
    feedback = material.examples("feedback")[::EVERY]
    interactions = material.examples("interactions")[::EVERY]
    parts = iter([feedback[start::PARTS] for start in range(PARTS)])
    with running_broker() as bootstrap, embedded_postgres(tmp_path / "data") as url:
        old = release(tmp_path, "old", url, bootstrap, receiver, checked_out(tmp_path / "previous"))
        new = release(tmp_path, "new", url, bootstrap, receiver, None)
        try:
            old.start()
            before = Client(old)
            before.post("feedback", next(parts))
            migrate(url)
            # The old release goes on with the schema of the new one.
            before.post("feedback", next(parts))
            before.post("interactions", interactions)
            new.start()
            after = Client(new)
            before.post("feedback", next(parts))
            after.post("feedback", next(parts))
            for process in old.processes.values():
                assert process.terminate() == 0, process.tail()
            after.post("feedback", next(parts))
            wait_for_events(after, len(feedback) + len(interactions))
            check(new, after, receiver, len(feedback))
        finally:
            for stack in (old, new):
                stack.stop()
    for stack in (old, new):
        for process in stack.processes.values():
            assert wrong(process) == []


def release(
    folder: Path,
    name: str,
    url: str,
    bootstrap: str,
    receiver: Receiver,
    path: str | None,
) -> KafkaStack:
    """The four services of a release.

    Args:
        path: of its code; None: what is installed.
    """
    (folder / name).mkdir()
    env = {
        "HEEDFUL_API_KEYS": f"{TENANT}:{KEY}:*",
        "HEEDFUL_ALERTING__WEBHOOK_URL": receiver.url,
        "HEEDFUL_ALERTING__WEBHOOK_SECRET": SECRET,
        "HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS": "true",
        # The new one is migrated as in production: by a job before it.
        "HEEDFUL_MIGRATE_AT_START": "true" if path else "false",
    }
    stack = KafkaStack(folder / name, env, url, bootstrap)
    extra = {"HEEDFUL_KAFKA__SESSION_TIMEOUT_SECONDS": "30"}
    if path is not None:
        extra["PYTHONPATH"] = path
    stack.processes = {
        service: Process(
            f"{name} {service}",
            one.command if path is None else started(service),
            {**one.env, **extra},
            one.log,
        )
        for service, one in stack.processes.items()
    }
    return stack


def started(service: str) -> tuple[str, ...]:
    return ("python", "-c", f"from heedful.{service}.main import main; main()")


def migrate(url: str) -> None:
    """What the Job of the new release does."""
    clean: Mapping[str, str] = {k: v for k, v in os.environ.items() if "HEEDFUL_" not in k}
    done = subprocess.run(
        [str(BIN / "heedful"), "migrate"],
        env={**clean, "HEEDFUL_DATABASE_URL": url},
        capture_output=True,
        check=False,
        timeout=MIGRATE_S,
    )
    assert done.returncode == 0, done.stderr.decode()


def check(stack: KafkaStack, client: Client, receiver: Receiver, feedback: int) -> None:
    enriched = stack.read_topic(FEEDBACK_ENRICHED.name)
    # Both releases' events, read by the contracts of the newer one.
    payloads = [Enrichment.parse(message.value or b"") for message in enriched]
    ids = Counter((one.feedback.source, one.feedback.id) for one in payloads)
    assert len(ids) == feedback
    assert set(ids.values()) == {1}
    reds = {
        (one.feedback.source, one.feedback.id) for one in payloads if one.light.colour is Colour.RED
    }
    cases = wait_for_cases(client, reds)
    told = {case["id"] for case in cases if case["colour"] == "red"}
    eventually(lambda: told <= receiver.told().keys(), "a webhook for every red case", 180)
    assert {len(ids) for ids in receiver.ids_by_step().values()} == {1}
    for topic in TOPICS:
        assert stack.read_topic(topic.dlq) == [], topic.dlq
    for message in stack.read_topic(CASE_EVENT.name):
        CaseEvent.parse(message.value or b"")


def wrong(process: Process) -> Sequence[str]:
    """Lines of a log that tell of an error of ours: aiokafka calls its first look for a group's
    coordinator, which a new broker does not have yet, one."""
    lines = process.log.read_text(errors="replace").splitlines()
    said = [json.loads(line) for line in lines if line.startswith("{")]
    assert said, f"{process.name} wrote no log"
    return [
        str(line)
        for line in said
        if line["level"] in WRONG and not line["logger"].startswith("aiokafka.")
    ]
