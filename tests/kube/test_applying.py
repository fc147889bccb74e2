"""The overlays on a real API server: admitted to the letter, and restricted."""

import copy
import json
from pathlib import Path

import pytest

from tests.kube.applying import apply
from tests.kube.control_plane import Cluster, Refused
from tests.kube.manifests import K8S, Object, deployment, named, namespace, pod, rendered, text

pytestmark = pytest.mark.kube


def tried(cluster: Cluster, overlay: str, one: Object) -> str:
    """What kubectl says where one is created and not kept."""
    dry = ("--namespace", namespace(overlay), "--dry-run=server", "--validate=strict")
    return cluster.kubectl("create", *dry, "-f", "-", stdin=json.dumps(one))


def test_can_be_applied_again_without_a_warning(cluster: Cluster, applied: str) -> None:
    assert apply(cluster, text(K8S / "overlays" / applied)) == ""


def test_an_unknown_field_is_refused(cluster: Cluster, applied: str) -> None:
    """The checks would be worth nothing if it were not."""
    manifests = text(K8S / "overlays" / applied)
    misspelt = manifests.replace("maxUnavailable: 1", "maxUnavailabel: 1")
    assert misspelt != manifests
    with pytest.raises(Refused, match="maxUnavailabel"):
        apply(cluster, misspelt, "--dry-run=server")


def test_an_ingress_is_admitted_as_well(cluster: Cluster, applied: str, tmp_path: Path) -> None:
    hosts = [one for one in rendered(tmp_path, "ingress") if one["kind"] == "Ingress"]
    assert len(hosts) == 2
    for one in hosts:
        tried(cluster, applied, one)


def test_the_pod_of_commands_is_admitted_as_well(
    cluster: Cluster, applied: str, tmp_path: Path
) -> None:
    workload = deployment(rendered(tmp_path, "operations", "kafka-scram"), "heedful-operations")
    assert tried(cluster, applied, workload).strip().endswith("(server dry run)")


def test_the_namespace_takes_no_looser_pod(cluster: Cluster, applied: str) -> None:
    spec = copy.deepcopy(dict(pod(named(applied, "Deployment", "heedful-ingest"))))
    one = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "one", "namespace": namespace(applied)},
        "spec": spec,
    }
    tried(cluster, applied, one)
    del spec["containers"][0]["securityContext"]
    with pytest.raises(Refused, match='violates PodSecurity "restricted'):
        tried(cluster, applied, one)
