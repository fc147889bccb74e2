"""docs/import.md: its commands do what it says."""

import os
import re
import subprocess
from pathlib import Path

from tests.e2e.processes import BIN
from tests.integration.ingest_process import KEY, running_ingest

PAGE = Path(__file__).parents[3] / "docs" / "import.md"
_BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Each command with what it is said to print; nothing is said of some."""
    found: list[tuple[str, str]] = []
    for kind, content in _BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "bash":
            found.append((content, ""))
        else:
            found[-1] = (found[-1][0], content)
    return found


def plain(text: str) -> str:
    return "".join(text.split())


def test_every_command_of_the_page_prints_what_it_says(
    empty_database_url: str, tmp_path: Path
) -> None:
    with running_ingest(empty_database_url, tmp_path) as process:
        # The key of the page is that of the data folder; here it is another one.
        env = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "KEY": KEY,
            "HEEDFUL_IMPORT_KEY": KEY,
            "COLUMNS": "200",
        }
        assert len(blocks()) >= 8
        for command, said in blocks():
            here = command.replace("http://127.0.0.1:8080", process.url)
            here = re.sub(r"(?m)^(heedful import \S+)", rf"\1 --url {process.url}", here)
            done = subprocess.run(
                ["bash", "-c", here], cwd=tmp_path, env=env, capture_output=True, text=True,
                stdin=subprocess.DEVNULL, timeout=120, check=False,
            )  # fmt: skip
            assert done.returncode in (0, 1), (command, done.stdout, done.stderr)
            assert not done.stderr or "heedful" in command, done.stderr
            printed = plain(done.stdout)
            for line in filter(str.strip, said.splitlines()):
                for part in re.split(r"\s{2,}", line.strip()):
                    assert plain(part) in printed, (command, part, done.stdout, done.stderr)
