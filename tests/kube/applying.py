"""Putting manifests into a cluster, as `kubectl apply -k` does, and strictly."""

from tests.kube.control_plane import Cluster, Refused


def apply(cluster: Cluster, manifests: str, *options: str) -> str:
    """What was warned of, if anything.

    Raises:
        Refused: the server knows a field not, or does not take a value.
    """
    arguments = ("apply", "--server-side", "--validate=strict", *options, "-f", "-")
    said = cluster.said(arguments, manifests)
    if said.returncode != 0:
        raise Refused(said.stderr)
    return said.stderr
