"""A lock as it is written, and what is wrong with it. Pure: no network, no installed package."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.packaging.wanted import Wanted

ASKED: Final = "# asked: sha256:"
_ENTRY: Final = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\\n]+?))?\s*"
    r"(?P<rest>(?:\\\n\s+--hash=\S+\s*)*)$",
    re.MULTILINE,
)
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")
OLDEST: Final = "3.11"
PYTHONS: Final = (OLDEST, "3.12", "3.13")
MACHINES: Final = ("x86_64", "aarch64")
ENVIRONMENTS: Final[tuple[dict[str, str], ...]] = tuple(
    {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
        "extra": "",
    }
    for python in PYTHONS
    for machine in MACHINES
)
"""Where an image may be built: the classifiers of pyproject.toml on two processors."""


@dataclass(frozen=True)
class Locked:
    """One release of one package."""

    name: str
    """Canonical (PEP 503)."""
    version: str
    marker: str
    hashes: frozenset[str]

    def in_(self, environment: Mapping[str, str]) -> bool:
        return not self.marker or Marker(self.marker).evaluate(dict(environment))


def entries(text: str) -> tuple[Locked, ...]:
    """The releases that a lock names."""
    return tuple(
        Locked(
            canonicalize_name(found["name"]),
            found["version"],
            found["marker"] or "",
            frozenset(_HASH.findall(found["rest"])),
        )
        for found in _ENTRY.finditer(text)
    )


def written(wanted: Wanted, held: Iterable[Locked]) -> str:
    """The file. A marker stands only where a release is not for every environment."""
    where = f"Linux, CPython {PYTHONS[0]} to {PYTHONS[-1]}, {' and '.join(MACHINES)}"
    lines = [
        f"# {wanted.subject}",
        f"# For {where}; from `make lock`.",
        f"{ASKED}{wanted.digest}",
    ]
    for one in held:
        everywhere = all(one.in_(environment) for environment in ENVIRONMENTS)
        marker = "" if everywhere else f" ; {one.marker}"
        hashes = [f"    --hash=sha256:{digest}" for digest in sorted(one.hashes)]
        lines.append(" \\\n".join([f"{one.name}=={one.version}{marker}", *hashes]))
    return "\n".join(lines) + "\n"


def problems(wanted: Wanted, text: str) -> Iterator[str]:
    """Why a lock does not stand for what is asked; nothing when it does."""
    if f"{ASKED}{wanted.digest}\n" not in text:
        yield "pyproject.toml asks for something else than when it was written"
    held = entries(text)
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    if len(lines) != len(held):
        yield f"{len(lines) - len(held)} lines are no `name==version`"
    for one in held:
        if not one.hashes:
            yield f"{one.name}=={one.version} has no sha256"
    for environment in ENVIRONMENTS:
        where = f"on Python {environment['python_version']}, {environment['platform_machine']}"
        present: dict[str, list[Version]] = {}
        for one in held:
            if one.in_(environment):
                present.setdefault(one.name, []).append(Version(one.version))
        for name, versions in present.items():
            if len(versions) > 1:
                yield f"{name} is there twice {where}"
        yield from (f"{line} {where}" for line in _unmet(wanted.requirements, present, environment))


def disagreements(held: Mapping[str, tuple[Locked, ...]]) -> Iterator[str]:
    """Packages of which two locks (by name) hold different releases in one place."""
    for environment in ENVIRONMENTS:
        versions: dict[str, dict[str, str]] = {}
        for lock, releases in held.items():
            for one in releases:
                if one.in_(environment):
                    versions.setdefault(one.name, {}).setdefault(one.version, lock)
        for name, by in versions.items():
            if len(by) > 1:
                spread = ", ".join(f"{version} in {lock}" for version, lock in sorted(by.items()))
                yield f"{name}: {spread}"


def _unmet(
    requirements: Iterable[str],
    present: Mapping[str, list[Version]],
    environment: Mapping[str, str],
) -> Iterator[str]:
    for line in requirements:
        asked = Requirement(line)
        if asked.marker is not None and not asked.marker.evaluate(dict(environment)):
            continue
        versions = present.get(canonicalize_name(asked.name), [])
        if not any(asked.specifier.contains(one, prereleases=True) for one in versions):
            yield f"nothing that is locked satisfies {line}"
