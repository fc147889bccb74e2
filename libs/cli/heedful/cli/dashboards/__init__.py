"""Grafana's dashboards: `deploy/grafana/dashboards` is made from them.

One module for each dashboard says its panels; `panels` knows Grafana's JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from heedful.cli.dashboards import operations, overview, service_levels
from heedful.cli.dashboards.panels import SOURCE, Row, laid_out


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What a dashboard is beside its panels.

    Attributes:
        by_job: whether a variable `job` limits panels to services.
    """

    name: str
    says: str
    rows: Sequence[Row]
    by_job: bool = False


DASHBOARDS: Final[Sequence[Dashboard]] = (
    Dashboard(
        "overview",
        "For who runs the platform: what comes in, how fast it is understood, what is stuck.",
        overview.ROWS,
        by_job=True,
    ),
    Dashboard(
        "operations",
        "For who answers customers: who is waiting, what was kept, whether messages arrive.",
        operations.ROWS,
    ),
    Dashboard(
        "service-levels",
        "What is promised, how much of each budget is left, how fast it burns: docs/slo.md.",
        service_levels.ROWS,
    ),
)


def made_dashboards() -> Mapping[str, str]:
    """File name -> content."""
    return {
        f"heedful-{one.name}.json": json.dumps(_body(one), indent=2, ensure_ascii=False) + "\n"
        for one in DASHBOARDS
    }


def _body(one: Dashboard) -> dict[str, Any]:
    return {
        "uid": f"heedful-{one.name}",
        "title": f"heedful / {one.name.replace('-', ' ')}",
        "description": one.says,
        "tags": ["heedful"],
        "schemaVersion": 42,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "browser",
        "weekStart": "",
        "fiscalYearStartMonth": 0,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "links": [_OTHERS],
        "preload": False,
        "annotations": {"list": [_BUILT_IN, _FIRING]},
        "templating": {"list": [_JOB] if one.by_job else []},
        "panels": laid_out(one.rows),
    }


_OTHERS: Final = {
    "type": "dashboards",
    "title": "heedful",
    "tags": ["heedful"],
    "asDropdown": False,
    "includeVars": False,
    "keepTime": True,
    "targetBlank": False,
    "icon": "external link",
    "tooltip": "",
    "url": "",
}
_BUILT_IN: Final = {
    "builtIn": 1,
    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
    "type": "dashboard",
}
_FIRING: Final = {
    "datasource": SOURCE,
    "enable": True,
    "hide": False,
    "iconColor": "red",
    "name": "Firing alerts",
    "expr": 'ALERTS{alertname=~"Heedful.*", alertstate="firing"}',
    "step": "60s",
    "titleFormat": "{{alertname}}",
    "textFormat": "{{job}} {{group}} {{topic}}",
}
_ASKED: Final = "label_values(heedful_build_info, job)"
_JOB: Final = {
    "name": "job",
    "label": "Service",
    "description": "Limits the HTTP panels to these services.",
    "type": "query",
    "datasource": SOURCE,
    "definition": _ASKED,
    "query": {
        "qryType": 1,
        "query": _ASKED,
        "refId": "PrometheusVariableQueryEditor-VariableQuery",
    },
    "refresh": 2,
    "regex": "",
    "sort": 1,
    "hide": 0,
    "multi": True,
    "includeAll": True,
    "allValue": ".*",
    "skipUrlSync": False,
    "options": [],
    "current": {"text": ["All"], "value": ["$__all"]},
}
