"""Prometheus rules: they wait, say what they mean, ask for what exists, and are tried both ways."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.deploy.observability import (
    CASES,
    DEPLOY,
    ROOT,
    RULE_FILES,
    SERVICES,
    alerts,
    load,
    promtool,
    rules,
)
from tests.contract.deploy.promql import faults, shown

RUNBOOKS = "https://heedful.dev/runbooks/"
ALERT = re.compile(r"\bHeedful\w+")
ASKED = re.compile(r"alertname=~?\"([^\"]+)\"")


def expectations() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each alert that a case asks for or expects, with the samples that it expects of it."""
    for test in (test for path in CASES for test in load(path)["tests"]):
        for asked in test.get("promql_expr_test", ()):
            samples = asked["exp_samples"]
            of = [set(ALERT.findall(sample.get("labels", ""))) for sample in samples]
            names = set().union(*map(ALERT.findall, ASKED.findall(asked["expr"])), *of)
            for name in names:
                mine = [one for one, told in zip(samples, of, strict=True) if name in told]
                yield name, samples if len(names) == 1 else mine


def test_there_is_something_to_test() -> None:
    assert RULE_FILES
    assert alerts()
    assert CASES


def test_prometheus_scrapes_the_services_of_compose() -> None:
    compose = load(ROOT / "docker-compose.yml")["services"]
    config = load(DEPLOY / "prometheus" / "prometheus.yml")
    jobs = {job["job_name"]: job["static_configs"] for job in config["scrape_configs"]}
    assert jobs.keys() == {*SERVICES, "console", "prometheus"}
    for name in (*SERVICES, "console"):
        assert name in compose
        assert jobs[name] == [{"targets": [f"{name}:8080"], "labels": {"service": name}}]


def test_prometheus_finds_its_rules() -> None:
    (pattern,) = load(DEPLOY / "prometheus" / "prometheus.yml")["rule_files"]
    assert sorted((DEPLOY / "prometheus").glob(pattern)) == RULE_FILES


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: str(rule["alert"]))
def test_alert_waits_and_says_what_it_means(rule: dict[str, Any]) -> None:
    assert re.fullmatch(r"Heedful[A-Z][A-Za-z]+", rule["alert"])
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == RUNBOOKS + rule["alert"]


def test_alert_names_are_unique() -> None:
    counts = Counter(rule["alert"] for rule in alerts())
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(
    "rule", rules(), ids=lambda rule: str(rule.get("alert", rule.get("record")))
)
def test_rule_asks_for_what_exists(rule: dict[str, Any]) -> None:
    assert faults(rule["expr"]) == []
    told = "".join(rule.get("annotations", {}).values())
    assert set(re.findall(r"\$labels\.(\w+)", told)) <= shown(rule["expr"])


def test_every_alert_is_seen_firing_and_silent() -> None:
    expected = list(expectations())
    names = {rule["alert"] for rule in alerts()}
    assert names - {name for name, samples in expected if samples} == set(), "never fires"
    assert names - {name for name, samples in expected if not samples} == set(), "never silent"


def test_prometheus_takes_its_configuration() -> None:
    promtool("check", "config", "deploy/prometheus/prometheus.yml")


def test_cases() -> None:
    promtool("test", "rules", *CASES)


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("sum(heedful_nothing_total)", ["no series heedful_nothing_total"]),
        ('up{service="ingest"}', ["up has no label service"]),
        (
            "sum by (job, colour) (rate(heedful_nlp_enriched_total[5m]))",
            ["by colour, which nothing has in rate(heedful_nlp_enriched_total[5m])"],
        ),
        (
            "heedful_consumer_lag_records > 1 and on (job, light) up",
            ["on light, which nothing has"],
        ),
        ("sum(heedful_nlp_inference_seconds)", ["no series heedful_nlp_inference_seconds"]),
    ],
)
def test_what_does_not_exist_is_seen(expr: str, said: list[str]) -> None:
    assert faults(expr) == said
