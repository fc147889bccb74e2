"""kill -9 of any one service in the middle, and its restart; SIGTERM drains."""

from collections import Counter
from pathlib import Path

import pytest

from heedful.common.topics import FEEDBACK_ENRICHED, TOPICS
from tests.e2e import material
from tests.e2e.client import Client
from tests.e2e.conftest import FORMS
from tests.e2e.processes import eventually
from tests.e2e.receiver import Receiver
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_examples import wait_for_cases, wait_for_events

TENANT = "faults"
EVERY = 4
"""So many of the examples' items for one that is posted here."""


def test_kill_9_of_each_process_in_turn_loses_nothing(
    form: str, receiver: Receiver, tmp_path: Path
) -> None:
    feedback = material.examples("feedback")[::EVERY]
    expected = material.reds(feedback)
    with running_stack(form, tmp_path, TENANT, receiver, {}) as stack:
        client = Client(stack)
        victims = list(stack.processes.values())
        parts = iter([feedback[start :: 2 * len(victims)] for start in range(2 * len(victims))])
        for killed in victims:
            post(client, next(parts))
            killed.kill()
            killed.start()
            # The sender goes on at once; what it gets no 202 for it sends again.
            post(client, next(parts))
            killed.wait_ready()
        check_complete(stack, client, feedback, expected, receiver)


# Of the embedded form, everything is stopped in the middle of its work by
# tests/integration/cli/test_up.py.
@pytest.mark.parametrize("form", FORMS[1:])
def test_sigterm_drains(form: str, receiver: Receiver, tmp_path: Path) -> None:
    feedback = material.examples("feedback")[::EVERY]
    expected = material.reds(feedback)
    with running_stack(form, tmp_path, TENANT, receiver, {}) as stack:
        client = Client(stack)
        post(client, feedback)
        # Right behind the last 202: the consumers are in the middle of their work.
        for process in stack.processes.values():
            assert process.terminate() == 0, process.tail()
        stack.start()
        check_complete(stack, client, feedback, expected, receiver)
        # What was finished before the stop was committed: nothing was enriched a second time.
        ids = Counter(m.header("ce_id") for m in stack.read_topic(FEEDBACK_ENRICHED.name))
        assert set(ids.values()) == {1}


def post(client: Client, items: list[material.Item]) -> None:
    for start in range(0, len(items), 20):
        client.post("feedback", items[start : start + 20])


def check_complete(
    stack: Stack,
    client: Client,
    feedback: list[material.Item],
    expected: set[tuple[str, str]],
    receiver: Receiver,
) -> None:
    """Every item once in journey, every red item in exactly one case, one webhook id each."""
    wait_for_events(client, len(feedback))
    reds = {case["id"] for case in wait_for_cases(client, expected) if case["colour"] == "red"}
    # What a killed sender had leased comes after 45 s.
    eventually(lambda: reds <= receiver.told().keys(), "a webhook for every red case", 180)
    assert {len(ids) for ids in receiver.ids_by_step().values()} == {1}
    assert receiver.unverified == []
    for topic in TOPICS:
        assert stack.read_topic(topic.dlq) == []
