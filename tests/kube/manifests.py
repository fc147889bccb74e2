"""The manifests of deploy/k8s as kubectl renders them."""

import functools
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "deploy" / "k8s"
CRDS = sorted((ROOT / "tests" / "data" / "kube").glob("*.yaml"))
OVERLAYS = ("dev", "production")
SERVICES = ("ingest", "nlp", "journey", "alerting")
"""Those that read or write topics."""
PLATFORM = (*SERVICES, "console")
WORKLOADS = ("Deployment", "StatefulSet", "Job")

Object = Mapping[str, Any]


@functools.cache
def text(folder: Path) -> str:
    """`kubectl kustomize` of a folder; it needs no cluster."""
    result = subprocess.run(
        ["kubectl", "kustomize", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def objects(overlay: str) -> tuple[Object, ...]:
    return parsed(text(K8S / "overlays" / overlay))


def rendered(folder: Path, *components: str, **more: object) -> tuple[Object, ...]:
    """The base with components, as an overlay in `folder`."""
    overlay = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(K8S / "base", folder)],
        "components": [os.path.relpath(K8S / "components" / one, folder) for one in components],
        **more,
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(overlay), "utf-8")
    return parsed(text(folder))


@functools.cache
def parsed(content: str) -> tuple[Object, ...]:
    return tuple(yaml.load_all(content, Loader=yaml.CSafeLoader))


def of_kind(overlay: str, *kinds: str) -> Iterator[Object]:
    return (one for one in objects(overlay) if one["kind"] in kinds)


def named(overlay: str, kind: str, name: str) -> Object:
    (found,) = (one for one in of_kind(overlay, kind) if one["metadata"]["name"] == name)
    return found


def deployment(objects: tuple[Object, ...], name: str) -> Object:
    (found,) = (
        one for one in objects if one["kind"] == "Deployment" and one["metadata"]["name"] == name
    )
    return found


def pod(workload: Object) -> Object:
    found: Object = workload["spec"]["template"]["spec"]
    return found


def container(workload: Object) -> Object:
    (found,) = pod(workload)["containers"]
    container: Object = found
    return container


def namespace(overlay: str) -> str:
    (found,) = of_kind(overlay, "Namespace")
    return str(found["metadata"]["name"])


def environment(overlay: str, workload: Object) -> dict[str, str]:
    """What a container's variables are, as far as the manifests say it: a secret's value, and what
    only the cluster knows, is empty."""
    found: dict[str, str] = {}
    for source in container(workload).get("envFrom", []):
        found |= named(overlay, "ConfigMap", source["configMapRef"]["name"])["data"]
    for one in container(workload)["env"]:
        found[one["name"]] = one.get("value", "")
    return found
