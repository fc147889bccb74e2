"""Scanners read the Dockerfile and the overlays as Kustomize makes them. Run by `make scan`."""

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.kube.manifests import K8S, OVERLAYS, text
from tests.packaging.findings import faults
from tests.packaging.wanted import ROOT

ARGUED = ROOT / ".ci" / "scan.toml"
BUILD = ROOT / "build" / "scan"
RELEASES = ("1.30", "1.34", "1.37")
"""Of Kubernetes: the oldest that docs/kubernetes.md names, the tried one, the newest known here."""
LIMIT_S = 300


def rendered() -> list[str]:
    """The overlays as files; paths from the root of the repository."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for overlay in OVERLAYS:
        (BUILD / f"{overlay}.yaml").write_text(text(K8S / "overlays" / overlay), "utf-8")
    return [str((BUILD / f"{overlay}.yaml").relative_to(ROOT)) for overlay in OVERLAYS]


def invalid(tools: Path, files: Sequence[str]) -> Iterator[str]:
    """What does not fit the schemas of Kubernetes. Custom resources are for `make test-kube`."""
    for release in RELEASES:
        options = ("--strict", "--quiet", "--no-warn", "--kubernetes-version", release)
        run = _run(tools / "kubernetes-validate", *options, *files)
        if run.returncode != 0:
            yield (run.stdout + run.stderr).strip()


def unlinted(tools: Path) -> Iterator[str]:
    """What hadolint says about the Dockerfile."""
    run = _run(tools / "hadolint", "--no-color", "Dockerfile")
    if run.returncode != 0:
        yield (run.stdout + run.stderr).strip()


def checked(tools: Path, files: Sequence[str]) -> list[dict[str, Any]]:
    """The reports of checkov.

    Raises:
        SystemExit: it gave none.
    """
    options = ("--framework", "kubernetes", "dockerfile", "--skip-download", "--output", "json")
    run = _run(tools / "checkov", *options, "--file", *files, "Dockerfile")
    try:
        reports: list[dict[str, Any]] = json.loads(run.stdout)
    except json.JSONDecodeError:
        sys.exit(f"checkov gave no report:\n{run.stderr}")
    return reports


def _run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT_S
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path, default=ROOT / ".venv-scan" / "bin")
    tools = parser.parse_args().tools
    files = rendered()
    reports = checked(tools, files)
    argued = tomllib.loads(ARGUED.read_text("utf-8"))["argued"]
    found = [
        *unlinted(Path(sys.executable).parent),
        *invalid(tools, files),
        *faults(reports, argued),
    ]
    if found:
        sys.exit("\n".join(found))
    passed = sum(len(one["results"]["passed_checks"]) for one in reports)
    print(f"kubernetes-validate for {', '.join(RELEASES)} and hadolint: nothing.")
    print(f"checkov: {passed} checks passed, {len(argued)} kinds argued in .ci/scan.toml.")


if __name__ == "__main__":
    main()
