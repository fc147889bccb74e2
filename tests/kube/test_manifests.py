"""What the manifests say, held against the code that they run. They need kubectl and no cluster."""

import base64
import re
from collections import Counter
from ipaddress import ip_network
from typing import Any

import pytest
from opentelemetry.sdk import environment_variables as of_the_sdk
from pydantic_settings import BaseSettings
from sqlalchemy import make_url

from heedful.alerting.settings import AlertingSettings
from heedful.cli.documents_configuration import SERVICES as DOCUMENTED
from heedful.cli.documents_configuration import settings_of, variables
from heedful.common.environment import load
from heedful.common.settings import PREFIX, Settings
from heedful.common.version import service_version
from tests.kube.manifests import (
    K8S,
    OVERLAYS,
    PLATFORM,
    ROOT,
    WORKLOADS,
    Object,
    container,
    environment,
    named,
    objects,
    of_kind,
    parsed,
    pod,
    text,
)

pytestmark = pytest.mark.kube

DOCS = (ROOT / "docs" / "kubernetes.md").read_text("utf-8")
PRIVATE = [
    ip_network(one)
    for one in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
        "2002::/16",
    )
]
OTHERS = {"heedful-kafka", "heedful-postgres", "heedful-pooler"}
"""Policies of brokers, of PostgreSQL and of its pooler, which speak to the API server."""
# A start waits so long for PostgreSQL, for its tables and for Kafka (docs/operations.md).
LONGEST_START_S = 3 * 120


def by(*services: str) -> list[tuple[str, str]]:
    """Each of them in each overlay. What is rendered is asked for by the test, not before it."""
    return [(overlay, service) for overlay in OVERLAYS for service in services]


def workload_of(overlay: str, service: str) -> Object:
    (found,) = (
        one
        for one in of_kind(overlay, *WORKLOADS)
        if one["metadata"]["name"] == f"heedful-{service}"
    )
    return found


NAMES = {f"heedful-{service}" for service in PLATFORM}
MODELS: list[type[BaseSettings]] = [
    Settings,
    *(model for service in DOCUMENTED for model in settings_of(service)),
]
KNOWN = {
    one.name
    for model in MODELS
    for one in variables(model, str(model.model_config.get("env_prefix")))
} | {
    "PGPASSWORD",
    *(str(one) for name, one in vars(of_the_sdk).items() if name.startswith("OTEL_")),
}
"""Our own, and what libpq and the SDK of OpenTelemetry read."""


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_service_is_there_with_its_company(overlay: str) -> None:
    counts = Counter(
        (one["kind"], one["metadata"]["name"])
        for one in objects(overlay)
        if one["metadata"]["name"] in NAMES
    )
    for name in NAMES:
        for kind in ("Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy"):
            assert counts[kind, name] == 1, (kind, name)
        assert counts["Deployment", name] + counts["StatefulSet", name] == 1


@pytest.mark.parametrize(("overlay", "service"), by(*PLATFORM, "migrate"))
def test_variables_are_settings(overlay: str, service: str) -> None:
    workload = workload_of(overlay, service)
    given = environment(overlay, workload)
    assert given
    assert [name for name in given if name not in KNOWN] == []


@pytest.mark.parametrize(("overlay", "service"), by(*PLATFORM))
def test_settings_take_the_values(
    overlay: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workload = workload_of(overlay, service)
    secret = {
        "HEEDFUL_DATABASE_URL": "postgresql://heedful:secret@db:5432/heedful",
        "HEEDFUL_SECRET_KEYS": "k1:" + base64.b64encode(bytes(32)).decode(),
        "HEEDFUL_API_KEYS": "shop:key:*",
        "HEEDFUL_KAFKA__GROUP_INSTANCE_ID": "heedful-nlp-0",
        "HEEDFUL_KAFKA__SASL_PASSWORD": "secret",
        "HEEDFUL_NLP__WORKERS": "2",
        "HEEDFUL_CONSOLE__PUBLIC_KEYS": "k1:" + base64.b64encode(bytes(32)).decode(),
        "HEEDFUL_WEB__SIGNING_KEY": "k1:" + base64.b64encode(bytes(32)).decode(),
        "HEEDFUL_WEB__SERVICE_KEYS": "shop:key",
        "PGPASSWORD": "secret",
    }
    for name, value in environment(overlay, workload).items():
        monkeypatch.setenv(name, value or secret[name])
    settings = load(Settings)
    for model in settings_of(service):
        load(model)

    assert settings.kafka.bootstrap_servers
    assert not settings.migrate_at_start, "the Job does"
    assert not settings.kafka.create_topics
    assert settings.http.port == container(workload)["ports"][0]["containerPort"]
    stable = settings.kafka.group_instance_id is not None
    assert stable == (workload["kind"] == "StatefulSet"), "only its pods keep their names"


@pytest.mark.parametrize(("overlay", "service"), by(*PLATFORM))
def test_there_is_time_to_drain(
    overlay: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workload = workload_of(overlay, service)
    for name, value in environment(overlay, workload).items():
        if value:
            monkeypatch.setenv(name, value)
    settings = Settings()
    before = container(workload)["lifecycle"]["preStop"]["sleep"]["seconds"]
    needed = (
        before
        + settings.http.linger_seconds
        + settings.http.drain_seconds
        + settings.consumer.drain_seconds
        + settings.kafka.send_timeout_seconds
    )
    assert pod(workload)["terminationGracePeriodSeconds"] >= 1.5 * needed


@pytest.mark.parametrize(("overlay", "service"), by(*PLATFORM))
def test_probes_ask_for_progress_and_for_servers(overlay: str, service: str) -> None:
    workload = workload_of(overlay, service)
    probes = {
        kind: container(workload)[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")
    }
    paths = {kind: probe["httpGet"]["path"] for kind, probe in probes.items()}
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    startup = probes["startup"]
    assert startup["periodSeconds"] * startup["failureThreshold"] > LONGEST_START_S


@pytest.mark.parametrize(("overlay", "service"), by(*PLATFORM, "migrate"))
def test_pods_are_bounded_and_write_nowhere(overlay: str, service: str) -> None:
    workload = workload_of(overlay, service)
    resources = container(workload)["resources"]
    assert resources["limits"] == {"memory": resources["requests"]["memory"]}
    assert "cpu" in resources["requests"]
    assert container(workload)["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod(workload)["automountServiceAccountToken"] is False
    assert pod(workload)["serviceAccountName"] == workload["metadata"]["name"]
    for volume in pod(workload)["volumes"]:
        assert "secret" in volume or "sizeLimit" in volume["emptyDir"]


@pytest.mark.parametrize(("overlay", "service"), by(*PLATFORM, "migrate"))
def test_images_are_of_this_release(overlay: str, service: str) -> None:
    workload = workload_of(overlay, service)
    image = container(workload)["image"]
    assert image.rpartition(":")[2] == service_version()
    assert re.search(rf"\b{service.replace('migrate', 'all')}:", image)


@pytest.mark.parametrize("kind", ["Service", "PodDisruptionBudget", "NetworkPolicy"])
@pytest.mark.parametrize(("overlay", "service"), by(*PLATFORM))
def test_a_selector_finds_the_pods_of_its_name(overlay: str, service: str, kind: str) -> None:
    spec = named(overlay, kind, f"heedful-{service}")["spec"]
    selector = spec.get("podSelector", spec.get("selector"))
    wanted = selector.get("matchLabels", selector)
    found = {
        workload["metadata"]["name"]
        for workload in of_kind(overlay, *WORKLOADS)
        if wanted.items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    }
    assert found == {f"heedful-{service}"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_no_policy_names_is_denied(overlay: str) -> None:
    spec = named(overlay, "NetworkPolicy", "deny-all")["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for policy in of_kind(overlay, "NetworkPolicy"):
        if policy["metadata"]["name"] in OTHERS:
            continue
        for direction, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(direction, []):
                assert rule[peers], f"{policy['metadata']['name']} opens {direction} to everybody"
                assert rule["ports"]


@pytest.mark.parametrize(("overlay", "service"), by("ingest", "alerting"))
def test_tenants_urls_lead_to_no_private_network(overlay: str, service: str) -> None:
    (rule,) = named(overlay, "NetworkPolicy", f"heedful-{service}")["spec"]["egress"]
    for block in (peer["ipBlock"] for peer in rule["to"]):
        allowed = ip_network(block["cidr"])
        excepted = [ip_network(one) for one in block["except"]]
        for private in (one for one in PRIVATE if one.version == allowed.version):
            if private.overlaps(allowed):
                assert any(_within(private, one) for one in excepted), private


def test_alerting_may_go_where_its_settings_let_it() -> None:
    (rule,) = named("production", "NetworkPolicy", "heedful-alerting")["spec"]["egress"]
    ports = {one["port"] for one in rule["ports"]}
    settings = AlertingSettings()
    assert ports == {*settings.target_ports, settings.smtp_port}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_are_named_and_never_held(overlay: str) -> None:
    assert list(of_kind(overlay, "Secret")) == []
    for workload in of_kind(overlay, *WORKLOADS):
        for one in container(workload)["env"]:
            reference = one.get("valueFrom", {}).get("secretKeyRef")
            if reference is None:
                assert not re.search("PASSWORD|SECRET|URL$", one["name"]) or _is_public(one)
            elif overlay == "production":
                assert f"`{reference['name']}`" in DOCS, "the page lists what to make"
                assert f"`{reference['key']}`" in DOCS


@pytest.mark.parametrize("folder", sorted(K8S.rglob("kustomization.yaml")), ids=str)
def test_no_secret_is_generated(folder: Any) -> None:
    (made,) = parsed(folder.read_text("utf-8"))
    assert "secretGenerator" not in made


def test_the_base_stands_alone() -> None:
    assert text(K8S / "base")


def _is_public(variable: Object) -> bool:
    if variable["name"] == "HEEDFUL_DATABASE_URL":
        return make_url(variable["value"]).password is None
    return bool(re.fullmatch(f"{PREFIX}(JOURNEY__EMBED|WEB__[A-Z]+)_URL", variable["name"]))


def _within(inner: Any, outer: Any) -> bool:
    return bool(inner.subnet_of(outer))
