from collections.abc import Iterator

import pytest

from tests.kube.applying import apply
from tests.kube.control_plane import Cluster, running_cluster
from tests.kube.manifests import CRDS, K8S, OVERLAYS, namespace, of_kind, text


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """It knows the custom resources; no operator acts on them."""
    with running_cluster() as running:
        for path in CRDS:
            apply(running, path.read_text("utf-8"))
        running.kubectl("wait", "crd", "--all", "--for=condition=Established", "--timeout=60s")
        yield running


@pytest.fixture(scope="session", params=OVERLAYS)
def applied(request: pytest.FixtureRequest, cluster: Cluster) -> str:
    """The name of an overlay that the cluster has taken."""
    apply(cluster, text(K8S / "overlays" / request.param))
    return str(request.param)


@pytest.fixture(scope="session")
def production(cluster: Cluster) -> str:
    """The namespace of the production overlay, which is there. KEDA is not, so its part is done
    here: replicas come from nobody else."""
    apply(cluster, text(K8S / "overlays" / "production"))
    place = namespace("production")
    for scaled in of_kind("production", "ScaledObject"):
        target = f"statefulset/{scaled['spec']['scaleTargetRef']['name']}"
        wanted = f"--replicas={scaled['spec']['minReplicaCount']}"
        cluster.kubectl("scale", target, wanted, "-n", place)
    return place
