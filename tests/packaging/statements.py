"""What packages state about their licence, asked for through pip."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name

LIMIT_S: Final = 1800
_SHORT: Final = 60
"""Longer ones are the licence itself."""
_CLASSIFIER: Final = "License :: OSI Approved :: "


def stated(metadata: Mapping[str, Any]) -> str:
    """The licence in the metadata of a distribution (PEP 566, as JSON); empty when it has none."""
    expression = str(metadata.get("license_expression") or "")
    if expression:
        return expression
    said = str(metadata.get("license") or "").strip()
    if said and "\n" not in said and len(said) <= _SHORT and said != "BSD":
        return said
    classifiers = (str(one) for one in metadata.get("classifier", []))
    return " / ".join(
        one.removeprefix(_CLASSIFIER) for one in classifiers if one.startswith(_CLASSIFIER)
    )


def asked(pip: Path, releases: Sequence[str]) -> dict[str, str]:
    """The statements of releases (`name==version`) from the index that pip is set up for.

    pip fetches whole wheels for it where the index does not serve metadata alone.
    """
    found: dict[str, str] = {}
    for together in rounds(releases):
        found |= _report(pip, together)
    return found


def rounds(releases: Iterable[str]) -> list[list[str]]:
    """pip takes one version of a package at a time."""
    rounds: list[dict[str, str]] = []
    for release in releases:
        name = release.partition("==")[0]
        free = next((one for one in rounds if name not in one), None)
        if free is None:
            rounds.append(free := {})
        free[name] = release
    return [list(one.values()) for one in rounds]


def _report(pip: Path, releases: Sequence[str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        target, report = Path(folder, "target"), Path(folder, "report.json")
        command = [
            *(str(pip), "install", "--quiet", "--dry-run", "--no-deps", "--only-binary", ":all:"),
            # Of whatever Python: the newest that the locks are for.
            *("--python-version", "3.13", "--target", str(target)),
            *("--report", str(report), *releases),
        ]
        # A machine's own constraints are about what it installs, and nothing is installed.
        environment = {**os.environ, "PIP_CONSTRAINT": os.devnull}
        subprocess.run(command, check=True, timeout=LIMIT_S, env=environment)
        installs = json.loads(report.read_text("utf-8"))["install"]
    metadata = [one["metadata"] for one in installs]
    return {f"{canonicalize_name(one['name'])}=={one['version']}": stated(one) for one in metadata}
