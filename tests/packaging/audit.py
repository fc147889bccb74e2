"""Ask for known vulnerabilities of everything that the images hold. Run by `make audit`.

Exit code 1: something is vulnerable. 3: something could not be asked about, and is not called safe.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.packaging.advisories import verdict
from tests.packaging.licences import held
from tests.packaging.policy import key
from tests.packaging.statements import rounds
from tests.packaging.wanted import ROOT

ACCEPTED = ROOT / ".ci" / "advisories.toml"
LIMIT_S = 600


def report(command: Path, options: Sequence[str], releases: Sequence[str]) -> dict[str, Any]:
    """pip-audit's own; without any dependency when it gave none."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("".join(f"{one}\n" for one in releases))
        file.flush()
        run = subprocess.run(
            [
                *(command, "--format", "json", "--progress-spinner", "off", "--timeout", "15"),
                *("--disable-pip", "--no-deps", *options, "--requirement", file.name),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
    try:
        answer: dict[str, Any] = json.loads(run.stdout)
    except json.JSONDecodeError:
        print(run.stderr.strip()[-500:], file=sys.stderr)
        return {"dependencies": []}
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--pip-audit", type=Path, default=ROOT / ".venv-supply" / "bin" / "pip-audit"
    )
    parser.add_argument("options", nargs="*", help="of pip-audit, after --")
    given = parser.parse_args()
    releases = sorted({key(one) for every in held().values() for one in every})
    accepted = tomllib.loads(ACCEPTED.read_text("utf-8"))["accepted"]
    reports = [report(given.pip_audit, given.options, some) for some in rounds(releases)]
    found = verdict(releases, reports, accepted)
    for release, advisories in found.vulnerable.items():
        print(f"VULNERABLE {release}: {'; '.join(advisories)}")
    if found.unknown:
        reason = next(iter(found.unknown.values()))
        print(
            f"NOT AUDITED: {len(found.unknown)} of {len(releases)} releases, the first because: "
            f"{reason}. Run it where the advisories of PyPI can be reached."
        )
    print(f"{len(found.clean)} releases without a known vulnerability.")
    sys.exit(1 if found.vulnerable else 3 if found.unknown else 0)


if __name__ == "__main__":
    main()
