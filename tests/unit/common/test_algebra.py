"""Who starts journey, alone or with the others, has one thread for linear algebra."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heedful.common import algebra

_TASKS = Path("/proc/self/task")
_COUNTED = f"""
import numpy, os
numpy.ones((500, 500)) @ numpy.ones((500, 500))
print(len(os.listdir({str(_TASKS)!r})))
"""


@pytest.mark.skipif(not _TASKS.is_dir(), reason="threads are counted by /proc")
@pytest.mark.parametrize(
    "start",
    [
        "import heedful.journey.__main__",
        "from heedful.cli.main import cli; cli(['insights', '--help'], standalone_mode=False)",
    ],
)
def test_one_thread(start: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    ran = subprocess.run(
        [sys.executable, "-c", start + _COUNTED],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.split()[-1] == "1"


def test_what_the_environment_says_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    algebra.one_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
