"""The cores of a container are those of its quota."""

import os
from pathlib import Path

import pytest

from heedful.nlp.cores import cores

HERE = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("50000 100000", 1),
        ("100000 100000", 1),
        ("150000 100000", min(2, HERE)),
        ("6400000 100000", min(64, HERE)),
        ("max 100000", HERE),
        ("", HERE),
        ("a b", HERE),
        ("100000 0", HERE),
    ],
)
def test_the_quota_of_cgroup_v2(tmp_path: Path, quota: str, expected: int) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert cores(tmp_path) == expected


@pytest.mark.parametrize(("quota", "expected"), [("100000", 1), ("-1", HERE)])
def test_the_quota_of_cgroup_v1(tmp_path: Path, quota: str, expected: int) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota)
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert cores(tmp_path) == expected


def test_without_a_cgroup_all_that_the_process_may_use(tmp_path: Path) -> None:
    assert cores(tmp_path) == HERE
