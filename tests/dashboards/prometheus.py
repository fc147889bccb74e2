"""Debian's Prometheus as `deploy/prometheus` configures it, at processes of this machine."""

import math
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.contract.deploy.observability import DEPLOY, RULE_FILES, load
from tests.e2e.processes import eventually, free_port

_START_S = 60.0
_STOP_S = 30.0
_ANSWER_S = 30.0


@dataclass(frozen=True, slots=True)
class Series:
    """What a query gave for one set of labels: (Unix time in seconds, value)."""

    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]

    @property
    def shows(self) -> bool:
        """Whether there is a point that can be drawn: a share of nothing is no number."""
        return any(math.isfinite(value) for _, value in self.points)


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running one."""

    url: str

    def now(self, expr: str) -> list[Series]:
        """The value of an expression now.

        Raises:
            AssertionError: Prometheus refuses it; its words are in the text.
        """
        found = self._asked("query", {"query": expr})
        if found["resultType"] == "scalar":
            return [Series({}, _points([found["result"]]))]
        return [Series(_named(one), _points([one["value"]])) for one in found["result"]]

    def over(self, expr: str, start: float, end: float, step: float) -> list[Series]:
        """Its values between two Unix times, every `step` seconds.

        Raises:
            AssertionError: Prometheus refuses it; its words are in the text.
        """
        asked: dict[str, str | float] = {"query": expr, "start": start, "end": end, "step": step}
        found = self._asked("query_range", asked)
        return [Series(_named(one), _points(one["values"])) for one in found["result"]]

    def rules(self) -> list[dict[str, Any]]:
        """All rules, with what came of their last evaluation."""
        return [rule for group in self._asked("rules", {})["groups"] for rule in group["rules"]]

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=5).is_success
        except httpx.TransportError:
            return False

    def _asked(self, what: str, params: Mapping[str, str | float]) -> dict[str, Any]:
        body = httpx.get(f"{self.url}/api/v1/{what}", params=dict(params), timeout=_ANSWER_S).json()
        assert body["status"] == "success", f"{params.get('query')}\n{body.get('error')}"
        found: dict[str, Any] = body["data"]
        return found


@contextmanager
def running_prometheus(
    folder: Path, ports: Mapping[str, int], scrape: str, evaluate: str | None = None
) -> Iterator[Prometheus]:
    """Prometheus with the jobs and rules of `deploy/prometheus`.

    Args:
        folder: for its data.
        ports: where the process of each job listens on this machine.
        scrape: how often it scrapes, and evaluates rules that do not say how often.
        evaluate: how often it evaluates the others; None: as they say.
    """
    path = shutil.which("prometheus")
    assert path is not None, "needs Prometheus: apt-get install prometheus (Debian, Ubuntu)"
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text(
        yaml.safe_dump(_configured(folder, {**ports, "prometheus": port}, scrape, evaluate))
    )
    command = (
        path,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    )
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    running = Prometheus(f"http://127.0.0.1:{port}")
    try:
        eventually(
            lambda: running.ready() or process.poll() is not None, "Prometheus ready", _START_S
        )
        assert process.poll() is None, (folder / "prometheus.log").read_text()
        yield running
    finally:
        process.terminate()
        process.wait(_STOP_S)


def _configured(
    folder: Path, ports: Mapping[str, int], scrape: str, evaluate: str | None
) -> dict[str, Any]:
    config = load(DEPLOY / "prometheus" / "prometheus.yml")
    config["global"] = {
        "scrape_interval": scrape,
        "scrape_timeout": scrape,
        "evaluation_interval": scrape,
    }
    # The console is not there: the panels are of the services behind it.
    jobs = [job for job in config["scrape_configs"] if job["job_name"] in ports]
    for job in jobs:
        (static,) = job["static_configs"]
        static["targets"] = [f"127.0.0.1:{ports[job['job_name']]}"]
    rules = folder / "rules"
    rules.mkdir()
    for path in RULE_FILES:
        file = load(path)
        for group in file["groups"]:
            if evaluate is not None and "interval" in group:
                group["interval"] = evaluate
        (rules / path.name).write_text(yaml.safe_dump(file))
    return {**config, "scrape_configs": jobs, "rule_files": [f"{rules}/*.yml"]}


def _named(one: Mapping[str, Any]) -> Mapping[str, str]:
    labels: Mapping[str, str] = one["metric"]
    return labels


def _points(pairs: Sequence[Sequence[Any]]) -> list[tuple[float, float]]:
    return [(float(at), float(value)) for at, value in pairs]
