"""Whatever comes in: what the platform emits beside its topics holds nothing of it."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from heedful.common.topics import FEEDBACK_RECEIVED, TOPICS
from tests.e2e import planted
from tests.e2e.client import Client
from tests.e2e.processes import eventually
from tests.e2e.receiver import Receiver
from tests.e2e.stack import Stack, running_stack

TENANT = "e2e"
# Everything that any level would log, in the form that is kept.
SETTINGS = {
    "HEEDFUL_LOG_LEVEL": "DEBUG",
    "HEEDFUL_LOG_FORMAT": "json",
    "HEEDFUL_ALERTING__RESPOND_SECONDS": "4",
    "HEEDFUL_ALERTING__WARN_BEFORE_SECONDS": "2",
}
REFUSED = 400


def test_no_planted_value_is_emitted(receiver: Receiver, tmp_path: Path) -> None:
    with running_stack("embedded", tmp_path, TENANT, receiver, SETTINGS) as stack:
        client = Client(stack)
        client.post("feedback", [planted.SAID])
        client.post("interactions", [planted.VISIT])
        buried = planted.poison(stack)
        refused = [one for one in planted.rejections(stack) if one.status_code >= REFUSED]
        assert len(refused) >= 20
        eventually(lambda: len(dead_letters(stack)) >= buried, f"{buried} dead letters", 60)
        eventually(
            lambda: (
                {"case.opened", "case.breached"}
                <= {one.body["type"] for one in tuple(receiver.accepted)}
            ),
            "webhooks of a case",
            60,
        )
        eventually(lambda: client.get("journey", "/v1/summary")["events"] >= 2, "journey", 60)
        emitted = {
            **{f"answer {n} to {one.request.url.path[:20]}": shown(one.text, one.headers)
               for n, one in enumerate(refused)},
            **{f"metrics of {name}": client.text(name, "/metrics")
               for name in ("ingest", "nlp", "journey", "alerting")},
            "dead letters": "\n".join(dead_letters(stack)),
            "webhooks": orjson.dumps([one.body for one in receiver.accepted]).decode(),
            "redacted text": received(stack),
        }  # fmt: skip
    emitted["log"] = (tmp_path / "heedful.log").read_text()
    assert "dead letter" in emitted["log"]
    found = {name: planted.leaks(text) for name, text in emitted.items()}
    # Identifiers travel in their own field, and what rules cannot know stays: the words.
    assert found.pop("redacted text") == ["words"]
    assert {name: leaked for name, leaked in found.items() if leaked} == {}


def shown(body: str, headers: object) -> str:
    return f"{headers}\n{body}\n{orjson.dumps(body).decode()}"


def dead_letters(stack: Stack) -> list[str]:
    """Keys and headers; the value is the original and stays in the restricted topic."""
    return [
        f"{message.key!r} {[(name, value.decode()) for name, value in message.headers]}"
        for topic in TOPICS
        for message in stack.read_topic(topic.dlq)
    ]


def received(stack: Stack) -> str:
    """What was accepted, without the identifiers."""
    return "\n".join(_published(stack))


def _published(stack: Stack) -> Iterator[str]:
    for message in stack.read_topic(FEEDBACK_RECEIVED.name):
        if (
            message.value
            and message.value.startswith(b"{")
            and message.header("ce_id") == "planted-1"
        ):
            body = orjson.loads(message.value)
            body.pop("identifiers")
            yield orjson.dumps(body).decode()
