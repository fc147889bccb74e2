from collections.abc import Iterator

import pytest

from tests.kube.applying import apply
from tests.kube.control_plane import Cluster, running_cluster
from tests.kube.manifests import K8S, OVERLAYS, text


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session", params=OVERLAYS)
def applied(request: pytest.FixtureRequest, cluster: Cluster) -> str:
    """The name of an overlay that the cluster has taken."""
    apply(cluster, text(K8S / "overlays" / request.param))
    return str(request.param)


@pytest.fixture(scope="session")
def production(cluster: Cluster) -> str:
    """The namespace of the production overlay, which is there."""
    apply(cluster, text(K8S / "overlays" / "production"))
    return "heedful"
