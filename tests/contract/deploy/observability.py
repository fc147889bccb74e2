"""The rules and dashboards of `deploy`, as its tests read them, and Prometheus's own tool."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
DASHBOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
RULE_FILES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
RUNBOOKS = sorted(
    path for path in (ROOT / "docs" / "runbooks").glob("*.md") if path.stem != "README"
)
CASES = sorted(Path(__file__).parent.glob("*.promtool.yml"))
SERVICES = ("ingest", "nlp", "journey", "alerting")
_PROMQL = re.compile(r"^```promql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def rules() -> list[dict[str, Any]]:
    """All rules, alerts and records."""
    groups = [group for path in RULE_FILES for group in load(path)["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def panels(dashboard: Path) -> list[dict[str, Any]]:
    """All panels that show something, also those inside collapsed rows."""
    top: list[dict[str, Any]] = json.loads(dashboard.read_text(encoding="utf-8"))["panels"]
    nested = [inner for panel in top for inner in panel.get("panels", [])]
    return [panel for panel in top + nested if panel["type"] != "row"]


def promql(page: Path) -> list[str]:
    """Queries of a runbook: one in each line of its blocks of PromQL."""
    blocks = _PROMQL.findall(page.read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines()]


def promtool(*arguments: str | Path) -> None:
    """Fails with what promtool says; skips where there is none, but not in CI."""
    if shutil.which("promtool") is None:
        missing = "promtool is not on the path (Debian and Ubuntu: apt-get install prometheus)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    result = subprocess.run(
        ["promtool", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
