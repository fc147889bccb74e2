"""Dashboards and rules on a real Prometheus that scrapes the running platform.

After the example feedback was replayed every query of every dashboard must give something, but for
those listed here with their reason; and every rule must be one that Prometheus can evaluate on what
the services really say.
"""

import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.contract.deploy.grafana import Target, View, annotations, targets
from tests.contract.deploy.observability import DASHBOARDS, RUNBOOKS, SERVICES, alerts, promql
from tests.dashboards.platform import Platform, running_platform, settled
from tests.dashboards.prometheus import Prometheus, Series
from tests.e2e.processes import eventually

SCRAPE_S: Final = 1
CLOCKS: Final = {
    "HEEDFUL_ALERTING__RESPOND_SECONDS": "12",
    "HEEDFUL_ALERTING__PLAN_SECONDS": "14",
    "HEEDFUL_ALERTING__LAND_SECONDS": "16",
    "HEEDFUL_ALERTING__WARN_BEFORE_SECONDS": "4",
}
LANDED: Final = 3
_API: Final = "the examples come by the API, and no channel is connected"
_WELL: Final = "nothing has failed"
SILENT: Final[Mapping[str, str]] = {
    "overview / In quarantine / A": _API,
    "overview / What channels sent / A": _API,
    "overview / Channels that fail / A": _API,
    "overview / Errors and failed commits / A": _WELL,
    "overview / Errors and failed commits / B": _WELL,
    "overview / Dead letters by reason / A": _WELL,
    "operations / Above 72 h, reopened, effective / C": "a fix is looked at after days",
}
"""Queries that give nothing, and why. One that does give something has no place here."""


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """It has understood the examples, people have settled a few cases, all other clocks ran out."""
    with running_platform(CLOCKS, f"{SCRAPE_S}s", f"{SCRAPE_S}s") as running:
        running.replay()
        with running.client("alerting") as client:
            for case in running.cases(client)[:LANDED]:
                settled(running, client, case["id"], landed=True)
        ended = 'sum(heedful_alerting_clock_results_total{metric="land", result="breached"}) > 0'
        eventually(lambda: running.prometheus.now(ended), "clocks that ran out", 60)
        # Figures of 30 days are read at its start and every five minutes.
        running.restart("alerting")
        yield running


def key(path: Path, one: Target) -> str:
    return f"{path.stem.removeprefix('heedful-')} / {one.title} / {one.ref}"


def answer(prometheus: Prometheus, one: Target, view: View) -> list[Series]:
    """What Grafana would get."""
    expr = view.asked(one.expr)
    now = time.time()
    return (
        prometheus.now(expr)
        if one.instant
        else prometheus.over(expr, now - view.seconds, now, view.step)
    )


def silent(platform: Platform) -> set[str]:
    """The queries of all dashboards that give nothing that can be drawn."""
    view = View(math.ceil(time.time() - platform.started), SCRAPE_S, points=10_000)
    return {
        key(path, one)
        for path in DASHBOARDS
        for one in targets(path)
        if not any(series.shows for series in answer(platform.prometheus, one, view))
    }


def test_every_query_gives_something(platform: Platform) -> None:
    found: set[str] = set()

    def look() -> bool:
        nonlocal found
        found = silent(platform)
        return found <= SILENT.keys()

    try:
        eventually(look, "every query", 30)
    except AssertionError:
        assert sorted(found - SILENT.keys()) == []
    assert sorted(SILENT.keys() - found) == []


def test_nothing_is_older_than_the_processes(platform: Platform) -> None:
    """What was never set would be as old as 1970."""
    ran = time.time() - platform.started
    (progress,) = [
        one for path in DASHBOARDS for one in targets(path) if one.title == "Since last progress"
    ]
    view = View(math.ceil(ran), SCRAPE_S, points=10_000)
    for series in answer(platform.prometheus, progress, view):
        assert max(value for _, value in series.points) < ran, series.labels


def test_prometheus_scrapes_every_service(platform: Platform) -> None:
    found = platform.prometheus.now("heedful_build_info")
    assert {one.labels["job"] for one in found} >= set(SERVICES)


def test_every_rule_can_be_evaluated(platform: Platform) -> None:
    """Against what the services say: two series that match one another twice are seen here only."""
    rules = platform.prometheus.rules()
    assert {rule["name"] for rule in rules if rule["type"] == "alerting"} == {
        rule["alert"] for rule in alerts()
    }
    assert [rule for rule in rules if rule["health"] != "ok" or rule.get("lastError")] == []


def test_what_pages_mark_and_runbooks_ask_can_be_asked(platform: Platform) -> None:
    asked = [expr for path in DASHBOARDS for expr in annotations(path)]
    asked += [query for page in RUNBOOKS for query in promql(page)]
    assert asked
    for expr in asked:
        platform.prometheus.now(expr)
