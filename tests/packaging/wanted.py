"""What is locked, and what pyproject.toml asks for it."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
IMAGES = ("ingest", "nlp", "nlp-torch", "journey", "alerting", "console", "all")
"""Each SERVICE of the Dockerfile; the extra of pyproject.toml has the same name."""
TOOLS = ("uv", "supply", "scan")
"""Dependency groups of pyproject.toml; uv installs the others."""
EVERYWHERE = "otel"
"""The extra that each image holds beside its own."""


@dataclass(frozen=True)
class Wanted:
    """A lock and what must be in it."""

    path: Path
    """From the root of the repository."""
    subject: str
    requirements: tuple[str, ...]
    """Sorted, without heedful itself."""

    @property
    def digest(self) -> str:
        """Of the requirements; the lock carries it."""
        return hashlib.sha256(json.dumps(self.requirements).encode()).hexdigest()


def project() -> dict[str, Any]:
    """pyproject.toml of this tree."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def images(described: Mapping[str, Any]) -> tuple[Wanted, ...]:
    """A lock for each image."""
    base = described["project"]["dependencies"]
    return tuple(
        Wanted(
            Path("deploy/requirements") / f"{extra}.txt",
            f"What the image of SERVICE={extra} holds beside heedful itself.",
            _sorted((*base, *_of_extra(described, extra), *_of_extra(described, EVERYWHERE))),
        )
        for extra in IMAGES
    )


def others(described: Mapping[str, Any]) -> tuple[Wanted, ...]:
    """What builds the wheel, and the tools that look after the locks and scan what is deployed."""
    build = Wanted(
        Path("deploy/requirements/build.txt"),
        "What builds the wheel.",
        _sorted(described["build-system"]["requires"]),
    )
    tools = tuple(
        Wanted(
            Path(".ci/requirements") / f"{group}.txt",
            f"Tools of make: {group}.",
            _sorted(described["dependency-groups"][group]),
        )
        for group in TOOLS
    )
    return (build, *tools)


def _of_extra(described: Mapping[str, Any], extra: str) -> Iterator[str]:
    for line in described["project"]["optional-dependencies"][extra]:
        asked = Requirement(line)
        if asked.name == described["project"]["name"]:
            for other in asked.extras:
                yield from _of_extra(described, other)
        else:
            yield line


def _sorted(lines: Iterator[str] | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(sorted({str(Requirement(line)) for line in lines}, key=str.lower))
