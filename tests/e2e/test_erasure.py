"""One customer is erased from a running platform, and the other one notices nothing.

The log itself is left out: it forgets by its retention, and the receipts say until when.
"""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from heedful.common.bus.base import Outgoing
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.headers import unpack
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED, INTERACTION_RECORDED
from tests.e2e.client import Client
from tests.e2e.processes import BIN, eventually
from tests.e2e.receiver import Receiver
from tests.e2e.stack import KEY, Stack, running_stack
from tests.leftovers import leftovers

TENANT = "e2e"
PHONE, OTHER_PHONE = "13912345678", "13787654321"
PLANTED = (
    PHONE, "139 1234 5678", "of-x-member", "mail-of-x@example.com", "talk-of-x", "item-of-x",
    "device-of-x", "王小明",
)  # fmt: skip
OLD = (FEEDBACK_RECEIVED, FEEDBACK_ENRICHED, INTERACTION_RECORDED)
RED = "我是王小明，你们的充电器着火了，家里全是烟，孩子被烧伤了！"


def identifiers(**named: str) -> list[dict[str, str]]:
    return [{"type": kind, "value": value} for kind, value in named.items()]


def life(name: str, phone: str, **more: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Feedback and interactions of one customer."""
    item, talk = f"item-of-{name}", f"talk-of-{name}"
    feedback: list[dict[str, Any]] = [
        {
            "id": f"{item}-1",
            "source": "callcentre",
            "channel": "call",
            "text": RED if name == "x" else "手机屏幕碎了，等了三周，没人管，我要投诉",
            "identifiers": identifiers(phone=phone, **more),
            "conversation_id": talk,
        },
        {
            "id": f"{item}-2",
            "source": "shop",
            "channel": "chat",
            "text": "谢谢，店员很热情",
            "identifiers": identifiers(phone=phone, device=f"device-of-{name}"),
        },
        {
            "id": f"{item}-3",
            "source": "callcentre",
            "channel": "call",
            "text": "好的，再见",
            "conversation_id": talk,
        },
    ]
    interactions: list[dict[str, Any]] = [
        {
            "id": f"{item}-4",
            "source": "callcentre",
            "kind": "contact",
            "direction": "outbound",
            "actor": {"type": "human", "id": "staff-17"},
            "identifiers": identifiers(phone=phone),
            "summary": "回电，已道歉" if name != "x" else "回电王小明，已道歉",
        },
        {
            "id": f"{item}-5",
            "source": "shop",
            "kind": "order",
            "amount": 99.0,
            "identifiers": identifiers(member_card=f"of-{name}-member", phone=phone),
        },
    ]
    return feedback, interactions


X = life("x", "139 1234 5678", email="Mail-of-x@example.com")
Y = life("y", OTHER_PHONE)


def test_erasing_one_customer(receiver: Receiver, tmp_path: Path) -> None:
    with running_stack("embedded", tmp_path, TENANT, receiver, {}) as stack:
        client = Client(stack)
        for feedback, interactions in (X, Y):
            client.post("feedback", feedback)
            client.post("interactions", interactions)
        eventually(lambda: client.get("journey", "/v1/summary")["events"] == 10, "10 events", 60)
        settle(stack)
        work_the_case(stack, client)
        settle(stack)
        customer, other = of(client, PHONE), of(client, OTHER_PHONE)
        whole = seen(client, other)
        planted = [*PLANTED, customer]
        assert {line.split(".")[0] for line in left(stack, planted)} >= {
            "ingest", "nlp", "journey", "alerting",
        }  # fmt: skip
        old = records(stack)

        made = erase(stack, customer)
        eventually(lambda: complete(client, made), "every service has obeyed", 60)
        settle(stack)
        assert left(stack, planted) == []
        assert seen(client, other) == whole
        check_receipts(client, made)
        verify(tmp_path)

        replay(stack, old)
        settle(stack)
        assert left(stack, planted) == []
        assert seen(client, other) == whole
        assert erase(stack, customer) == made, "the same erasure"
        assert client.get("journey", f"/v1/erasures/{made}")["parts"] == 1
        client.post("feedback", X[0])
        assert client.get("journey", "/v1/summary")["events"] == 5

        back = {**X[0][1], "id": "back-1", "text": "我又来了，再试一次"}
        client.post("feedback", [back])
        eventually(lambda: client.get("journey", "/v1/summary")["events"] == 6, "the new one", 60)
        again = of(client, PHONE)
        timeline = list(client.pages("journey", f"/v1/customers/{again}/timeline"))
        assert [event["id"] for event in timeline] == ["back-1"]
        assert erase(stack, again) != made


def work_the_case(stack: Stack, client: Client) -> None:
    """People write the customer's name wherever they can."""
    ref = {"source": "callcentre", "id": "item-of-x-1"}
    cases = eventually(lambda: client.get("alerting", "/v1/cases")["items"], "a case", 60)
    (case,) = [one for one in cases if one["feedback"][0]["id"] == ref["id"]]
    client.action(case["id"], "acknowledge", {"note": "王小明很着急"})
    plan = {"owner": "workshop", "action": "给王小明退款", "due": "2030-01-01T00:00:00Z"}
    client.action(case["id"], "plan", plan)
    (enrichment,) = stack.query("SELECT id FROM nlp.enrichment WHERE feedback_id = 'item-of-x-1'")
    body = {
        "feedback": ref,
        "enrichment_id": enrichment["id"],
        "label": "light",
        "was": "red",
        "value": "amber",
        "note": "王小明说不急",
    }
    answer = httpx.post(
        stack.url("nlp") + "/v1/corrections", json=body, headers={"X-API-Key": KEY}, timeout=30
    )
    assert answer.status_code == 201, answer.text


def of(client: Client, phone: str) -> str:
    (found,) = client.get("journey", "/v1/customers", identifier=f"phone:{phone}")["items"]
    return str(found["id"])


def seen(client: Client, customer: str) -> dict[str, Any]:
    """All that the platform says of a customer."""
    path = f"/v1/customers/{customer}"
    keys = {(item["source"], item["id"]) for item in Y[0]}
    return {
        "customer": client.get("journey", path),
        "identities": client.get("journey", f"{path}/identities"),
        "timeline": list(client.pages("journey", f"{path}/timeline")),
        "cases": [
            client.get("alerting", f"/v1/cases/{case['id']}")
            for case in client.pages("alerting", "/v1/cases")
            if (case["feedback"][0]["source"], case["feedback"][0]["id"]) in keys
        ],
    }


def erase(stack: Stack, customer: str) -> str:
    answer = httpx.delete(
        f"{stack.url('journey')}/v1/customers/{customer}", headers={"X-API-Key": KEY}, timeout=30
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def complete(client: Client, made: str) -> bool:
    return bool(client.get("journey", f"/v1/erasures/{made}")["state"] == "complete")


def check_receipts(client: Client, made: str) -> None:
    found = client.get("journey", f"/v1/erasures/{made}")
    deleted = {one["service"]: one["deleted"] for one in found["services"]}
    assert deleted["ingest"] == {"accepted": 5}
    assert deleted["nlp"]["enrichments"] == 3
    assert deleted["nlp"]["corrections"] == 1
    assert deleted["journey"]["feedback_events"] == 3
    assert deleted["journey"]["interaction_events"] == 2
    assert deleted["alerting"]["cases"] >= 1
    assert deleted["alerting"]["contacts"] >= 1
    remaining = {left["name"] for one in found["services"] for left in one["remaining"]}
    assert {topic.name for topic in OLD} <= remaining


def verify(folder: Path) -> None:
    """By the command, beside the running platform."""
    done = subprocess.run(
        [str(BIN / "heedful"), "erasure", "verify"],
        env={"HEEDFUL_DATA_DIR": str(folder / "data"), "PATH": "/usr/bin:/bin"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{TENANT}: 5 entries of 1 erasures")
    assert done.stdout.rstrip().endswith("whole")


def left(stack: Stack, planted: Sequence[str]) -> list[str]:
    return asyncio.run(leftovers(stack.database_url(), planted))


def settle(stack: Stack) -> None:
    """Until nothing waits in the log or in an outbox, three looks long."""
    looks = 0

    def look() -> bool:
        nonlocal looks
        (row,) = stack.query(
            """
            SELECT (SELECT count(*) FROM common.outbox) AS outbox, (
                SELECT count(*) FROM bus.assignment a
                JOIN bus.partition p ON p.topic = a.topic AND p.number = a.partition
                LEFT JOIN bus.committed c ON c.grp = a.grp AND c.topic = a.topic
                    AND c.partition = a.partition
                WHERE coalesce(c."offset", 0) < p.next_offset) AS behind
            """
        )
        looks = looks + 1 if row["outbox"] == row["behind"] == 0 else 0
        return looks >= 3

    eventually(look, "nothing waits", 90)


def records(stack: Stack) -> list[Outgoing]:
    """What the log holds of both customers."""
    rows = stack.query(
        "SELECT topic, key, value, headers FROM bus.record WHERE topic = ANY($1)"
        ' ORDER BY topic, partition, "offset"',
        [topic.name for topic in OLD],
    )
    return [
        Outgoing(row["topic"], row["key"], row["value"], unpack(row["headers"])) for row in rows
    ]


def replay(stack: Stack, old: Sequence[Outgoing]) -> None:
    """The same records once more, as after a restored backup of the log."""

    async def send() -> None:
        bus = EmbeddedBus(stack.database_url(), "replay")
        await bus.start()
        try:
            await bus.producer.send(old)
        finally:
            await bus.stop()

    asyncio.run(send())
