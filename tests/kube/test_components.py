"""Components that neither overlay has, and the page that lists them all. No cluster is needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from heedful.common.environment import load
from heedful.common.topics import TOPICS
from heedful.common.version import service_version
from heedful.nlp.settings import Backend, NlpSettings
from tests.kube.manifests import (
    K8S,
    ROOT,
    Object,
    container,
    deployment,
    named,
    parsed,
    pod,
    rendered,
    text,
)

pytestmark = pytest.mark.kube


def images(objects: tuple[Object, ...]) -> Iterator[str]:
    for one in objects:
        if one["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield container(one)["image"]


def nlp(objects: tuple[Object, ...]) -> Object:
    (found,) = (
        one
        for one in objects
        if one["kind"] == "StatefulSet" and one["metadata"]["name"] == "heedful-nlp"
    )
    return container(found)


def test_the_page_lists_every_component() -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text("utf-8")
    for folder in (K8S / "components").iterdir():
        assert f"| `{folder.name}` |" in page, folder.name


def test_nlp_runs_on_torch_from_its_own_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = rendered(tmp_path, "nlp-torch")
    of_nlp = [one for one in images(objects) if "nlp" in one]
    assert of_nlp == [f"heedful-nlp-torch:{service_version()}"]

    given = {one["name"]: one.get("value", "") for one in nlp(objects)["env"]}
    monkeypatch.setenv("HEEDFUL_NLP__BACKEND", given["HEEDFUL_NLP__BACKEND"])
    assert load(NlpSettings).backend is Backend.TORCH


def test_an_overlay_says_where_that_image_lies(tmp_path: Path) -> None:
    place = {"name": "heedful-nlp-torch", "newName": "registry.example/heedful/nlp-torch"}
    objects = rendered(tmp_path, "nlp-torch", images=[place])
    assert f"{place['newName']}:{service_version()}" in images(objects)


def test_torch_has_more_room_and_the_same_bounds(tmp_path: Path) -> None:
    torch = nlp(rendered(tmp_path, "nlp-torch"))["resources"]
    onnx = nlp(parsed(text(K8S / "base")))["resources"]
    assert torch["limits"] == {"memory": torch["requests"]["memory"]}
    assert torch["requests"]["cpu"] == onnx["requests"]["cpu"]
    assert torch["limits"] != onnx["limits"]


def test_commands_are_given_in_a_pod_of_their_own(tmp_path: Path) -> None:
    objects = rendered(tmp_path, "operations", "kafka-scram", "cloudnative-pg")
    workload, served = (
        deployment(objects, name) for name in ("heedful-operations", "heedful-ingest")
    )
    for field in ("securityContext", "automountServiceAccountToken", "enableServiceLinks"):
        assert pod(workload)[field] == pod(served)[field]
    assert container(workload)["securityContext"] == container(served)["securityContext"]
    assert container(workload)["image"] == f"heedful-all:{service_version()}"

    given, served_by = (
        {one["name"]: one for one in container(of)["env"]} for of in (workload, served)
    )
    assert given["HEEDFUL_DATABASE_URL"] == served_by["HEEDFUL_DATABASE_URL"]
    assert given.keys() <= served_by.keys()
    assert container(workload)["envFrom"] == container(served)["envFrom"]
    places = {one["mountPath"] for one in container(workload)["volumeMounts"]}
    assert places == {"/tmp", "/etc/heedful/kafka"}  # noqa: S108


def test_its_user_reads_every_dead_letter_sends_it_again_and_rewinds_consumers() -> None:
    rule, groups = named("dev", "KafkaUser", "heedful-operations")["spec"]["authorization"]["acls"]
    assert set(rule["operations"]) == {"Describe", "Read", "Write"}
    assert rule["resource"]["type"] == "topic"
    assert rule["resource"]["patternType"] == "prefix"
    for topic in TOPICS:
        assert topic.name.startswith(rule["resource"]["name"])
        assert topic.dlq.startswith(rule["resource"]["name"])
    assert groups["resource"] == {"type": "group", "name": "heedful.", "patternType": "prefix"}
    assert set(groups["operations"]) == {"Describe", "Read"}


@pytest.mark.parametrize(
    ("overlay", "policies"),
    [
        ("dev", ("heedful-kafka-clients", "heedful-postgres-clients")),
        ("production", ("heedful-data",)),
    ],
)
def test_it_reaches_kafka_and_postgresql(overlay: str, policies: tuple[str, ...]) -> None:
    for name in policies:
        selector = named(overlay, "NetworkPolicy", name)["spec"]["podSelector"]
        components, part = (one["values"] for one in selector["matchExpressions"])
        assert "operations" in components
        assert part == ["heedful"]
