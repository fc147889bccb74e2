"""A rolling restart under load: nobody is refused, nothing is lost, nothing is done twice."""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from heedful.cli.postgres import embedded_postgres
from heedful.common.topics import FEEDBACK_ENRICHED, FEEDBACK_RECEIVED
from tests.e2e.balancer import Balancer, Member, balanced
from tests.e2e.processes import BIN, STOP_S, Process, eventually
from tests.e2e.stack import KEY, SECRET_KEYS, KafkaStack
from tests.kafka_broker import running_broker

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[2]
SERVING = ROOT / "deploy" / "k8s" / "base" / "patches" / "serving.yaml"
TENANT = "rolling"
RATE = 15


def test_restarts_in_turn_lose_no_request_and_kill_9_only_what_is_under_way(
    tmp_path: Path,
) -> None:
    with running_broker() as bootstrap, embedded_postgres(tmp_path / "data") as url:
        stack = Pairs(tmp_path, url, bootstrap)
        try:
            stack.start()
            ingests = [stack.processes[f"ingest-{n}"] for n in (0, 1)]
            with balanced([one.port for one in ingests]) as balancer:
                eventually(lambda: all(one.ready for one in balancer.members), "both ready", 30)
                with loaded(balancer, tmp_path / "roll.json") as rolled:
                    for number in (0, 1):
                        roll(stack, balancer.members[number], number)
                with loaded(balancer, tmp_path / "kill.json") as killed:
                    cut = kill(ingests[0], balancer.members[0])
            check(rolled, killed, cut)
            check_once(stack, taken(rolled) + taken(killed), killed)
        finally:
            stack.stop()


class Pairs(KafkaStack):
    """Two ingests, and two nlps with names of their own, as the pods of a StatefulSet have."""

    def __init__(self, folder: Path, url: str, bootstrap: str) -> None:
        super().__init__(folder, {"HEEDFUL_API_KEYS": f"{TENANT}:{KEY}:*"}, url, bootstrap)
        shared = {
            **self.processes["ingest"].env,
            "HEEDFUL_KAFKA__SESSION_TIMEOUT_SECONDS": "60",
            "HEEDFUL_SECRET_KEYS": SECRET_KEYS,
        }
        self.processes = {
            f"{name}-{n}": Process(
                f"{name}-{n}",
                (f"heedful-{name}",),
                {**shared, "HEEDFUL_KAFKA__GROUP_INSTANCE_ID": f"{name}-{n}"},
                folder / f"{name}-{n}.log",
            )
            for name in ("ingest", "nlp")
            for n in (0, 1)
        }


def roll(stack: KafkaStack, member: Member, number: int) -> None:
    """As a roll-out does to a pod: out of the Service, preStop, SIGTERM, and its successor."""
    ingest, nlp = stack.processes[f"ingest-{number}"], stack.processes[f"nlp-{number}"]
    pod = yaml.safe_load(SERVING.read_text())["spec"]["template"]["spec"]
    member.leaving = True
    time.sleep(pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"])
    for one in (ingest, nlp):
        assert one.popen is not None
        one.popen.send_signal(signal.SIGTERM)
    for one in (ingest, nlp):
        assert one.popen is not None
        assert one.popen.wait(pod["terminationGracePeriodSeconds"]) == 0, one.tail()
        one.start()
    for one in (ingest, nlp):
        one.wait_ready()
    member.leaving = False


def kill(ingest: Process, member: Member) -> int:
    """kill -9 without a word before; how many connections it took along."""
    before = member.cut
    ingest.kill()
    ingest.start()
    ingest.wait_ready()
    return member.cut - before


@contextmanager
def loaded(balancer: Balancer, file: Path) -> Iterator[dict[str, Any]]:
    """`heedful load` against the balancer while the block runs, on connections to each member;
    afterwards its figures."""
    before = [one.taken for one in balancer.members]
    command = [
        str(BIN / "heedful"), "load", "--url", f"http://127.0.0.1:{balancer.port}", "--key", KEY,
        "--rate", str(RATE), "--ramp", "0", "--seconds", "900", "--red", "0.1",
        # The machine of the test is busy; what is measured here is not time.
        "--max-lag", "600000", "--timeout", "60", "--json", str(file),
    ]  # fmt: skip
    figures: dict[str, Any] = {}
    log = file.with_suffix(".log")
    with log.open("wb") as output:
        load = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            eventually(
                lambda: all(
                    one.taken > was for one, was in zip(balancer.members, before, strict=True)
                ),
                "load on each",
                60,
            )
            yield figures
            load.send_signal(signal.SIGINT)
            assert load.wait(90) == 0, log.read_text()
        finally:
            if load.poll() is None:
                load.kill()
                load.wait(STOP_S)
    figures |= json.loads(file.read_text())


def check(rolled: dict[str, Any], killed: dict[str, Any], cut: int) -> None:
    (steady,) = rolled["phases"]
    assert steady["requests"] > RATE
    assert steady["failures"] == {}
    (steady,) = killed["phases"]
    assert set(steady["failures"]) <= {"closed"}
    assert sum(steady["failures"].values()) <= cut


def taken(figures: dict[str, Any]) -> int:
    found: int = figures["phases"][0]["latency"]["count"]
    return found


def check_once(stack: KafkaStack, accepted: int, killed: dict[str, Any]) -> None:
    """What got a 202 is in the log once, and enriched once. What the kill cut off may be."""
    perhaps = sum(killed["phases"][0]["failures"].values())

    def ids(topic: str) -> Counter[str]:
        return Counter(message.header("ce_id") for message in stack.read_topic(topic))

    received = ids(FEEDBACK_RECEIVED.name)
    assert accepted <= len(received) <= accepted + perhaps
    assert set(received.values()) == {1}
    eventually(lambda: len(ids(FEEDBACK_ENRICHED.name)) >= len(received), "all enriched", 60)
    enriched = ids(FEEDBACK_ENRICHED.name)
    assert len(enriched) == len(received)
    assert set(enriched.values()) == {1}
