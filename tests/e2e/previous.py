"""The release before this one, as a tree of its own beside what is installed."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PREVIOUS = ROOT / ".ci" / "previous"
_CODE = ("libs", "services")


def checked_out(folder: Path) -> str:
    """PYTHONPATH of the release that `.ci/previous` names, unpacked into a folder.

    It runs on what is installed for this one: both need the same packages but for what only the
    newer one has. Without the history it fails, in CI and elsewhere: nothing would be proven.
    """
    commit = PREVIOUS.read_text().split()[0]
    packed = subprocess.run(
        ["git", "archive", "--format=tar", commit, *_CODE],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    if packed.returncode:
        pytest.fail(
            f"the previous release, commit {commit} of .ci/previous, is not in this clone "
            f"({packed.stderr.decode().strip()}): git fetch --unshallow, or check out with "
            "fetch-depth: 0"
        )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return ":".join(str(path) for where in _CODE for path in sorted((folder / where).iterdir()))
