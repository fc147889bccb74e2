"""`heedful import` against a running ingest: killed, resumed, and with an ingest that dies."""

import csv
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from heedful.cli.importing_output import Reached
from heedful.cli.resuming import load
from tests.e2e.processes import BIN, Process, eventually
from tests.integration.ingest_process import KEY, items_in_log, running_ingest

ROWS = 5_000
GIVEN = ("--channel", "review", "--source", "shop", "--key", KEY)


@pytest.fixture
def ingest(empty_database_url: str, tmp_path: Path) -> Iterator[Process]:
    with running_ingest(empty_database_url, tmp_path) as process:
        yield process


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    rows = "".join(
        f"第{number}条意见,2026/11/{number % 28 + 1} 8:15,{number % 5 + 1}\n"
        if number % 100
        else f",2026/11/{number % 28 + 1},3\n"
        for number in range(ROWS)
    )
    path.write_bytes(f"评价内容,评价时间,星级\n{rows}".encode("gb18030"))
    return path


def begin(file: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [str(BIN / "heedful"), "import", str(file), *arguments]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # What a shell starts in the background ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def end(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Its exit code, and what it has said."""
    said, _ = process.communicate(timeout=120)
    return process.returncode, said.decode()


def progress(file: Path) -> Path:
    return file.with_name(f"{file.name}.report.csv.progress")


def until_under_way(file: Path) -> None:
    def look() -> bool:
        return progress(file).exists() and load(progress(file), Reached).counts.rows > 0

    eventually(look, "rows in the report")


def report(file: Path) -> list[list[str]]:
    with file.with_name(f"{file.name}.report.csv").open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))[1:]


def whole(file: Path) -> Counter[str]:
    """The statuses of a report that tells of every row once, in their order."""
    lines = report(file)
    assert [line[0] for line in lines] == [str(number) for number in range(2, ROWS + 2)]
    return Counter(line[1] for line in lines)


async def test_killed_and_resumed_every_row_is_in_once(
    ingest: Process, file: Path, empty_database_url: str
) -> None:
    run = begin(file, *GIVEN, "--url", ingest.url)
    until_under_way(file)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    done = len(report(file))
    assert 0 < done < ROWS
    refused = end(begin(file, *GIVEN, "--url", ingest.url))
    assert (refused[0], "--resume goes on" in refused[1]) == (2, True)
    code, said = end(begin(file, "--resume", "--key", KEY))
    assert code == 1, said
    assert "going on behind row" in said
    assert f"{ROWS:,} rows: " in said
    found = whole(file)
    assert found["rejected"] == ROWS // 100
    # What was under way at the kill is told as known.
    assert found["duplicate"] <= 1000
    assert found["imported"] + found["duplicate"] == ROWS - ROWS // 100
    assert not progress(file).exists()
    items = await items_in_log(empty_database_url)
    assert len(items) == ROWS - ROWS // 100
    assert set(items.values()) == {1}


async def test_an_ingest_that_dies_is_waited_for(
    ingest: Process, file: Path, empty_database_url: str
) -> None:
    run = begin(file, *GIVEN, "--url", ingest.url)
    until_under_way(file)
    ingest.kill()
    ingest.start()
    ingest.wait_ready()
    code, said = end(run)
    assert code == 1, said
    assert whole(file)["rejected"] == ROWS // 100
    assert len(await items_in_log(empty_database_url)) == ROWS - ROWS // 100


def test_a_key_that_may_not_is_refused_and_leaves_nothing(ingest: Process, file: Path) -> None:
    given = (*GIVEN[:4], "--key", "other", "--url", ingest.url)
    code, said = end(begin(file, *given))
    assert code == 2
    assert "--key" in said
    assert sorted(path.name for path in file.parent.glob("reviews*")) == ["reviews.csv"]


def test_ctrl_c_stops_and_says_how_to_go_on(ingest: Process, file: Path) -> None:
    run = begin(file, *GIVEN, "--url", ingest.url)
    until_under_way(file)
    run.send_signal(signal.SIGINT)
    code, said = end(run)
    assert code == 3, said
    assert "--resume goes on" in said
    assert end(begin(file, "--resume", "--key", KEY))[0] == 1
    assert sum(whole(file).values()) == ROWS


def test_the_same_file_again_is_known_and_a_changed_one_is_not_resumed(
    ingest: Process, file: Path
) -> None:
    run = begin(file, *GIVEN, "--url", ingest.url)
    until_under_way(file)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    content = file.read_bytes()
    file.write_bytes(content + "晚来的一条,2026-11-01,5\n".encode("gb18030"))
    code, said = end(begin(file, "--resume", "--key", KEY))
    assert (code, "is not what" in said) == (2, True)
    file.write_bytes(content)
    assert end(begin(file, *GIVEN, "--url", ingest.url, "--overwrite"))[0] == 1
    assert end(begin(file, *GIVEN, "--url", ingest.url, "--overwrite"))[0] == 1
    assert whole(file)["duplicate"] == ROWS - ROWS // 100
