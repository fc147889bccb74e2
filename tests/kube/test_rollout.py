"""The production overlay lives: it rolls out, holds a drain, and changes its image.

The nodes are simulated: a pod is ready as soon as it is there, and drains nothing. What is proven
is what the controllers, the scheduler and the eviction API make of the manifests.
"""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import yaml

from tests.kube.applying import apply
from tests.kube.control_plane import Cluster, Refused
from tests.kube.manifests import K8S, PLATFORM, of_kind, text
from tests.patience import until

pytestmark = pytest.mark.kube

NODES = ("node-1", "node-2", "node-3")
STATEFUL = ("nlp", "journey", "alerting")


def pods(cluster: Cluster, namespace: str, service: str) -> list[dict[str, Any]]:
    """Those that are not on their way out."""
    selector = f"app.kubernetes.io/component={service}"
    found = cluster.items(f"/api/v1/namespaces/{namespace}/pods", labelSelector=selector)
    return [one for one in found if "deletionTimestamp" not in one["metadata"]]


def is_whole(cluster: Cluster, namespace: str) -> bool:
    """Every workload is at its newest revision and ready, and every budget has counted that."""
    apps = f"/apis/apps/v1/namespaces/{namespace}"
    workloads = cluster.items(f"{apps}/deployments") + cluster.items(f"{apps}/statefulsets")
    budgets = cluster.items(f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets")
    assert len(workloads) == len(budgets) == len(PLATFORM)
    return all(is_settled(one) for one in workloads) and all(
        one["status"]["observedGeneration"] == one["metadata"]["generation"]
        and one["status"]["currentHealthy"] == one["status"]["expectedPods"]
        and one["status"]["disruptionsAllowed"] == 1
        for one in budgets
    )


def is_settled(workload: dict[str, Any]) -> bool:
    status, wanted = workload["status"], workload["spec"]["replicas"]
    # The autoscalers have looked.
    if wanted < 2:
        return False
    counts = {status.get(f"{kind}Replicas", 0) for kind in ("ready", "updated", "available")}
    return (
        status.get("observedGeneration") == workload["metadata"]["generation"]
        and counts | {status.get("replicas", 0)} == {wanted}
        and status.get("currentRevision") == status.get("updateRevision")
    )


async def rolled_out(cluster: Cluster, namespace: str) -> None:
    await until(lambda: is_whole(cluster, namespace))


@pytest.fixture
async def rolled(cluster: Cluster, production: str) -> str:
    await rolled_out(cluster, production)
    return production


@pytest.fixture
async def cordoned(cluster: Cluster, rolled: str) -> AsyncIterator[str]:
    """No node takes a pod."""
    cluster.kubectl("cordon", *NODES)
    yield rolled
    cluster.kubectl("uncordon", *NODES)
    # The first node to come back took whatever waited: spread them anew.
    cluster.kubectl("delete", "pods", "--all", "-n", rolled)
    renew_budgets(cluster, rolled)


def renew_budgets(cluster: Cluster, namespace: str) -> None:
    """A budget counts a pod that was evicted as gone for two minutes unless it sees it go. Here a
    pod of a StatefulSet is back under its name before that; new budgets remember nothing."""
    cluster.kubectl("delete", "poddisruptionbudgets", "--all", "-n", namespace)
    budgets = list(of_kind("production", "PodDisruptionBudget"))
    apply(cluster, yaml.safe_dump_all(budgets))


def evict(cluster: Cluster, namespace: str, name: str) -> httpx.Response:
    """What `kubectl drain` asks for each pod of a node."""
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
    }
    return cluster.api.post(f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", json=eviction)


@pytest.mark.parametrize("service", PLATFORM)
def test_replicas_are_on_different_nodes(cluster: Cluster, rolled: str, service: str) -> None:
    nodes = Counter(one["spec"]["nodeName"] for one in pods(cluster, rolled, service))
    assert nodes.total() >= 2
    assert max(nodes.values()) == 1


def test_migrations_ran(cluster: Cluster, rolled: str) -> None:
    cluster.kubectl(
        "wait", "job/heedful-migrate", "-n", rolled, "--for=condition=Complete", "--timeout=60s"
    )


def test_budgets_hold_a_drain(cluster: Cluster, cordoned: str) -> None:
    """One replica may go. The next one stays until its successor is ready, and there is no room."""
    for service in PLATFORM:
        first, second, *_ = (one["metadata"]["name"] for one in pods(cluster, cordoned, service))
        evict(cluster, cordoned, first).raise_for_status()
        refused = evict(cluster, cordoned, second)
        assert refused.status_code == 429, service
        assert "would violate the pod's disruption budget" in refused.json()["message"]


async def test_a_node_can_be_drained(cluster: Cluster, rolled: str) -> None:
    cluster.kubectl("drain", "node-1", "--delete-emptydir-data", "--timeout=60s")
    try:
        renew_budgets(cluster, rolled)
        await rolled_out(cluster, rolled)
        for service in PLATFORM:
            nodes = {one["spec"]["nodeName"] for one in pods(cluster, rolled, service)}
            assert nodes == {"node-2", "node-3"}
    finally:
        cluster.kubectl("uncordon", "node-1")


async def test_a_changed_image_rolls_out(cluster: Cluster, rolled: str) -> None:
    before = {service: pods(cluster, rolled, service) for service in PLATFORM}
    changed = text(K8S / "overlays" / "production").replace(":0.1.0", ":0.1.1")
    with pytest.raises(Refused, match="field is immutable"):
        apply(cluster, changed)

    cluster.kubectl("delete", "job", "heedful-migrate", "-n", rolled)
    apply(cluster, changed)
    await rolled_out(cluster, rolled)

    for service in PLATFORM:
        after = pods(cluster, rolled, service)
        images = {one["spec"]["containers"][0]["image"] for one in after}
        assert images == {f"registry.example/heedful/{service}:0.1.1"}
        kept = names(before[service]) & names(after)
        assert len(kept) == (len(after) if service in STATEFUL else 0)


def names(found: list[dict[str, Any]]) -> set[str]:
    return {one["metadata"]["name"] for one in found}
