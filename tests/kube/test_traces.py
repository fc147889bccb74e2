"""Traces on Kubernetes: who sends them where, and that the network lets them."""

import json
import re
from pathlib import Path

import pytest
import yaml

from heedful.common.environment import load
from heedful.common.settings import Settings
from tests.kube.manifests import (
    PLATFORM,
    ROOT,
    WORKLOADS,
    Object,
    container,
    deployment,
    environment,
    named,
    of_kind,
    pod,
    rendered,
)

pytestmark = pytest.mark.kube

CONFIGURATION = ROOT / "deploy" / "opentelemetry" / "collector.yaml"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
PORT = "4318"


def of_service(service: str) -> Object:
    (found,) = (
        one for one in of_kind("dev", *WORKLOADS) if one["metadata"]["name"] == f"heedful-{service}"
    )
    return found


def allowed(policy: str, direction: str) -> tuple[Object, set[int]]:
    """Peers and ports of a policy of one rule."""
    (rule,) = named("dev", "NetworkPolicy", policy)["spec"][direction]
    (peer,) = rule["from" if direction == "ingress" else "to"]
    return peer, {one["port"] for one in rule["ports"]}


@pytest.mark.parametrize("service", PLATFORM)
def test_every_service_sends_them_to_the_collector(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = environment("dev", of_service(service))
    monkeypatch.setenv("HEEDFUL_TRACES", given["HEEDFUL_TRACES"])
    assert load(Settings).traces
    scheme, host, port = given["OTEL_EXPORTER_OTLP_ENDPOINT"].split(":")
    (served,) = named("dev", "Service", host.removeprefix("//"))["spec"]["ports"]
    assert (scheme, port) == ("http", str(served["port"]))
    assert given["OTEL_TRACES_SAMPLER"] == "parentbased_traceidratio"
    assert 0 < float(given["OTEL_TRACES_SAMPLER_ARG"]) <= 1


def test_few_are_taken_where_there_is_real_work(tmp_path: Path) -> None:
    (given,) = (
        one["data"]
        for one in rendered(tmp_path, "opentelemetry")
        if one["kind"] == "ConfigMap" and "HEEDFUL_TRACES" in one["data"]
    )
    assert float(given["OTEL_TRACES_SAMPLER_ARG"]) <= 0.01


def test_the_network_lets_them_go_that_way_and_no_other() -> None:
    services = set(PLATFORM)
    sender = named("dev", "NetworkPolicy", "heedful-traces")["spec"]["podSelector"]
    peer, ports = allowed("heedful-collector", "ingress")
    assert peer["podSelector"] == sender
    assert set(sender["matchExpressions"][0]["values"]) == services
    assert ports == allowed("heedful-traces", "egress")[1] == {int(PORT)}

    peer, ports = allowed("heedful-collector-jaeger", "egress")
    assert peer["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "heedful-jaeger"}
    assert ports == allowed("heedful-jaeger", "ingress")[1] == {4317}
    outside, ports = allowed("heedful-collector", "egress")
    assert set(outside) == {"namespaceSelector"}
    assert ports == {4317}


def test_the_collector_reads_what_compose_gives_it_and_has_what_that_asks_for() -> None:
    workload = named("dev", "Deployment", "heedful-collector")
    (volume,) = pod(workload)["volumes"]
    held = named("dev", "ConfigMap", volume["configMap"]["name"])["data"]
    assert held == {CONFIGURATION.name: CONFIGURATION.read_text("utf-8")}

    config = yaml.safe_load(CONFIGURATION.read_text("utf-8"))
    asked = set(re.findall(r"\$\{env:([A-Z_]+)\}", json.dumps(config)))
    given = {one["name"]: one["value"] for one in container(workload)["env"]}
    assert asked <= given.keys()
    host, _, port = given["OTLP_ENDPOINT"].partition(":")
    ports = named("dev", "Service", host)["spec"]["ports"]
    assert int(port) in {one["port"] for one in ports}

    endpoint = config["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    health = config["extensions"]["health_check"]["endpoint"]
    opened = {one["name"]: one["containerPort"] for one in container(workload)["ports"]}
    assert endpoint == f"0.0.0.0:{opened['otlp-http']}"
    assert health == f"0.0.0.0:{opened['health']}"
    assert config["service"]["extensions"] == ["health_check"]


@pytest.mark.parametrize("name", ["collector", "jaeger"])
def test_their_pods_are_as_restricted_as_ours_and_pinned_as_in_compose(name: str) -> None:
    workload, ours = (named("dev", "Deployment", f"heedful-{one}") for one in (name, "ingest"))
    assert container(workload)["image"] == COMPOSE[name]["image"]
    assert container(workload)["securityContext"] == container(ours)["securityContext"]
    for field in ("automountServiceAccountToken", "enableServiceLinks"):
        assert pod(workload)[field] == pod(ours)[field]
    assert pod(workload)["securityContext"].items() <= pod(ours)["securityContext"].items()
    resources = container(workload)["resources"]
    assert resources["limits"] == {"memory": resources["requests"]["memory"]}
    assert "cpu" in resources["requests"]
    for probe in ("livenessProbe", "readinessProbe"):
        assert container(workload)[probe]["httpGet"]["port"] == "health"


def test_without_jaeger_they_leave_for_the_namespace_of_those_who_keep_them(
    tmp_path: Path,
) -> None:
    objects = rendered(tmp_path, "opentelemetry")
    given = {one["name"]: one["value"] for one in container(_collector(objects))["env"]}
    host, _, port = given["OTLP_ENDPOINT"].partition(":")
    outside, ports = allowed("heedful-collector", "egress")
    namespace = outside["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    assert host.partition(".")[2] == namespace
    assert int(port) in ports


def _collector(objects: tuple[Object, ...]) -> Object:
    return deployment(objects, "heedful-collector")
