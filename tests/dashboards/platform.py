"""Four services as four processes, as `deploy` runs them, with Prometheus at their metrics.

They share the embedded log: dashboards show nothing of a broker.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from heedful.cli.postgres import embedded_postgres
from tests.dashboards.prometheus import Prometheus, running_prometheus
from tests.databases import fast_folder
from tests.e2e.processes import BIN, Process, start_all, stop_all
from tests.e2e.receiver import SECRET, receiving
from tests.e2e.stack import KEY, SECRET_KEYS, SERVICES
from tests.people import Console

TENANT = "demo"
_DEMO_S = 600.0


@dataclass(frozen=True)
class Platform:
    """A running one.

    Attributes:
        started: Unix time in seconds from which there are metrics.
    """

    processes: Mapping[str, Process]
    prometheus: Prometheus
    console: Console
    started: float = field(default_factory=time.time)

    def client(self, service: str) -> httpx.Client:
        """As a machine of the tenant asks."""
        return httpx.Client(
            base_url=self.processes[service].url, headers={"X-API-Key": KEY}, timeout=30
        )

    def replay(self) -> None:
        """The example feedback, until all of it is understood."""
        urls = [
            part
            for name in ("ingest", "journey", "alerting")
            for part in (f"--{name}-url", self.processes[name].url)
        ]
        done = subprocess.run(
            [str(BIN / "heedful"), "demo", "--key", KEY, *urls],
            capture_output=True,
            text=True,
            timeout=_DEMO_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def cases(self, client: httpx.Client) -> list[dict[str, Any]]:
        """The first ones of alerting, open or not."""
        found: list[dict[str, Any]] = client.get("/v1/cases", params={"limit": 200}).json()["items"]
        return found

    def act(self, client: httpx.Client, case_id: str, step: str, body: Mapping[str, Any]) -> bool:
        """A person does it; False: the case is no longer where that can be done."""
        person = self.console.headers(datetime.now(UTC), tenant=TENANT)
        answer = client.post(f"/v1/cases/{case_id}/{step}", json=dict(body), headers=person)
        assert answer.status_code in (200, 409), answer.text
        return answer.is_success

    def restart(self, service: str) -> None:
        """As a rollout does."""
        process = self.processes[service]
        assert process.terminate() == 0, process.tail()
        process.start()
        process.wait_ready()


@contextmanager
def running_platform(
    clocks: Mapping[str, str], scrape: str, evaluate: str | None = None
) -> Iterator[Platform]:
    """All of it, and a receiver of webhooks that refuses some of them once.

    Args:
        clocks: settings of how long people have.
        scrape: as `running_prometheus` has it, and `evaluate`.
    """
    console = Console()
    with (
        tempfile.TemporaryDirectory(
            prefix="heedful-dashboards-", dir=fast_folder(), ignore_cleanup_errors=True
        ) as at,
        receiving() as receiver,
        embedded_postgres(Path(at)) as database,
    ):
        folder = Path(at)
        env = {
            **clocks,
            "HEEDFUL_DATABASE_URL": database,
            "HEEDFUL_API_KEYS": f"{TENANT}:{KEY}:*",
            "HEEDFUL_SECRET_KEYS": SECRET_KEYS,
            "HEEDFUL_CONSOLE__PUBLIC_KEYS": console.settings().public_keys[0],
            "HEEDFUL_ALERTING__WEBHOOK_URL": receiver.url,
            "HEEDFUL_ALERTING__WEBHOOK_SECRET": SECRET,
            "HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS": "true",
        }
        processes = {
            name: Process(name, (f"heedful-{name}",), env, folder / f"{name}.log")
            for name in SERVICES
        }
        try:
            start_all(processes.values())
            ports = {name: process.port for name, process in processes.items()}
            with running_prometheus(folder, ports, scrape, evaluate) as prometheus:
                yield Platform(processes, prometheus, console)
        finally:
            stop_all(processes.values())


def settled(platform: Platform, client: httpx.Client, case_id: str, landed: bool) -> None:
    """A person answers the customer, plans, and lands it where that is wanted."""
    due = datetime.now(UTC) + timedelta(days=1)
    plan = {"owner": "wang.fang", "action": "更换零件 replace the part", "due": due.isoformat()}
    fix = {"root_cause": "supplier", "action_taken": "part replaced"}
    steps = {"acknowledge": {}, "contacts": {"kind": "call"}, "plan": plan}
    for step, body in (steps | {"land": fix} if landed else steps).items():
        platform.act(client, case_id, step, body)
