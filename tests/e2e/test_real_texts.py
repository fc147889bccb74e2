"""400 real texts from every labelled set, at full speed, through Kafka."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from heedful.common.contracts import Enrichment
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED
from tests.e2e import material
from tests.e2e.client import Client
from tests.e2e.processes import eventually
from tests.e2e.receiver import Receiver
from tests.e2e.stack import running_stack

COUNT = 400
TENANT = "real"


@pytest.mark.kafka
def test_real_texts(receiver: Receiver, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    material.require_data()
    items = material.real_texts(COUNT)
    assert len(items) == COUNT
    with running_stack("kafka", tmp_path, TENANT, receiver, {}) as stack:
        client = Client(stack)
        started = time.monotonic()
        for start in range(0, COUNT, 100):
            client.post("feedback", items[start : start + 100])
        accepted = time.monotonic() - started
        enriched = eventually(
            lambda: (
                (time.monotonic() - started)
                if client.get("journey", "/v1/summary")["events"] == COUNT
                else 0.0
            ),
            "all enriched",
            120,
        )
        messages = stack.read_topic(FEEDBACK_ENRICHED.name)
        payloads = [Enrichment.parse(message.value or b"") for message in messages]
        assert {p.feedback.id for p in payloads} == {item["id"] for item in items}
        assert len(stack.read_topic(FEEDBACK_RECEIVED.dlq)) == 0
        lights = Counter(p.light.colour.value for p in payloads)
        report = {
            "texts": COUNT,
            "accepted_per_s": round(COUNT / accepted),
            "through_per_s": round(COUNT / enriched),
            "lights": dict(lights),
            "stage_seconds": stage_seconds(client),
        }
        stages = report["stage_seconds"]
        assert isinstance(stages, dict)
        report["slowest_stage"] = max(stages, key=lambda stage: stages[stage])
        with capsys.disabled():
            print("\nreal texts: " + json.dumps(report, ensure_ascii=False))  # noqa: T201


def stage_seconds(client: Client) -> dict[str, float]:
    """Seconds that each consumer spent handling, from its own metrics."""
    found = {}
    for service in ("nlp", "journey", "alerting"):
        text = client.text(service, "/metrics")
        name = f'heedful_consumer_handle_seconds_sum{{group="heedful.{service}"}} '
        found[service] = round(
            sum(float(line[len(name) :]) for line in text.splitlines() if line.startswith(name)), 2
        )
    return found
