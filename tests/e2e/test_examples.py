"""The example feedback through the whole platform, in both forms."""

from collections import Counter, defaultdict
from pathlib import Path

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from heedful.common.contracts import CaseEvent, Enrichment
from heedful.common.topics import CASE_EVENT, FEEDBACK_ENRICHED, FEEDBACK_RECEIVED, TOPICS
from tests.e2e import material
from tests.e2e.client import Client
from tests.e2e.processes import eventually
from tests.e2e.receiver import Receiver
from tests.e2e.stack import Stack, running_stack

# All clocks run out while the test looks.
CLOCKS = {
    "HEEDFUL_ALERTING__RESPOND_SECONDS": "12",
    "HEEDFUL_ALERTING__PLAN_SECONDS": "14",
    "HEEDFUL_ALERTING__LAND_SECONDS": "16",
    "HEEDFUL_ALERTING__WARN_BEFORE_SECONDS": "4",
}
TENANT = "examples"


def test_examples_end_to_end(form: str, receiver: Receiver, tmp_path: Path) -> None:
    feedback, interactions = material.examples("feedback"), material.examples("interactions")
    expected = material.reds(feedback)
    with running_stack(form, tmp_path, TENANT, receiver, CLOCKS) as stack:
        client = Client(stack)
        for start in range(0, len(feedback), 40):
            client.post("feedback", feedback[start : start + 40])
        for start in range(0, len(interactions), 40):
            client.post("interactions", interactions[start : start + 40])
        wait_for_events(client, len(feedback) + len(interactions))
        cases = wait_for_cases(client, expected)
        # What fails again on a busy machine comes after five minutes.
        answers = answered(client, cases)
        eventually(lambda: missing(receiver, cases) <= answers, "every missed clock told", 420)
        # Journey's signals have opened more of them meanwhile.
        known = eventually(lambda: all_told(client, receiver), "something told of every case", 120)
        assert known >= {case["id"] for case in cases}
        assert any("signal" in one.body["data"] for one in receiver.accepted)
        check_webhooks(receiver)
        check_timelines(client)
        check_topics(stack, len(feedback), known)
        for process in stack.processes.values():
            assert process.terminate() == 0, process.tail()


def wait_for_events(client: Client, wanted: int) -> None:
    eventually(
        lambda: client.get("journey", "/v1/summary")["events"] == wanted,
        f"{wanted} events in journey",
        120,
    )


def wait_for_cases(client: Client, expected: set[tuple[str, str]]) -> list[material.Item]:
    """The cases, when every red item is on one; each item on one case at most."""

    def look() -> list[material.Item]:
        found = list(client.pages("alerting", "/v1/cases"))
        links = Counter(
            (ref["source"], ref["id"])
            for case in found
            for ref in case["feedback"]
            if ref["colour"] == "red"
        )
        return found if set(links) == expected else []

    found = eventually(look, f"cases of {len(expected)} red items", 60)
    every = Counter((ref["source"], ref["id"]) for case in found for ref in case["feedback"])
    assert set(every.values()) == {1}
    reds = {case["id"] for case in found if any(ref["colour"] == "red" for ref in case["feedback"])}
    lit = {case["id"] for case in found if case["colour"] == "red"}
    assert reds <= lit
    # A journey shows what it knows at the time: whether before an answer came is not ours to say.
    assert all(red_by_signal(client, id_) for id_ in lit - reds)
    return found


def red_by_signal(client: Client, case_id: str) -> bool:
    signals = client.get("alerting", f"/v1/cases/{case_id}")["signals"]
    return any(signal["colour"] == "red" for signal in signals)


def missing(receiver: Receiver, cases: list[material.Item]) -> set[tuple[str, str, str]]:
    """What was not told: that each red case is there, and that each clock ran out."""
    told = receiver.told()
    found = set()
    for case in cases:
        wanted = {
            ("case.breached", clock) for clock in case["deadlines"] if case["deadlines"][clock]
        }
        heard = told.get(case["id"], set())
        if case["colour"] == "red":
            raised = {("case.opened", "None"), ("case.severity_changed", "None")}
            wanted |= raised if raised.isdisjoint(heard) else set()
        found |= {(case["id"], *step) for step in wanted - heard}
    return found


def answered(client: Client, cases: list[material.Item]) -> set[tuple[str, str, str]]:
    """The breaches that there are not: the examples hold a contact that answers the customer."""
    found = set()
    for case in cases:
        for clock in client.get("alerting", f"/v1/cases/{case['id']}")["clocks"]:
            if clock["result"] == "met":
                assert clock["metric"] == "respond"
                assert clock["fulfilled_by"].startswith("interaction:")
                found.add((case["id"], "case.breached", "respond"))
    assert 0 < len(found) < len(cases) / 20
    return found


def all_told(client: Client, receiver: Receiver) -> set[str]:
    """The ids of all cases, when each was told of; empty before."""
    known = {case["id"] for case in client.pages("alerting", "/v1/cases")}
    return known if known == set(receiver.told()) else set()


def check_webhooks(receiver: Receiver) -> None:
    """Exactly one distinct id per step of each case, refused ones delivered later, all signed."""
    assert receiver.unverified == []
    for step, ids in receiver.ids_by_step().items():
        assert len(ids) == 1, f"{step} came under {len(ids)} ids"
    assert receiver.refused
    eventually(
        lambda: receiver.refused <= {received.webhook_id for received in receiver.accepted},
        "what was refused once delivered",
        60,
    )


def check_timelines(client: Client) -> None:
    """Every customer's timeline reads in the order in which things happened."""
    customers = list(client.pages("journey", "/v1/customers"))
    assert len(customers) >= 60
    for customer in customers:
        times = [
            event["occurred_at"]
            for event in client.pages("journey", f"/v1/customers/{customer['id']}/timeline")
        ]
        assert times
        assert times == sorted(times)


def check_topics(stack: Stack, feedback: int, cases: set[str]) -> None:
    """Another client's view: CloudEvents that the SDK parses, keys that name nobody."""
    for topic in TOPICS:
        assert stack.read_topic(topic.dlq) == [], topic.dlq
    received = stack.read_topic(FEEDBACK_RECEIVED.name)
    enriched = stack.read_topic(FEEDBACK_ENRICHED.name)
    assert len({message.header("ce_id") for message in received}) == feedback
    assert len({message.header("ce_id") for message in enriched}) == feedback
    for message in enriched:
        assert message.value is not None
        parsed = from_binary(
            KafkaMessage(dict(message.headers), message.key, message.value),
            JSONFormat(),
            CloudEvent,
        )
        assert parsed.get_type() == FEEDBACK_ENRICHED.event_type
        payload = Enrichment.parse(message.value)
        assert parsed.get_id() == payload.id
        for identifier in payload.feedback.identifiers:
            assert identifier.value.encode() not in (message.key or b"")
    sequences = defaultdict(list)
    for message in stack.read_topic(CASE_EVENT.name):
        event = CaseEvent.parse(message.value or b"")
        sequences[event.case_id].append(event.sequence)
    # While this test looked, a signal may have opened one more.
    assert set(sequences) >= cases
    # Published at least once, in order per case.
    assert all(list(dict.fromkeys(s)) == list(range(1, max(s) + 1)) for s in sequences.values())
