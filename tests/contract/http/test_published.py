"""The gate: no change breaks who calls a published version."""

from pathlib import Path

import pytest

from heedful.common.version import service_version
from tests.contract.http.compatibility import compare
from tests.contract.http.published import COMMAND, FOLDER, present, read

RELEASES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_who_calls_a_published_version_goes_on_to_be_served(release: Path) -> None:
    breaks = compare(read(release), present()).breaks
    assert breaks == [], (
        "undo it, or make a path of another major version beside this one; what was never "
        f"released may be published anew: {COMMAND}"
    )


def test_the_version_of_today_is_published() -> None:
    assert service_version() in [path.stem for path in RELEASES], COMMAND
