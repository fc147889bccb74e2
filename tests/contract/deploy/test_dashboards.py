"""Grafana dashboards: they can be provisioned, are described, and ask for what exists."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.deploy.grafana import View, annotations, targets
from tests.contract.deploy.observability import DASHBOARDS, DEPLOY, ROOT, load, panels, promtool
from tests.contract.deploy.promql import faults, shown

ALL_PANELS = [
    pytest.param(panel, id=f"{path.stem}-{panel['id']}")
    for path in DASHBOARDS
    for panel in panels(path)
]
VIEW = View(seconds=6 * 3600, scrape=15)


def expressions(dashboard: Path) -> list[str]:
    """All that it asks Prometheus for: panels and annotations."""
    found = [one.expr for one in targets(dashboard)] + annotations(dashboard)
    return [VIEW.asked(expr) for expr in found]


def test_there_is_something_to_test() -> None:
    assert DASHBOARDS
    assert ALL_PANELS


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_dashboard_can_be_provisioned(path: Path) -> None:
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    assert dashboard["title"].startswith("heedful / ")
    assert dashboard["uid"] == path.stem
    assert "id" not in dashboard, "the number of one Grafana's database"
    assert dashboard["schemaVersion"] >= 41
    provider = load(DEPLOY / "grafana" / "provisioning" / "dashboards" / "heedful.yml")
    target = provider["providers"][0]["options"]["path"]
    mounts = load(ROOT / "docker-compose.yml")["services"]["grafana"]["volumes"]
    assert f"./deploy/grafana/dashboards:{target}:ro" in mounts


def test_kubernetes_has_them_all() -> None:
    (maps,) = load(DEPLOY / "grafana" / "kustomization.yaml")["configMapGenerator"]
    assert maps["files"] == [f"dashboards/{path.name}" for path in DASHBOARDS]


@pytest.mark.parametrize("panel", ALL_PANELS)
def test_panel_is_described(panel: dict[str, Any]) -> None:
    assert panel["title"].strip()
    assert panel["description"].strip()
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}
    assert panel["targets"]


@pytest.mark.parametrize("panel", ALL_PANELS)
def test_panel_asks_for_what_exists(panel: dict[str, Any]) -> None:
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    for target in panel["targets"]:
        assert target["datasource"] == panel["datasource"]
        expr = VIEW.asked(target["expr"])
        assert faults(expr) == []
        legend = target.get("legendFormat", "")
        assert set(re.findall(r"\{\{\s*(\w+)\s*\}\}", legend)) <= shown(expr)


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_what_else_it_asks_for_exists(path: Path) -> None:
    assert [fault for expr in expressions(path) for fault in faults(expr)] == []
    for variable in json.loads(path.read_text(encoding="utf-8"))["templating"]["list"]:
        match = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"])
        assert match
        assert match[2] in shown(match[1])
        assert f"${variable['name']}" in VIEW.variables()


def test_prometheus_parses_every_expression(tmp_path: Path) -> None:
    wrapped = [
        {"record": "asked:here", "expr": expr} for path in DASHBOARDS for expr in expressions(path)
    ]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": wrapped}]}))
    promtool("check", "rules", "--lint=none", file)


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_have_their_own_place(path: Path) -> None:
    shown_panels = json.loads(path.read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in shown_panels}) == len(shown_panels)
    for panel in shown_panels:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    for one, other in combinations((panel["gridPos"] for panel in shown_panels), 2):
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
