"""Which licences the images may hold, held against what their packages state. Pure."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.packaging.locked import Locked
from tests.packaging.spdx import refused


@dataclass(frozen=True)
class Exempt:
    """A licence that a few packages may have all the same."""

    licence: str
    packages: frozenset[str]
    reason: str


@dataclass(frozen=True)
class Policy:
    """`.ci/licences.toml`."""

    allowed: frozenset[str]
    spellings: Mapping[str, str]
    """What packages write -> SPDX expression."""
    read: Mapping[str, str]
    """Package -> SPDX expression that somebody read in its files."""
    exempt: tuple[Exempt, ...]

    def expression(self, name: str, stated: str) -> str:
        """The licence of a package as an SPDX expression, as far as it is known."""
        return self.read.get(name, self.spellings.get(stated, stated))


def parsed(text: str) -> Policy:
    """The policy that a TOML document says."""
    document = tomllib.loads(text)
    return Policy(
        frozenset(document["allowed"]),
        document["spellings"],
        document["read"],
        tuple(
            Exempt(one["licence"], frozenset(one["packages"]), one["reason"])
            for one in document["exception"]
        ),
    )


def key(release: Locked) -> str:
    """The name of a release among the statements."""
    return f"{release.name}=={release.version}"


def faults(policy: Policy, stated: Mapping[str, str], releases: Iterable[Locked]) -> Iterator[str]:
    """What the policy does not let pass, and what of it nobody needs."""
    releases = list(releases)
    needed: set[tuple[str, str]] = set()
    for release in releases:
        if key(release) not in stated:
            yield f"{key(release)}: nobody has asked for its licence: make licences"
            continue
        expression = policy.expression(release.name, stated[key(release)])
        try:
            against = refused(expression, policy.allowed.__contains__)
        except ValueError as error:
            yield f"{key(release)}: {error}: read its files, and say it under [read]"
            continue
        for licence in against:
            needed.add((licence, release.name))
            if not _is_exempt(policy, licence, release.name):
                yield f"{key(release)}: {licence} is not allowed"
    names = {release.name for release in releases}
    for one in policy.exempt:
        for name in one.packages:
            if (one.licence, name) not in needed:
                yield f"the exception of {one.licence} for {name} is not needed"
    yield from (f"[read] {name} is in no image" for name in policy.read if name not in names)


def _is_exempt(policy: Policy, licence: str, name: str) -> bool:
    return any(one.licence == licence and name in one.packages for one in policy.exempt)
