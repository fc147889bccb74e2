"""Prometheus rules and Grafana dashboards: valid, described, and about metrics that exist."""

import importlib
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
SERVICES = ("ingest", "nlp", "journey", "alerting")
DASHBOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
RULE_FILES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
METRIC = re.compile(r"\bheedful_[a-z_]+")
SUFFIX = re.compile(r"_(bucket|sum|count|total)$")


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def rules() -> list[dict[str, Any]]:
    groups = [group for path in RULE_FILES for group in load(path)["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def panels(dashboard: Path) -> list[dict[str, Any]]:
    """All panels that show something, also those inside collapsed rows."""
    top: list[dict[str, Any]] = json.loads(dashboard.read_text(encoding="utf-8"))["panels"]
    nested = [inner for panel in top for inner in panel.get("panels", [])]
    return [panel for panel in top + nested if panel["type"] != "row"]


ALL_PANELS = [
    pytest.param(panel, id=f"{path.stem}-{panel['id']}")
    for path in DASHBOARDS
    for panel in panels(path)
]


def test_there_is_something_to_test() -> None:
    assert DASHBOARDS
    assert RULE_FILES
    assert ALL_PANELS


def test_metrics_are_registered_by_the_code() -> None:
    for module in ("heedful.common.metrics", *(f"heedful.{name}.metrics" for name in SERVICES)):
        importlib.import_module(module)
    registered = {SUFFIX.sub("", family.name) for family in REGISTRY.collect()}
    used = {
        (path.name, SUFFIX.sub("", name))
        for path in (*DASHBOARDS, *RULE_FILES)
        for name in METRIC.findall(path.read_text(encoding="utf-8"))
    }
    unknown = sorted((file, name) for file, name in used if name not in registered)
    assert not unknown


def test_prometheus_scrapes_the_services_of_compose() -> None:
    compose = load(ROOT / "docker-compose.yml")["services"]
    config = load(DEPLOY / "prometheus" / "prometheus.yml")
    jobs = {job["job_name"]: job["static_configs"] for job in config["scrape_configs"]}
    assert set(SERVICES) <= jobs.keys()
    for name in SERVICES:
        assert name in compose
        assert jobs[name] == [{"targets": [f"{name}:8080"], "labels": {"service": name}}]


def test_prometheus_finds_its_rules() -> None:
    (pattern,) = load(DEPLOY / "prometheus" / "prometheus.yml")["rule_files"]
    assert sorted((DEPLOY / "prometheus").glob(pattern)) == RULE_FILES


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_rule_waits_and_says_what_it_means(rule: dict[str, Any]) -> None:
    assert re.fullmatch(r"Heedful[A-Z][A-Za-z]+", rule["alert"])
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"].keys() >= {"summary", "description"}


def test_rule_names_are_unique() -> None:
    counts = Counter(rule["alert"] for rule in rules())
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_rule_has_a_case() -> None:
    cases = (Path(__file__).parent / "rules.promtool.yml").read_text(encoding="utf-8")
    assert [rule["alert"] for rule in rules() if rule["alert"] not in cases] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "deploy/prometheus/prometheus.yml"),
        ("test", "rules", "tests/contract/deploy/rules.promtool.yml"),
    ],
    ids=["config", "rules"],
)
def test_promtool(arguments: tuple[str, ...]) -> None:
    if shutil.which("promtool") is None:
        missing = "promtool is not on the path (Debian and Ubuntu: apt-get install prometheus)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    result = subprocess.run(
        ["promtool", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_dashboard_can_be_provisioned(path: Path) -> None:
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    assert dashboard["title"] == "heedful / overview"
    assert dashboard["uid"] == path.stem
    assert "id" not in dashboard, "the number of one Grafana's database"
    assert dashboard["schemaVersion"] >= 41
    provider = load(DEPLOY / "grafana" / "provisioning" / "dashboards" / "heedful.yml")
    target = provider["providers"][0]["options"]["path"]
    mounts = load(ROOT / "docker-compose.yml")["services"]["grafana"]["volumes"]
    assert f"./deploy/grafana/dashboards:{target}:ro" in mounts


@pytest.mark.parametrize("panel", ALL_PANELS)
def test_panel_is_described(panel: dict[str, Any]) -> None:
    assert panel["title"].strip()
    assert panel["description"].strip()
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}
    assert panel["targets"]


@pytest.mark.parametrize("panel", ALL_PANELS)
def test_queries_of_a_panel(panel: dict[str, Any]) -> None:
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    for target in panel["targets"]:
        assert target["datasource"] == panel["datasource"]
        assert target["expr"].count("(") == target["expr"].count(")")


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_have_their_own_place(path: Path) -> None:
    shown = json.loads(path.read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in shown}) == len(shown)
    for panel in shown:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    for one, other in combinations((panel["gridPos"] for panel in shown), 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


def test_datasource_is_the_one_that_panels_name() -> None:
    path = DEPLOY / "grafana" / "provisioning" / "datasources" / "prometheus.yml"
    (source,) = load(path)["datasources"]
    assert (source["uid"], source["type"]) == ("prometheus", "prometheus")
    assert source["url"] == "http://prometheus:9090"
    scrape = load(DEPLOY / "prometheus" / "prometheus.yml")["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == scrape
