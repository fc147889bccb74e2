"""A software bill of materials in CycloneDX 1.6, from a lock. Pure."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.packaging.locked import Locked
from tests.packaging.policy import Policy, key

SPECIFICATION: Final = "1.6"
_NAMESPACE: Final = uuid.UUID("0b7a3f0e-6f0c-5f9d-9d4e-3a3b5c1f7a52")


def bom(
    image: str,
    version: str,
    held: Sequence[Locked],
    policy: Policy,
    stated: Mapping[str, str],
) -> dict[str, Any]:
    """The document; the same lock gives the same one, serial number included.

    https://cyclonedx.org/docs/1.6/json/
    """
    itself = f"pkg:pypi/heedful@{version}"
    components = [_component(one, policy, stated) for one in held]
    content = "\n".join(
        [image, version, *(f"{one['purl']} {one['licenses']}" for one in components)]
    )
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPECIFICATION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "bom-ref": f"heedful-{image}",
                "name": f"heedful-{image}",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": itself,
                "name": "heedful",
                "version": version,
                "purl": itself,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
            *components,
        ],
        "dependencies": [
            {"ref": f"heedful-{image}", "dependsOn": [itself]},
            {"ref": itself, "dependsOn": [one["bom-ref"] for one in components]},
            *({"ref": one["bom-ref"]} for one in components),
        ],
    }


def _component(one: Locked, policy: Policy, stated: Mapping[str, str]) -> dict[str, Any]:
    """One release: the hashes are of all its files, of which an image holds one."""
    purl = f"pkg:pypi/{one.name}@{one.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
        "licenses": [{"expression": policy.expression(one.name, stated[key(one)])}],
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{one.name}/{one.version}/",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in sorted(one.hashes)],
            }
        ],
        **({"properties": [{"name": "pip:marker", "value": one.marker}]} if one.marker else {}),
    }
