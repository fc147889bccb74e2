"""Somebody overrides a light to red: one case, over the whole chain."""

from pathlib import Path

import httpx
import pytest

from heedful.common.topics import FEEDBACK_ENRICHED
from tests.e2e.client import Client
from tests.e2e.processes import eventually
from tests.e2e.receiver import Receiver
from tests.e2e.stack import KEY, running_stack

TENANT = "e2e"
SAID = {"id": "t1", "source": "shop", "channel": "chat", "text": "你们几点关门？"}


@pytest.mark.kafka
def test_an_override_to_red_opens_exactly_one_case(receiver: Receiver, tmp_path: Path) -> None:
    with running_stack("kafka", tmp_path, TENANT, receiver, {}) as stack:
        client = Client(stack)
        client.post("feedback", [SAID])
        rows = eventually(
            lambda: stack.query("SELECT id, colour FROM nlp.enrichment"), "the enrichment", 30
        )
        assert rows[0]["colour"] != "red"
        assert client.get("alerting", "/v1/cases")["items"] == []
        body = {
            "feedback": {"source": "shop", "id": "t1"},
            "enrichment_id": rows[0]["id"],
            "label": "light",
            "was": rows[0]["colour"],
            "value": "red",
        }
        headers = {"X-API-Key": KEY, "Idempotency-Key": "once"}
        for _ in range(2):
            answer = httpx.post(
                stack.url("nlp") + "/v1/corrections", json=body, headers=headers, timeout=30
            )
            assert answer.status_code == 201, answer.text
        (found,) = eventually(lambda: client.get("alerting", "/v1/cases")["items"], "a case", 30)
        case = client.get("alerting", f"/v1/cases/{found['id']}")
        assert [event["kind"] for event in case["events"]] == ["opened", "corrected"]
        assert case["reasons"] == [
            {"code": "corrected", "label_zh": "人工改判", "label_en": "Corrected by hand"}
        ]
        eventually(
            lambda: client.get("journey", "/v1/summary")["lights"].get("red") == 1, "journey", 30
        )
        assert len(stack.read_topic(FEEDBACK_ENRICHED.name)) == 2
        assert len(list(client.pages("alerting", "/v1/cases"))) == 1
