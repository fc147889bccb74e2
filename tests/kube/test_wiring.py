"""Paths, groups and topics in the manifests are those of the services."""

import base64
import importlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from heedful.common.serve import platform
from heedful.common.service import Service
from heedful.common.settings import KafkaSettings, Settings
from heedful.common.topics import (
    CASE_EVENT,
    FEEDBACK_ENRICHED,
    FEEDBACK_RECEIVED,
    INTERACTION_RECORDED,
    JOURNEY_SIGNAL,
    PRIVACY_ERASURE,
    PRIVACY_RECEIPT,
)
from tests.kube.manifests import OVERLAYS, PLATFORM, SERVICES, named, of_kind, rendered

pytestmark = pytest.mark.kube

WRITES = {
    "ingest": (FEEDBACK_RECEIVED, INTERACTION_RECORDED, PRIVACY_RECEIPT),
    "nlp": (FEEDBACK_ENRICHED, PRIVACY_RECEIPT),
    "journey": (JOURNEY_SIGNAL, PRIVACY_ERASURE, PRIVACY_RECEIPT),
    "alerting": (CASE_EVENT, PRIVACY_RECEIPT),
}
"""What a service publishes; no registry says it. Dead letters follow from what it reads."""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Service]:
    """All four, wired and not started."""
    folder: Path = tmp_path_factory.mktemp("services")
    settings = Settings(
        data_dir=folder,
        database_url="postgresql://heedful:secret@nowhere/heedful",
        secret_keys=("k1:" + base64.b64encode(bytes(32)).decode(),),
        kafka=KafkaSettings(bootstrap_servers="nowhere:9092"),
    )
    return {
        name: importlib.import_module(f"heedful.{name}.main").build(
            platform(settings, name, "http://127.0.0.1:8080")
        )
        for name in SERVICES
    }


def groups(service: Service) -> dict[str, list[str]]:
    return {one.group: [topic.name for topic in one.topics] for one in service.subscriptions}


@pytest.mark.parametrize("service", SERVICES)
def test_a_kafka_user_may_do_what_its_service_does_and_no_more(
    services: Mapping[str, Service], service: str
) -> None:
    read = groups(services[service])
    topics = {topic for group in read.values() for topic in group}
    wanted = {("topic", name, "Read") for name in topics}
    wanted |= {("group", name, "Read") for name in read}
    wanted |= {("topic", topic.name, "Write") for topic in WRITES[service]}
    wanted |= {("topic", f"{name}.dlq", "Write") for name in topics}

    user = named("dev", "KafkaUser", f"heedful-{service}")
    given = {
        (acl["resource"]["type"], acl["resource"]["name"], operation)
        for acl in user["spec"]["authorization"]["acls"]
        for operation in acl["operations"]
    }
    described = {(kind, name, "Describe") for kind, name, _ in wanted}
    assert given == wanted | described


@pytest.mark.parametrize("service", ["nlp", "journey", "alerting"])
def test_a_consumer_is_scaled_by_what_its_main_group_reads(
    services: Mapping[str, Service], service: str
) -> None:
    scaled = named("production", "ScaledObject", f"heedful-{service}")["spec"]
    asked = [one["metadata"] for one in scaled["triggers"]]
    main = f"heedful.{service}"
    assert {one["consumerGroup"] for one in asked} == {main}
    read = {topic.name: topic for one in services[service].subscriptions for topic in one.topics}
    assert sorted(one["topic"] for one in asked) == sorted(groups(services[service])[main])
    assert scaled["maxReplicaCount"] == min(read[one["topic"]].partitions for one in asked)
    assert scaled["minReplicaCount"] >= 2
    assert scaled["scaleTargetRef"]["name"] == f"heedful-{service}"
    for one in asked:
        assert one["offsetResetPolicy"] == "earliest", "as the consumer"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_route_is_reached_from_outside(services: Mapping[str, Service], overlay: str) -> None:
    backends = {
        match["path"]["value"]: backend["name"]
        for rule in named(overlay, "HTTPRoute", "heedful")["spec"]["rules"]
        for backend in rule["backendRefs"]
        for match in rule["matches"]
    }
    reached = set()
    for name, service in services.items():
        for route in (route for router in service.routers for route in router.routes):
            path = str(getattr(route, "path"))  # noqa: B009 - Starlette's base class has none
            prefix = max(
                (one for one in backends if f"{path}/".startswith(f"{one}/")), key=len, default=""
            )
            assert backends.get(prefix) == f"heedful-{name}", path
            reached.add(prefix)
    assert reached == backends.keys(), "a path that no service has"


def test_a_gateway_has_a_listener_for_each_route_and_a_port_for_each_backend() -> None:
    listeners = {
        one["name"]: one for one in named("dev", "Gateway", "heedful")["spec"]["listeners"]
    }
    used = set()
    for route in of_kind("dev", "HTTPRoute"):
        (parent,) = route["spec"]["parentRefs"]
        used.add(parent["sectionName"])
        hosts = route["spec"].get("hostnames", [None])
        assert hosts == [listeners[parent["sectionName"]].get("hostname")]
        for rule in route["spec"]["rules"]:
            for backend in rule.get("backendRefs", []):
                (port,) = named("dev", "Service", backend["name"])["spec"]["ports"]
                assert backend["port"] == port["port"]
    assert used == listeners.keys()


def test_an_ingress_has_the_paths_of_the_gateway(tmp_path: Path) -> None:
    ingresses = [one for one in rendered(tmp_path, "ingress") if one["kind"] == "Ingress"]
    by_ingress = {
        (rule["host"], path["path"], path["backend"]["service"]["name"])
        for one in ingresses
        for rule in one["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    by_gateway = {
        (host, match["path"]["value"], backend["name"])
        for route in of_kind("production", "HTTPRoute")
        for host in route["spec"].get("hostnames", ())
        for rule in route["spec"]["rules"]
        for backend in rule["backendRefs"]
        for match in rule["matches"]
    }
    assert by_ingress == by_gateway


def test_autoscaled_workloads_leave_their_replicas_alone() -> None:
    scaled = [
        one["spec"]["scaleTargetRef"]
        for one in of_kind("production", "ScaledObject", "HorizontalPodAutoscaler")
    ]
    assert len(scaled) == len(SERVICES)
    for target in scaled:
        workload = named("production", target["kind"], target["name"])
        assert "replicas" not in workload["spec"]


def test_prometheus_reaches_whatever_its_monitor_finds() -> None:
    wanted = named("production", "ServiceMonitor", "heedful")["spec"]["selector"]["matchLabels"]
    found = {
        one["metadata"]["labels"]["app.kubernetes.io/component"]
        for one in of_kind("production", "Service")
        if wanted.items() <= one["metadata"]["labels"].items()
    }
    policy = named("production", "NetworkPolicy", "heedful-metrics")["spec"]["podSelector"]
    (components, _) = policy["matchExpressions"]
    assert set(components["values"]) == found == set(PLATFORM)
