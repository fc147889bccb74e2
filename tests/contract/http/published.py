"""The HTTP interface of each release, which the present one must not break.

    .venv/bin/python -m tests.contract.http.published

writes that of the version in pyproject.toml, at its release.
"""

from pathlib import Path
from typing import Any

import orjson

from heedful.cli.documents_openapi import builds, document
from heedful.common.version import service_version
from tests.contract.http.compatibility import essence

FOLDER = Path(__file__).parent / "published"
COMMAND = ".venv/bin/python -m tests.contract.http.published"


def present() -> dict[str, Any]:
    """As it is now."""
    return essence(document(builds()))


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    path = FOLDER / f"{service_version()}.json"
    path.write_bytes(orjson.dumps(present(), option=options) + b"\n")


if __name__ == "__main__":
    main()
