"""The bill of materials of an image, and what an audit of it says."""

import json
from typing import Any

import pytest

from tests.packaging.advisories import verdict
from tests.packaging.bom import bom
from tests.packaging.licences import POLICY, STATED, held
from tests.packaging.policy import parsed
from tests.packaging.wanted import IMAGES

POLICIES = parsed(POLICY.read_text("utf-8"))
SAID = json.loads(STATED.read_text("utf-8"))
HELD = held()


def document(image: str) -> dict[str, Any]:
    return bom(image, "1.2.3", HELD[image], POLICIES, SAID)


@pytest.mark.parametrize("image", IMAGES)
def test_a_bill_names_every_release_with_its_licence(image: str) -> None:
    bill = document(image)
    listed = {one["purl"] for one in bill["components"]}
    assert listed == {
        "pkg:pypi/heedful@1.2.3",
        *(f"pkg:pypi/{one.name}@{one.version}" for one in HELD[image]),
    }
    assert all(one["licenses"] for one in bill["components"])


def test_every_component_hangs_on_the_image() -> None:
    bill = document("ingest")
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    itself, *others = (one["bom-ref"] for one in bill["components"])
    assert needs[bill["metadata"]["component"]["bom-ref"]] == [itself]
    assert needs[itself] == others


def test_the_same_lock_gives_the_same_bill() -> None:
    assert document("nlp") == document("nlp")
    serials = {document(image)["serialNumber"] for image in IMAGES}
    assert len(serials) == len(IMAGES)


ADVISORY = {"id": "CVE-1", "aliases": ["GHSA-1"], "fix_versions": ["2.0"]}


def report(*dependencies: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(dependencies), "fixes": []}


def test_a_release_is_clean_vulnerable_or_unknown() -> None:
    found = verdict(
        ["a==1", "b==1", "c==1", "d==1"],
        [
            report(
                {"name": "a", "version": "1", "vulns": []},
                {"name": "b", "version": "1", "vulns": [ADVISORY]},
            ),
            report({"name": "c", "skip_reason": "not found on PyPI"}),
        ],
    )
    assert found.clean == {"a==1"}
    assert found.vulnerable == {"b==1": ("CVE-1, mended in 2.0",)}
    assert found.unknown == {
        "c==1": "not found on PyPI",
        "d==1": "pip-audit says nothing about it",
    }


@pytest.mark.parametrize("identifier", ["CVE-1", "GHSA-1"])
def test_an_accepted_advisory_does_not_count(identifier: str) -> None:
    reports = [report({"name": "b", "version": "1", "vulns": [ADVISORY]})]
    assert verdict(["b==1"], reports, [identifier]).clean == {"b==1"}
    assert not verdict(["b==1"], reports, ["CVE-2"]).clean
