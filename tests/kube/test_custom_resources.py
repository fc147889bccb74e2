"""What the operators would read: every kind is known to the letter, and a wrong one is refused."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.kube.control_plane import Cluster
from tests.kube.manifests import CRDS, OVERLAYS, Object, namespace, objects

pytestmark = pytest.mark.kube

Path = tuple[str | int, ...]

WRONG: Mapping[str, tuple[Path, object]] = {
    "Kafka": (("spec", "kafka", "listeners", 0, "type"), "external"),
    "KafkaNodePool": (("spec", "storage", "volumes", 0, "kraftMetadata"), "alone"),
    "KafkaTopic": (("spec", "partitions"), 0),
    "KafkaUser": (("spec", "authorization", "acls", 0, "operations"), ["Consume"]),
    "Cluster": (("spec", "instances"), "two"),
    "Pooler": (("spec", "pgbouncer", "poolMode"), "statement"),
    "ScaledObject": (("spec", "triggers", 0, "metadata", "lagThreshold"), 3000),
    "TriggerAuthentication": (("spec", "secretTargetRef", 0, "key"), None),
    "ServiceMonitor": (("spec", "endpoints", 0, "interval"), "15 seconds"),
    "PrometheusRule": (("spec", "groups", 0, "rules", 0, "expr"), None),
    "Gateway": (("spec", "listeners", 0, "port"), 70000),
    "HTTPRoute": (("spec", "rules", 0, "timeouts", "request"), "90 seconds"),
    "ExternalSecret": (("spec", "target", "deletionPolicy"), "Keep"),
}
"""Of each kind: a value that its operator would not take; None takes the field away."""


def definitions() -> list[dict[str, Any]]:
    return [one for path in CRDS for one in yaml.safe_load_all(path.read_text("utf-8"))]


PLURALS = {one["spec"]["names"]["kind"]: one["spec"]["names"]["plural"] for one in definitions()}


def schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from schemas(inner)
    for inner in (schema.get("items"), schema.get("additionalProperties")):
        if inner is not None:
            yield from schemas(inner)


def custom() -> list[tuple[str, Object]]:
    """The first of each custom kind, and the overlay that it is in."""
    found: dict[str, tuple[str, Object]] = {}
    for overlay in OVERLAYS:
        for one in objects(overlay):
            if one["kind"] in PLURALS:
                found.setdefault(one["kind"], (overlay, one))
    return list(found.values())


def answer(cluster: Cluster, overlay: str, one: Object) -> tuple[int, str]:
    """Status and message of a creation under another name that is only tried."""
    tried = copy.deepcopy(dict(one))
    tried["metadata"]["name"] = "tried"
    group = tried["apiVersion"]
    response = cluster.api.post(
        f"/apis/{group}/namespaces/{namespace(overlay)}/{PLURALS[tried['kind']]}",
        params={"dryRun": "All", "fieldValidation": "Strict"},
        json=tried,
    )
    return response.status_code, response.text


def changed(one: Object, path: Path, value: object) -> Object:
    result = copy.deepcopy(dict(one))
    holder: Any = result
    for step in path[:-1]:
        holder = holder[step]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return result


@pytest.mark.parametrize("definition", definitions(), ids=lambda one: one["spec"]["names"]["kind"])
def test_a_schema_is_closed(definition: dict[str, Any]) -> None:
    (version,) = definition["spec"]["versions"]
    top = version["schema"]["openAPIV3Schema"]
    for schema in schemas(top):
        assert "x-kubernetes-preserve-unknown-fields" not in schema
        if schema.get("type") == "object" and schema is not top["properties"]["metadata"]:
            assert "properties" in schema or "additionalProperties" in schema


def test_every_custom_kind_is_there_with_a_wrong_one() -> None:
    assert {one["kind"] for _, one in custom()} == PLURALS.keys() == WRONG.keys()


def test_a_wrong_one_of_each_kind_is_refused(cluster: Cluster, applied: str) -> None:
    for overlay, one in custom():
        if overlay != applied:
            continue
        kind, (path, value) = one["kind"], WRONG[one["kind"]]
        assert answer(cluster, overlay, one)[0] == 201, kind
        status, message = answer(cluster, overlay, changed(one, path, value))
        assert status == 422, (kind, message)
        named = next(str(step) for step in reversed(path) if isinstance(step, str))
        assert named in message, kind
        status, message = answer(cluster, overlay, changed(one, ("spec", "colour"), "red"))
        assert status == 400, kind
        assert 'unknown field \\"spec.colour\\"' in message, kind
