"""How many cores this process may use: what the container is given, not what the machine has."""

import math
import os
from pathlib import Path
from typing import Final

_CGROUP: Final = Path("/sys/fs/cgroup")


def cores(cgroup: Path = _CGROUP) -> int:
    """At least 1. A share of a core counts as a whole one.

    The quota is `cpu.max` of cgroup v2, or `cpu/cpu.cfs_quota_us` of v1; who has neither may use
    every core of the process's affinity.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    given = _quota(cgroup)
    return max(1, min(allowed or 1, allowed or 1 if given is None else math.ceil(given)))


def _quota(cgroup: Path) -> float | None:
    """Cores, or None without a limit."""
    found = _words(cgroup / "cpu.max")
    if len(found) != 2:
        found = [
            *_words(cgroup / "cpu" / "cpu.cfs_quota_us"),
            *_words(cgroup / "cpu" / "cpu.cfs_period_us"),
        ]
    try:
        quota, period = map(int, found)
    except ValueError:  # "max", or a form that we do not know
        return None
    return quota / period if quota > 0 and period > 0 else None


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
