"""What pip-audit found, judged: it calls releases that it could not ask about no problem. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Verdict:
    """What is known of some releases (`name==version`)."""

    clean: frozenset[str]
    vulnerable: Mapping[str, tuple[str, ...]]
    """Release -> advisories, each with the versions that mend it."""
    unknown: Mapping[str, str]
    """Release -> why nothing is known."""


def verdict(
    releases: Iterable[str], reports: Iterable[Mapping[str, Any]], accepted: Iterable[str] = ()
) -> Verdict:
    """The verdict on releases from reports of `pip-audit --format json`.

    Args:
        accepted: ids of advisories that were judged and do not count.
    """
    answers = {
        f"{one['name']}=={one.get('version', '')}": one
        for report in reports
        for one in report["dependencies"]
    }
    skipped = {
        name.partition("==")[0]: one["skip_reason"]
        for name, one in answers.items()
        if "skip_reason" in one
    }
    ignored = frozenset(accepted)
    clean: set[str] = set()
    vulnerable: dict[str, tuple[str, ...]] = {}
    unknown: dict[str, str] = {}
    for release in releases:
        if release not in answers:
            reason = skipped.get(release.partition("==")[0], "pip-audit says nothing about it")
            unknown[release] = str(reason)
            continue
        counting = [
            one
            for one in answers[release]["vulns"]
            if ignored.isdisjoint({one["id"], *one.get("aliases", [])})
        ]
        if counting:
            vulnerable[release] = tuple(_sentence(one) for one in counting)
        else:
            clean.add(release)
    return Verdict(frozenset(clean), vulnerable, unknown)


def _sentence(advisory: Mapping[str, Any]) -> str:
    mended = ", ".join(advisory.get("fix_versions", []))
    return f"{advisory['id']}, {f'mended in {mended}' if mended else 'not mended yet'}"
