"""The live app answers as its document says, whatever it is sent.

`HTTP_EXAMPLES=200 pytest tests/contract/http` looks longer: so many random requests of each
operation instead of two.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.contract.http.conftest import Target
from tests.contract.http.hooks import IDS, URL
from tests.integration.conftest import API_KEY

ROOT = Path(__file__).parents[3]
CONFIG = Path(__file__).parent / "schemathesis.toml"
LIMIT_S = 900
# A channel that signs every request is not verified by one without a body.
NEVER_DONE = {"verify_channel"}
# Steps of a case or an issue that a person takes, that name another case, or that only follow upon
# others, and what a lead decides of customers: tests/integration takes each of them.
OF_A_STATE = {
    "add_cases_to_issue",
    "answer_issue",
    "approve_dismissal",
    "claim_case",
    "close_case",
    "close_issue",
    "contact_case",
    "dismiss_case",
    "keep_customers_apart",
    "land_case",
    "merge_case",
    "merge_customer",
    "open_issue",
    "pause_case",
    "plan_issue",
    "remove_case_from_issue",
    "reopen_case",
    "resume_case",
    "revoke_decision",
    "split_case",
    "start_case",
    "unmerge_case",
    "unmerge_customer",
    "verify_case",
}


def test_every_answer_is_as_documented(target: Target, tmp_path: Path) -> None:
    """And every operation is done at least once: with made up ids, or a header that is refused
    before the body, all would be 4xx, as documented."""
    archive = tmp_path / "archive.har"
    # The first to ask waits until it is made, longer than schemathesis has patience.
    document = httpx.get(f"{target.url}/openapi.json", timeout=120).json()
    examples = os.environ.get("HTTP_EXAMPLES")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", f"--config-file={CONFIG}", "run"),
            *(f"{target.url}/openapi.json", f"--header=X-API-Key: {API_KEY}"),
            *("--report=har", f"--report-har-path={archive}"),
            *(() if examples is None else (f"--max-examples={examples}",)),
        ],
        # Whatever it keeps, it keeps where the test is.
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), URL: target.url, IDS: target.ids},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
    names = {name for _, _, name in _operations(document)}
    undone = names - set(_succeeded(archive, document)) - NEVER_DONE - OF_A_STATE
    assert not undone, ", ".join(sorted(undone))


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, re.Pattern[str], str]]:
    """Method, form of the path, and name; exact paths before those with parameters."""
    for path, found in sorted(document["paths"].items(), key=lambda one: one[0].count("{")):
        form = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
        for method, operation in found.items():
            yield method.upper(), form, operation["operationId"]


def _succeeded(archive: Path, document: dict[str, Any]) -> Iterator[str]:
    """Names of operations that were done."""
    operations = list(_operations(document))
    for entry in json.loads(archive.read_bytes())["log"]["entries"]:
        path = httpx.URL(entry["request"]["url"]).raw_path.decode().partition("?")[0]
        if entry["response"]["status"] < 300:
            yield next(
                name
                for method, form, name in operations
                if method == entry["request"]["method"] and form.fullmatch(path)
            )
